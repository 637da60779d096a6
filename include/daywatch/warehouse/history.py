"""The judged windows of a model."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.results import Record, State
from daywatch.run import WindowRun
from daywatch.warehouse import result_tables, tables
from daywatch.window import Window

if TYPE_CHECKING:
    from datetime import datetime

_KEY = ("model", "window_start", "window_end")
_OF_COLUMNS = ("drift_score", "null_share", "non_finite")


class JudgedWindow(Record):
    """A window's newest verdict.

    Attributes:
        model: Name of the model.
        window: Key of the window.
        state: Verdict on the window.
        short: First reason in a few words.
        reasons: Reasons as sentences, worst first.
        rows: Number of inferences.
        labelled: Number of inferences with a label.
        metrics: Metrics of the whole window by name, None where not measured.
        revision: Newest revision of the window.
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
    connection: sa.Connection,
    model: str,
    *,
    before: datetime | None = None,
    since: date | None = None,
    limit: int | None = None,
    known_on: date | None = None,
) -> list[JudgedWindow]:
    """Return a model's judged windows, oldest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        before: Only windows that end at or before this timestamp.
        since: Only windows that start on this day or later.
        limit: Number of windows at most; the latest are returned.
        known_on: Only what was recorded by the end of this day, UTC.
    """
    runs = tables.window_run
    query = _newest_verdicts(model, known_on).order_by(runs.c.window_start.desc(), runs.c.window_end.desc())
    if before is not None:
        query = query.where(runs.c.window_end <= before)
    if since is not None:
        query = query.where(runs.c.window_start >= Window.of_day(since).start)
    rows = connection.execute(query.limit(limit) if limit else query).all()
    metrics = _metrics(connection, model, [row.revision for row in rows])
    return [_judged(model, row, metrics.get((row.window_start, row.revision), {})) for row in reversed(rows)]


def judged_runs(connection: sa.Connection, model: str, limit: int) -> list[tuple[WindowRun, State, str]]:
    """Return the runs of a model's latest judged windows, each at its newest revision, oldest first.

    Each comes with its state, and with the first reason in a few words.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        limit: Number of windows at most.
    """
    runs = tables.window_run
    query = _newest_verdicts(model).add_columns(runs.c.baseline_id)
    query = query.order_by(runs.c.window_start.desc(), runs.c.window_end.desc()).limit(limit)
    rows = reversed(connection.execute(query).all())
    return [(_run(model, row), State(row.state), row.short) for row in rows]


def judged_run(connection: sa.Connection, model: str, window: Window | None = None) -> WindowRun | None:
    """Return the run of a judged window at its newest revision, None where it was not judged.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window; None for the latest one.
    """
    runs = tables.window_run
    query = _newest_verdicts(model).add_columns(runs.c.baseline_id).order_by(runs.c.window_start.desc())
    if window is not None:
        query = query.where(runs.c.window_start == window.start, runs.c.window_end == window.end)
    found = connection.execute(query.limit(1)).first()
    return None if found is None else _run(model, found)


def current_revisions(connection: sa.Connection, model: str, until: datetime) -> list[tuple[Window, str]]:
    """Return windows with their newest revisions, oldest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        until: Only windows that end at or before this timestamp.
    """
    query = _newest_verdicts(model).where(tables.window_run.c.window_end <= until)
    rows = connection.execute(query.order_by(tables.window_run.c.window_start)).all()
    return [(Window(row.window_start, row.window_end), row.revision) for row in rows]


