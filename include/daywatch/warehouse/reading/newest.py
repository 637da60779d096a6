"""The newest window of each model, with its numbers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from daywatch.results import State
from daywatch.warehouse import result_tables, tables

_SAME = ("model", "window_start", "window_end", "revision")


class NewestWindow(NamedTuple):
    """The newest window of a model, at its newest revision.

    Attributes:
        model: Name of the model.
        end: End of the window.
        state: Verdict.
        records: Number of capture records.
        quarantined: Number of records that could not be read.
    """

    model: str
    end: datetime
    state: State
    records: int
    quarantined: int


class NewestNumbers(NamedTuple):
    """The newest windows of all models, with their numbers.

    Attributes:
        windows: The windows, by model.
        metrics: Model, metric and value of whole windows, in order.
        stages: Model, stage and seconds, in order.
    """

    windows: list[NewestWindow]
    metrics: list[tuple[str, str, float]]
    stages: list[tuple[str, str, float]]


def newest_numbers(connection: sa.Connection) -> NewestNumbers:
    """Return the newest windows of all models with their metrics; none of columns, classes and slices.

    Args:
        connection: Connection to the warehouse.
    """
    newest = _newest()
    verdict, values, stages = result_tables.verdict, result_tables.metric_value, tables.stage_run

    def of(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(*(table.c[name] == newest.c[name] for name in _SAME))

    windows = (
        sa.select(
            newest.c.model, newest.c.window_end, verdict.c.state, newest.c.records, newest.c.quarantined
        )
        .join(verdict, sa.and_(of(verdict), verdict.c.slice == ""))
        .order_by(newest.c.model)
    )
    metrics = (
        sa.select(values.c.model, values.c.metric, values.c.value)
        .join_from(newest, values, of(values))
        .where(values.c.slice == "", values.c.column_name == "", values.c.class_name == "")
        .where(values.c.value.is_not(None))
        .order_by(values.c.model, values.c.metric)
    )
    seconds = (
        sa.select(stages.c.model, stages.c.stage, stages.c.seconds)
        .join_from(newest, stages, of(stages))
        .order_by(stages.c.model, stages.c.stage)
    )
    return NewestNumbers(
        [NewestWindow(row[0], row[1], State(row[2]), row[3], row[4]) for row in connection.execute(windows)],
        [(row[0], row[1], row[2]) for row in connection.execute(metrics)],
        [(row[0], row[1], row[2]) for row in connection.execute(seconds)],
    )


def _newest() -> sa.CTE:
    """Return the run that counts of each model's newest window, looked up model by model in the primary key."""
    runs = tables.window_run
    inner = runs.alias()
    latest = (
        sa.select(inner.c.window_start)
        .where(inner.c.model == tables.model.c.model)
        .order_by(inner.c.window_start.desc())
        .limit(1)
        .scalar_subquery()
    )
    starts = sa.select(tables.model.c.model, latest.label("window_start")).cte("latest")
    starts = starts.prefix_with("MATERIALIZED", dialect="postgresql")
    later = runs.alias()
    replaced = sa.exists().where(
        later.c.model == runs.c.model,
        later.c.window_start == runs.c.window_start,
        sa.or_(
            later.c.window_end > runs.c.window_end,
            sa.and_(later.c.window_end == runs.c.window_end, later.c.sequence > runs.c.sequence),
        ),
    )
    same = sa.and_(runs.c.model == starts.c.model, runs.c.window_start == starts.c.window_start)
    return sa.select(runs).join_from(starts, runs, same).where(~replaced).cte("newest")
