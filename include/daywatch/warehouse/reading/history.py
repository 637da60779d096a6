"""The history of a model: its judged windows, and the numbers that charts show, each at the newest revision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from daywatch.results import Record, State
from daywatch.warehouse import result_tables, tables
from daywatch.window import Window

_SAME = ("model", "window_start", "window_end", "revision")


class HistoryWindow(Record):
    """A judged window of a model, at its newest revision.

    Attributes:
        window: Key of the window.
        start: Its start.
        revision: Its newest revision.
        baseline_id: The baseline that it was compared with.
        state: Verdict.
        short: First reason in a few words.
        records: Number of capture records.
        rows: Number of inferences.
        labelled: Number of inferences with a label.
        share_by_day: Share labelled on each day after the window, empty where nobody counted.
    """

    window: str
    start: datetime
    revision: str
    baseline_id: str
    state: State
    short: str
    records: int
    rows: int
    labelled: int
    share_by_day: tuple[float, ...] = ()


class Measured(NamedTuple):
    """A metric of one window.

    Attributes:
        window: Start of the window.
        metric: Name of the metric.
        column: Name of the column, empty for the whole window.
        value: The value, None where it was not measured.
        low: Lower end of the 95 % confidence interval.
        high: Upper end of it.
        baseline: The value in the baseline.
        threshold: The threshold, None where there is none.
        method: How the value was computed.
        status: ``measured``, ``alert`` or ``not_measured``.
    """

    window: datetime
    metric: str
    column: str
    value: float | None
    low: float | None
    high: float | None
    baseline: float | None
    threshold: float | None
    method: str
    status: str


def judged_span(connection: sa.Connection, model: str) -> tuple[datetime, datetime] | None:
    """Return the start of a model's first judged window and the end of its last one, None without one.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
    """
    runs = tables.window_run
    of_model = sa.select(runs.c.window_start, runs.c.window_end).where(runs.c.model == model).limit(1)
    first = connection.execute(of_model.order_by(runs.c.window_start)).first()
    last = connection.execute(of_model.order_by(runs.c.window_start.desc(), runs.c.window_end.desc())).first()
    return (first.window_start, last.window_end) if first and last else None


def history(connection: sa.Connection, model: str, days: Window) -> list[HistoryWindow]:
    """Return the judged windows of a model that lie within some days, oldest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: The days.
    """
    newest, verdict, labels = _newest(model, days), result_tables.verdict, result_tables.label_coverage
    of_verdict = sa.and_(*(verdict.c[name] == newest.c[name] for name in _SAME), verdict.c.slice == "")
    query = (
        sa.select(
            *(
                newest.c[name]
                for name in ("window_start", "window_end", "revision", "baseline_id", "records", "rows")
            ),
            *(verdict.c[name] for name in ("state", "short")),
            *(labels.c[name] for name in ("labelled", "share_by_day")),
        )
        .join(verdict, of_verdict)
        .join(labels, sa.and_(*(labels.c[name] == newest.c[name] for name in _SAME)))
        .order_by(newest.c.window_start, newest.c.window_end)
    )
    return [
        HistoryWindow(
            window=Window(row.window_start, row.window_end).key,
            start=row.window_start,
            revision=row.revision,
            baseline_id=row.baseline_id,
            state=State(row.state),
            short=row.short,
            records=row.records,
            rows=row.rows,
            labelled=row.labelled,
            share_by_day=tuple(row.share_by_day or ()),
        )
        for row in connection.execute(query)
    ]


def planned_metrics(connection: sa.Connection, model: str, days: Window) -> list[str]:
    """Return the metrics of whole windows that a model was judged by within some days, in the plan's order.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: The days.
    """
    rules = result_tables.rule_outcome
    query = (
        sa.select(rules.c.metric)
        .where(rules.c.model == model, rules.c.window_start >= days.start, rules.c.window_start < days.end)
        .where(rules.c.column_name == "", rules.c.class_name == "", rules.c.slice == "")
        .group_by(rules.c.metric)
        .order_by(sa.func.min(rules.c.position), rules.c.metric)
    )
    return list(connection.execute(query).scalars())


def measured(
    connection: sa.Connection, model: str, days: Window, metrics: Collection[str], *, of_columns: bool = False
) -> list[Measured]:
    """Return metrics of the windows within some days, oldest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: The days.
        metrics: Names of the metrics.
        of_columns: Those of single columns, and not those of whole windows.
    """
    newest, values = _newest(model, days), result_tables.metric_value
    about = values.c.column_name != "" if of_columns else values.c.column_name == ""
    query = (
        sa.select(
            values.c.window_start,
            values.c.metric,
            values.c.column_name,
            *(values.c[name] for name in ("value", "low", "high", "baseline_value", "threshold")),
            *(values.c[name] for name in ("method", "status")),
        )
        .join_from(newest, values, sa.and_(*(values.c[name] == newest.c[name] for name in _SAME)))
        .where(values.c.slice == "", values.c.class_name == "", about, values.c.metric.in_(sorted(metrics)))
        .order_by(values.c.window_start, values.c.metric, values.c.column_name)
    )
    return [Measured(*row) for row in connection.execute(query)]


def answered_classes(
    connection: sa.Connection, model: str, days: Window
) -> list[tuple[datetime, dict[str, int], int]]:
    """Return how often each class was predicted in the windows within some days, and the rows of each window.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: The days.
    """
    newest, profiles = _newest(model, days), result_tables.column_profile
    query = (
        sa.select(profiles.c.window_start, profiles.c.detail, profiles.c["count"])
        .join_from(newest, profiles, sa.and_(*(profiles.c[name] == newest.c[name] for name in _SAME)))
        .where(profiles.c.slice == "", profiles.c.column_name == "prediction", ~profiles.c.of_baseline)
        .order_by(profiles.c.window_start)
    )
    return [
        (start, {one["value"]: one["count"] for one in detail["frequent"]}, rows)
        for start, detail, rows in connection.execute(query)
    ]


def _newest(model: str, days: Window) -> sa.Subquery:
    """Return the runs of the windows within some days at their newest revisions."""
    runs = tables.window_run
    later = runs.alias()
    key = ("model", "window_start", "window_end")
    replaced = sa.exists().where(
        *(later.c[name] == runs.c[name] for name in key), later.c.sequence > runs.c.sequence
    )
    return (
        sa.select(runs)
        .where(runs.c.model == model, runs.c.window_start >= days.start, runs.c.window_end <= days.end)
        .where(~replaced)
        .subquery()
    )
