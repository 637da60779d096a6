"""The sources of captures by their names in the YAML."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from daywatch.config.model.model import MonitoredModel
from daywatch.ingest.captures.sagemaker_batch import BatchSource
from daywatch.ingest.captures.sagemaker_realtime import RealtimeSource
from daywatch.ingest.captures.table import TableSource
from daywatch.ingest.captures.transaction_records import TransactionSource
from daywatch.ingest.payloads.positions import answer_width, column_positions

if TYPE_CHECKING:
    from daywatch.ingest.captures.source import Source

SOURCES: dict[str, Callable[[Any, MonitoredModel], Source]] = {
    "sagemaker_realtime": lambda capture, _: RealtimeSource(capture),
    "sagemaker_batch": lambda capture, model: BatchSource(capture, answer_width(model)),
    "transaction_records": lambda capture, _: TransactionSource(capture),
    "table": lambda capture, model: TableSource(capture, column_positions(model)),
}


def source_of(model: MonitoredModel) -> Source:
    """Return the source that reads a model's captures."""
    return SOURCES[model.capture.source](model.capture, model)
