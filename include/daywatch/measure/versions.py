"""A window's results by model version, where more than one version served it: answers, labels, operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.slices import OF_VERSIONS
from daywatch.engine.duck import duckdb_in, text
from daywatch.measure.column_pass import read_columns
from daywatch.measure.columns.counts import data_metrics
from daywatch.measure.columns.tables import Role, measured_columns, open_tables
from daywatch.measure.drift.metrics import drift_metrics
from daywatch.measure.performance.performance import Performance
from daywatch.measure.service.latency import measure_operations
from daywatch.measure.service.past_windows import Setting
from daywatch.measure.service.serving import VALUES

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.service.past_windows import Served
    from daywatch.results import Metric

MOST_VERSIONS = 10
"""Versions that get results of their own, those with the most records: a hostile capture may name millions."""

_MEASURED = frozenset({"rows", "labelled", "labelled_share", "prediction_drift", "target_drift"})


def version_metrics(
    reference: Path,
    current: Path,
    usual: Path,
    operations: Path,
    served: tuple[Served, ...],
    model: MonitoredModel,
    scratch: Path,
) -> list[Metric]:
    """Return rows, performance, drift of answers and labels, and operations of each version, as slices.

    The slices are called ``version=<v>``.

    Each is held against the same baseline as the window. One version alone is the window itself: no slices.

    Args:
        reference: Canonical Parquet of the baseline.
        current: Canonical Parquet of the window.
        usual: Parquet of how the baseline was served.
        operations: Parquet that says which version answered which record.
        served: What served the window.
        model: What is measured and how.
        scratch: Folder for the rows of a version.
    """
    versions = [one.value for one in served if one.setting is Setting.MODEL_VERSION]
    if len(versions) < 2:
        return []
    found: list[Metric] = []
    for version in versions[:MOST_VERSIONS]:
        served_by, rows = _files_of(version, current, operations, scratch)
        measured = [
            *_measured(reference, rows, model, scratch),
            *measure_operations(usual, served_by, model.operations, scratch).metrics,
        ]
        found += [metric.model_copy(update={"slice": f"{OF_VERSIONS}{version}"}) for metric in measured]
    return found


def _files_of(version: str, current: Path, operations: Path, scratch: Path) -> tuple[Path, Path]:
    """Write the records of one version, and the rows that it answered; the next version's replace them."""
    served_by, rows = scratch / "version_operations.parquet", scratch / "version.parquet"
    queries = {
        served_by: f"""
            SELECT * FROM read_parquet({text(str(operations))})
            WHERE {VALUES[Setting.MODEL_VERSION]} = {text(version)} ORDER BY inference_time, event_id
        """,
        rows: f"""
            SELECT * FROM read_parquet({text(str(current))})
            WHERE event_id IN (
                SELECT event_id FROM read_parquet({text(str(served_by))})
                WHERE coalesce(status, 'succeeded') = 'succeeded'
            )
            ORDER BY inference_time, event_id, row_in_record
        """,
    }
    with duckdb_in(scratch) as connection:
        for target, query in queries.items():
            connection.execute(f"COPY ({query}) TO {text(str(target))} (FORMAT parquet)")
    return served_by, rows


def _measured(reference: Path, rows: Path, model: MonitoredModel, scratch: Path) -> list[Metric]:
    """Measure answers and labels; features are the business of the whole window."""
    columns = tuple(column for column in measured_columns(model) if column.role is not Role.FEATURE)
    with open_tables(reference, rows, columns, scratch) as tables:
        read = read_columns(tables, model)
        metrics = [
            *data_metrics(tables, read.facts, model.drift.null_share_rise),
            *drift_metrics(read.scores, model),
        ]
        return [
            *(metric for metric in metrics if metric.name in _MEASURED),
            *Performance(tables, model).window()[0],
        ]
