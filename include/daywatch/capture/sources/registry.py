"""Which source reads which configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from daywatch.capture.sources.sagemaker_batch import BatchSource
from daywatch.capture.sources.sagemaker_realtime import RealtimeSource
from daywatch.capture.sources.table import TableSource
from daywatch.capture.sources.transaction_records import TransactionSource

if TYPE_CHECKING:
    from daywatch.capture.sources.source import Source
    from daywatch.config.model import MonitoredModel

SOURCES: dict[str, Callable[[Any], Source]] = {
    "sagemaker_realtime": RealtimeSource,
    "sagemaker_batch": BatchSource,
    "transaction_records": TransactionSource,
    "table": TableSource,
}


def source_of(model: MonitoredModel) -> Source:
    """Return the source that reads a model's captures."""
    return SOURCES[model.capture.source](model.capture)