def newest_revision(connection: sa.Connection, model: str, window: Window) -> str | None:
    """Return the newest revision of a window, None where it was not judged.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window.
    """
    runs = tables.window_run
    query = (
        sa.select(runs.c.revision)
        .where(runs.c.model == model, runs.c.window_start == window.start, runs.c.window_end == window.end)
        .order_by(runs.c.sequence.desc())
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar()
    return found


def label_curves(connection: sa.Connection, model: str, before: datetime, limit: int) -> list[list[float]]:
    """Return the shares labelled by each day after a window, of several windows, latest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        before: Only windows that end at or before this timestamp.
        limit: Number of windows at most.
    """
    runs, labels = tables.window_run, result_tables.label_coverage
    same = (*_KEY, "revision")
    query = (
        sa.select(labels.c.share_by_day)
        .select_from(
            _newest_runs(model).join(labels, sa.and_(*(labels.c[name] == runs.c[name] for name in same)))
        )
        .where(runs.c.window_end <= before)
        .order_by(runs.c.window_start.desc(), runs.c.window_end.desc())
    )
    return [curve for curve in connection.execute(query.limit(limit)).scalars() if curve]


def evidence_listings(
    connection: sa.Connection, model: str, first: datetime, end: datetime
) -> list[tuple[Window, str | None]]:
    """Return the windows within an interval, each with the listing of its newest revision's evidence.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        first: Start of the interval.
        end: End of the interval.
    """
    runs = tables.window_run
    query = (
        sa.select(runs.c.window_start, runs.c.window_end, runs.c.evidence_listing)
        .select_from(_newest_runs(model))
        .where(runs.c.window_start >= first, runs.c.window_end <= end)
        .order_by(runs.c.window_start, runs.c.window_end)
    )
    return [(Window(row[0], row[1]), row[2]) for row in connection.execute(query)]


def earlier_state(connection: sa.Connection, model: str, window: Window, revision: str) -> State | None:
    """Return the verdict of a window's previous revision, None where a revision is its first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window.
        revision: The revision whose predecessor is looked up.
    """
    runs, verdict = tables.window_run, result_tables.verdict
    of_window = [runs.c.model == model, runs.c.window_start == window.start, runs.c.window_end == window.end]
    this = sa.select(runs.c.sequence).where(*of_window, runs.c.revision == revision).scalar_subquery()
    query = (
        sa.select(verdict.c.state)
        .select_from(
            runs.join(
                verdict,
                sa.and_(
                    *(verdict.c[name] == runs.c[name] for name in (*_KEY, "revision")), verdict.c.slice == ""
                ),
            )
        )
        .where(*of_window, runs.c.sequence < this)
        .order_by(runs.c.sequence.desc())
        .limit(1)
    )
    state = connection.execute(query).scalar()
    return State(state) if state else None


def _run(model: str, row: Any) -> WindowRun:
    start, end = row.window_start.isoformat(), row.window_end.isoformat()
    return WindowRun(model=model, start=start, end=end, revision=row.revision, baseline_id=row.baseline_id)


def _newest_runs(model: str, known_on: date | None = None) -> sa.FromClause:
    """Return the runs of each window's newest revision, or of the newest one recorded by the end of a day."""
    runs = tables.window_run
    query = sa.select(*(runs.c[name] for name in _KEY), sa.func.max(runs.c.sequence).label("sequence"))
    query = query.where(runs.c.model == model)
    if known_on is not None:
        query = query.where(runs.c.recorded_at < Window.of_day(known_on).end)
    newest = query.group_by(*(runs.c[name] for name in _KEY)).subquery()
    return runs.join(newest, sa.and_(*(runs.c[name] == newest.c[name] for name in (*_KEY, "sequence"))))


def _newest_verdicts(model: str, known_on: date | None = None) -> sa.Select[Any]:
    """Return the query for the newest revision of each window."""
    runs, verdict, labels = tables.window_run, result_tables.verdict, result_tables.label_coverage
    same = (*_KEY, "revision")
    joined = (
        _newest_runs(model, known_on)
        .join(verdict, sa.and_(*(verdict.c[name] == runs.c[name] for name in same), verdict.c.slice == ""))
        .join(labels, sa.and_(*(labels.c[name] == runs.c[name] for name in same)))
    )
    shown = (runs.c.window_start, runs.c.window_end, runs.c.revision, runs.c.rows, labels.c.labelled)
    return sa.select(*shown, verdict.c.state, verdict.c.short, verdict.c.reasons).select_from(joined)


def _metrics(
    connection: sa.Connection, model: str, revisions: list[str]
) -> dict[tuple[datetime, str], dict[str, float | None]]:
    """Return the metrics of whole windows by window start and revision."""
    values = result_tables.metric_value
    query = (
        sa.select(values.c.window_start, values.c.revision, values.c.metric, values.c.value)
        .where(values.c.model == model, values.c.revision.in_(revisions), values.c.slice == "")
        .where(values.c.metric.not_in(_OF_COLUMNS), values.c.class_name == "")
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
