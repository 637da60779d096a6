"""The sources of captures by their names in the YAML."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from daywatch.config.model.model import MonitoredModel
from daywatch.ingest.captures.kserve_log import KServeSource
from daywatch.ingest.captures.sagemaker_batch import BatchSource
from daywatch.ingest.captures.sagemaker_realtime import RealtimeSource
from daywatch.ingest.captures.sql import SqlSource
from daywatch.ingest.captures.table import TableSource
from daywatch.ingest.captures.transaction_records import TransactionSource
from daywatch.ingest.payloads.positions import answer_width, column_positions

if TYPE_CHECKING:
    from daywatch.ingest.captures.source import Source, SourceObject
    from daywatch.storage import StoredObject

SOURCES: dict[str, Callable[[Any, MonitoredModel], Source]] = {
    "sagemaker_realtime": lambda capture, _: RealtimeSource(capture),
    "sagemaker_batch": lambda capture, model: BatchSource(capture, answer_width(model)),
    "transaction_records": lambda capture, _: TransactionSource(capture),
    "kserve_log": lambda capture, _: KServeSource(capture),
    "sql": lambda capture, model: SqlSource(capture, column_positions(model)),
    "table": lambda capture, model: TableSource(capture, column_positions(model)),
}


def source_of(model: MonitoredModel) -> Source:
    """Return the source that reads a model's captures."""
    return SOURCES[model.capture.source](model.capture, model)


def stored_as_read(source: Source, objects: list[SourceObject]) -> list[StoredObject]:
    """Return the objects as the evidence lists them: a query with a fingerprint, requests with their responses."""
    if isinstance(source, SqlSource):
        return source.with_fingerprints(objects)
    if isinstance(source, KServeSource):
        return source.all_stored(objects)
    return [one.stored for one in objects]
