"""What the warehouse knows about windows already judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.results import Record, State
from daywatch.warehouse import tables
from daywatch.window import Window

if TYPE_CHECKING:
    from datetime import datetime

_KEY = ("model", "window_start", "window_end")
_OF_COLUMNS = ("drift_score", "null_share", "non_finite")


class JudgedWindow(Record):
    """A window's newest verdict.

    Attributes:
        model: Whose.
        window: Its key.
        state: The verdict.
        short: Its first reason in a few words.
        reasons: Its reasons.
        rows: Inferences.
        labelled: Inferences with a label.
        metrics: Metrics of the whole window by name; None where not measured.
        revision: Of the evidence.
    """

    model: str
    window: str
    state: State
    short: str
    reasons: tuple[str, ...]
    rows: int
    labelled: int
    metrics: dict[str, float | None]
    revision: str


def judged_windows(
    connection: sa.Connection, model: str, *, before: datetime | None = None, limit: int | None = None
) -> list[JudgedWindow]:
    """Return a model's judged windows, oldest first.

    Args:
        connection: To the warehouse.
        model: Whose windows.
        before: Only windows that end at or before this moment.
        limit: At most so many, the latest.
    """
    runs = tables.window_run
    query = _newest_verdicts(model).order_by(runs.c.window_start.desc(), runs.c.window_end.desc())
    if before is not None:
        query = query.where(runs.c.window_end <= before)
    rows = connection.execute(query.limit(limit) if limit else query).all()
    metrics = _metrics(connection, model, [row.revision for row in rows])
    return [_judged(model, row, metrics.get((row.window_start, row.revision), {})) for row in reversed(rows)]


def current_revisions(connection: sa.Connection, model: str, until: datetime) -> list[tuple[Window, str]]:
    """Return the windows that end at or before a moment, each with its newest revision, oldest first."""
    query = _newest_verdicts(model).where(tables.window_run.c.window_end <= until)
    rows = connection.execute(query.order_by(tables.window_run.c.window_start)).all()
    return [(Window(row.window_start, row.window_end), row.revision) for row in rows]


def _newest_verdicts(model: str) -> sa.Select[Any]:
    """Return the query for the newest revision of each window."""
    runs, verdict, labels = tables.window_run, tables.verdict, tables.label_coverage
    newest = (
        sa.select(*(runs.c[name] for name in _KEY), sa.func.max(runs.c.sequence).label("sequence"))
        .where(runs.c.model == model)
        .group_by(*(runs.c[name] for name in _KEY))
        .subquery()
    )
    same = (*_KEY, "revision")
    joined = (
        runs.join(newest, sa.and_(*(runs.c[name] == newest.c[name] for name in (*_KEY, "sequence"))))
        .join(verdict, sa.and_(*(verdict.c[name] == runs.c[name] for name in same), verdict.c.slice == ""))
        .join(labels, sa.and_(*(labels.c[name] == runs.c[name] for name in same)))
    )
    shown = (runs.c.window_start, runs.c.window_end, runs.c.revision, runs.c.rows, labels.c.labelled)
    return sa.select(*shown, verdict.c.state, verdict.c.short, verdict.c.reasons).select_from(joined)


def _metrics(
    connection: sa.Connection, model: str, revisions: list[str]
) -> dict[tuple[datetime, str], dict[str, float | None]]:
    """Return the metrics of whole windows by window start and revision."""
    values = tables.metric_value
    query = (
        sa.select(values.c.window_start, values.c.revision, values.c.metric, values.c.value)
        .where(values.c.model == model, values.c.revision.in_(revisions), values.c.slice == "")
        .where(values.c.metric.not_in(_OF_COLUMNS))
        .order_by(values.c.metric)
    )
    found: dict[tuple[datetime, str], dict[str, float | None]] = {}
    for row in connection.execute(query):
        found.setdefault((row.window_start, row.revision), {})[row.metric] = row.value
    return found


def _judged(model: str, row: Any, metrics: dict[str, float | None]) -> JudgedWindow:
    return JudgedWindow(
        model=model,
        window=Window(row.window_start, row.window_end).key,
        state=State(row.state),
        short=row.short,
        reasons=tuple(row.reasons),
        rows=row.rows,
        labelled=row.labelled,
        metrics=metrics,
        revision=row.revision,
    )
