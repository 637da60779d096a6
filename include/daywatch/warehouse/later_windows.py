"""The recorded windows after a window, whose history it is part of, and reports that show a history of before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from daywatch.run import WindowRun
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.record import window_key

if TYPE_CHECKING:
    from typing import Any

    from daywatch.window import Window

_KEY = ("model", "window_start", "window_end", "revision")


class LaterWindow(NamedTuple):
    """A recorded window at the revision that counts.

    Attributes:
        run: Its run.
        labelled: Number of its inferences with a label.
        rows: Number of its inferences.
        history: Fingerprint of what it was compared with of the windows before it; None if nobody stored it.
        judged_by: Fingerprint of the plan and of the code that judged it; None if nobody stored it.
        reported_history: Fingerprint of the history that its report is of; None if there is no report.
    """

    run: WindowRun
    labelled: int
    rows: int
    history: str | None
    judged_by: str | None
    reported_history: str | None


def later_windows(connection: sa.Connection, model: str, window: Window) -> list[LaterWindow]:
    """Return the windows after a window, each at its newest revision, oldest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window; only windows that start when it ends, or later, are returned.
    """
    runs, labels = tables.window_run, result_tables.label_coverage
    judged = (runs.c.history, runs.c.judged_by, runs.c.reported_history)
    query = (
        sa.select(
            *(runs.c[name] for name in _KEY), runs.c.baseline_id, runs.c.rows, labels.c.labelled, *judged
        )
        .select_from(runs.join(labels, sa.and_(*(labels.c[name] == runs.c[name] for name in _KEY))))
        .where(runs.c.model == model, runs.c.window_start >= window.end)
        .order_by(runs.c.window_start, runs.c.window_end, runs.c.sequence)
    )
    # Of several revisions of a window, the last one counts.
    newest = {(row.window_start, row.window_end): row for row in connection.execute(query)}
    return [
        LaterWindow(_run(model, row), row.labelled, row.rows, *(row._mapping[one.name] for one in judged))
        for row in newest.values()
    ]


def reports_due(connection: sa.Connection, model: str) -> list[WindowRun]:
    """Return the runs whose report is of another history than their verdict, oldest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
    """
    runs = tables.window_run
    query = (
        sa.select(runs.c.window_start, runs.c.window_end, runs.c.revision, runs.c.baseline_id)
        .where(runs.c.model == model, runs.c.reported_history != runs.c.history)
        .order_by(runs.c.window_start, runs.c.window_end, runs.c.sequence)
    )
    return [_run(model, row) for row in connection.execute(query)]


def history_of_run(connection: sa.Connection, run: WindowRun) -> str | None:
    """Return the fingerprint of the history by which a window was judged, None where it is not recorded.

    Args:
        connection: Connection to the warehouse.
        run: The window's run.
    """
    history = tables.window_run.c.history
    found: str | None = connection.execute(sa.select(history).where(*_same(run))).scalar()
    return found


def store_reported(connection: sa.Connection, run: WindowRun, history: str | None) -> None:
    """Store which history the report of a window is of.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        run: The window's run.
        history: Fingerprint of the history.
    """
    connection.execute(sa.update(tables.window_run).where(*_same(run)).values(reported_history=history))


def _same(run: WindowRun) -> list[sa.ColumnElement[bool]]:
    key = window_key(run.model, run.window, run.revision)
    return [tables.window_run.c[name] == value for name, value in key.items()]


def _run(model: str, row: Any) -> WindowRun:
    start, end = row.window_start.isoformat(), row.window_end.isoformat()
    return WindowRun(model=model, start=start, end=end, revision=row.revision, baseline_id=row.baseline_id)
