"""Results by model version, if more than one version served a window: outputs, labels, operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.model.slices import OF_VERSIONS
from daywatch.engine.duck import duckdb_in, text
from daywatch.measure.column_pass import read_columns
from daywatch.measure.columns.data_metrics import data_metrics
from daywatch.measure.columns.measured_columns import Role, measured_columns
from daywatch.measure.columns.tables import open_tables
from daywatch.measure.drift.metrics import drift_metrics
from daywatch.measure.performance.performance import PerformanceEvaluator
from daywatch.measure.service.latency import measure_operations
from daywatch.measure.service.past_windows import Setting
from daywatch.measure.service.serving import VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.service.past_windows import Served
    from daywatch.results import Metric

MOST_VERSIONS = 10
"""At most so many versions get results, those with the most records. A hostile capture may name millions."""

_MEASURED = frozenset({"rows", "labelled", "labelled_share", "prediction_drift", "target_drift"})


class ComparedFiles(NamedTuple):
    """The files of the baseline and of the window that are compared.

    Attributes:
        baseline: Canonical Parquet of the baseline.
        window: Canonical Parquet of the window.
        operations: Parquet of the window's operations, one row a record.
        baseline_operations: Parquet of the baseline's operations, one row a record.
    """

    baseline: Path
    window: Path
    operations: Path
    baseline_operations: Path


def version_metrics(
    files: ComparedFiles,
    served: tuple[Served, ...],
    model: MonitoredModel,
    scratch: Path,
    own: Mapping[str, tuple[Path, Path]],
) -> list[Metric]:
    """Return rows, performance, drift of outputs and labels, and operations of each version, as slices.

    The slices are called ``version=<v>``. Each is compared with its own baseline, or else with that of the window.
    With only one version there are no slices: they would equal the window.

    Args:
        files: The files of baseline and window.
        served: What served the window.
        model: The model, which says what is measured and how.
        scratch: Folder for the files of one version.
        own: Rows and operations of the baselines of single versions.
    """
    versions = [one.value for one in served if one.setting is Setting.MODEL_VERSION]
    if len(versions) < 2:
        return []
    found: list[Metric] = []
    for version in versions[:MOST_VERSIONS]:
        operations, rows = _files_of(version, files, scratch)
        baseline, served_before = own.get(version, (files.baseline, files.baseline_operations))
        measured = [
            *_row_metrics(baseline, rows, model, scratch),
            *measure_operations(served_before, operations, model.operations, scratch).metrics,
        ]
        found += [metric.model_copy(update={"slice": f"{OF_VERSIONS}{version}"}) for metric in measured]
    return found


def _files_of(version: str, files: ComparedFiles, scratch: Path) -> tuple[Path, Path]:
    """Write the records that one version served, and their rows, over those of the version before."""
    operations, rows = scratch / "version_operations.parquet", scratch / "version.parquet"
    queries = {
        operations: f"""
            SELECT * FROM read_parquet({text(str(files.operations))})
            WHERE {VALUES[Setting.MODEL_VERSION]} = {text(version)} ORDER BY inference_time, event_id
        """,
        rows: f"""
            SELECT * FROM read_parquet({text(str(files.window))})
            WHERE event_id IN (
                SELECT event_id FROM read_parquet({text(str(operations))})
                WHERE coalesce(status, 'succeeded') = 'succeeded'
            )
            ORDER BY inference_time, event_id, row_in_record
        """,
    }
    with duckdb_in(scratch) as connection:
        for target, query in queries.items():
            connection.execute(f"COPY ({query}) TO {text(str(target))} (FORMAT parquet)")
    return operations, rows


def _row_metrics(baseline: Path, rows: Path, model: MonitoredModel, scratch: Path) -> list[Metric]:
    """Measure outputs and labels; features are measured only for the whole window."""
    columns = tuple(column for column in measured_columns(model) if column.role is not Role.FEATURE)
    with open_tables(baseline, rows, columns, scratch) as tables:
        read = read_columns(tables, model)
        metrics = [
            *data_metrics(tables, read.counts, model.drift.null_share_rise),
            *drift_metrics(read.scores, model),
        ]
        return [
            *(metric for metric in metrics if metric.name in _MEASURED),
            *PerformanceEvaluator(tables, model).compare_sides().metrics,
        ]
