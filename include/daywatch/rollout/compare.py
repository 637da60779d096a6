"""Two versions on the labelled rows of the hours in which both served."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.model.retraining import AREA
from daywatch.engine.duck import duckdb_in, text
from daywatch.measure.columns.measured_columns import Role, measured_columns
from daywatch.measure.columns.tables import Side as TableSide
from daywatch.measure.columns.tables import open_tables
from daywatch.measure.performance.performance import PerformanceEvaluator
from daywatch.retrain.sums import SUMS
from daywatch.rollout.two_samples import bootstrap_two, difference_of_areas
from daywatch.rollout.verdict import RolloutVerdict, Side, judge_rollout

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.rollout import Rollout
    from daywatch.measure.performance.labelled_rows import LabelledRows
    from daywatch.retrain.paired import Difference


class ServedFiles(NamedTuple):
    """The files of a window.

    Attributes:
        window: The window's key.
        inferences: Canonical Parquet.
        operations: Parquet of the operations, one row a record.
    """

    window: str
    inferences: Path
    operations: Path


def compare_versions(
    files: Sequence[ServedFiles], model: MonitoredModel, settings: Rollout, scratch: Path
) -> RolloutVerdict:
    """Compare two versions on the labelled rows of the hours in which both served, and judge the candidate.

    Args:
        files: The windows that count, oldest first.
        model: The model's configuration.
        settings: The rollout.
        scratch: Folder for the rows of each version.
    """
    paths, hours = _rows_of(files, settings, scratch)
    columns = tuple(column for column in measured_columns(model) if column.role is not Role.FEATURE)
    with open_tables(*paths, columns, scratch) as tables:
        evaluator = PerformanceEvaluator(tables, model)
        rows = [evaluator.labelled_rows(side) for side in (TableSide.BASELINE, TableSide.WINDOW)]
        values = [evaluator.measures(one).get((settings.metric, "")) for one in rows]
    sides = [
        Side(version=version, rows=len(one.label), value=value.value if value is not None else None)
        for version, one, value in zip((settings.champion, settings.candidate), rows, values, strict=True)
    ]
    difference = _difference(rows[1], rows[0], model, settings.metric)
    days = (files[0].window, files[-1].window) if files else ("", "")
    return judge_rollout(settings, sides[0], sides[1], difference, hours, days)


def _rows_of(files: Sequence[ServedFiles], settings: Rollout, scratch: Path) -> tuple[tuple[Path, Path], int]:
    """Write the labelled rows of each version in the hours in which both served; return the files and the hours."""
    inferences, operations = (
        ", ".join(text(str(path)) for path in paths)
        for paths in ([one.inferences for one in files], [one.operations for one in files])
    )
    versions = (settings.champion, settings.candidate)
    targets = (scratch / "champion.parquet", scratch / "candidate.parquet")
    with duckdb_in(scratch) as connection:
        connection.execute(
            f"""
            CREATE TEMP TABLE served AS
            SELECT DISTINCT event_id, model_version, date_trunc('hour', inference_time) AS hour
            FROM read_parquet([{operations}], union_by_name = true)
            WHERE model_version IN (?, ?) AND coalesce(status, 'succeeded') = 'succeeded'
            """,
            list(versions),
        )
        connection.execute("""
            CREATE TEMP TABLE hours AS
            SELECT hour FROM served GROUP BY hour HAVING count(DISTINCT model_version) = 2
        """)
        (hours,) = connection.execute("SELECT count(*) FROM hours").fetchone() or (0,)
        for version, target in zip(versions, targets, strict=True):
            connection.execute(f"""
                COPY (
                    SELECT * FROM read_parquet([{inferences}], union_by_name = true)
                    WHERE label IS NOT NULL AND event_id IN (
                        SELECT event_id FROM served
                        WHERE model_version = {text(version)} AND hour IN (SELECT hour FROM hours)
                    )
                    ORDER BY inference_time, event_id, row_in_record
                ) TO {text(str(target))} (FORMAT parquet)
            """)
    return targets, int(hours)


def _difference(
    candidate: LabelledRows, champion: LabelledRows, model: MonitoredModel, metric: str
) -> Difference | None:
    """Return the difference of the metric, None without one."""
    import numpy as np

    if not (len(candidate.label) and len(champion.label)):
        return None
    positive = -1
    if candidate.classes and model.output.positive_class in candidate.classes:
        positive = candidate.classes.index(model.output.positive_class)
    if metric != AREA:
        sums = SUMS[metric]
        return bootstrap_two(sums.values(candidate, positive), sums.values(champion, positive), sums.metric)
    scored = []
    for rows in (candidate, champion):
        if rows.probability is None:
            return None
        known = np.isfinite(rows.probability)
        scored.append((rows.label[known] == positive, rows.probability[known]))
    return difference_of_areas(scored[0], scored[1])
