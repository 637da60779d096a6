"""The revisions of a window, and the windows before and after it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from daywatch.days import EAST, WEST
from daywatch.results import Record, State
from daywatch.run import WindowRun
from daywatch.warehouse import result_tables, tables
from daywatch.window import Window

_SAME = ("model", "window_start", "window_end", "revision")


class StoredRevision(Record):
    """A window as it was judged on certain evidence.

    Attributes:
        run: What names its artifacts.
        recorded_at: When it was recorded, UTC.
        state: Verdict.
        short: First reason in a few words.
        reasons: Reasons as sentences, the first cause first.
        rows: Number of inferences.
        labelled: Number of inferences with a label.
    """

    run: WindowRun
    recorded_at: datetime
    state: State
    short: str
    reasons: tuple[str, ...]
    rows: int
    labelled: int

    @property
    def revision(self) -> str:
        """The revision."""
        return self.run.revision


def stored_revisions(connection: sa.Connection, model: str, window: Window) -> list[StoredRevision]:
    """Return the revisions of a window, the newest first; none where it was not judged.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window.
    """
    runs, verdict, labels = tables.window_run, result_tables.verdict, result_tables.label_coverage
    query = (
        sa.select(
            *(runs.c[name] for name in ("revision", "baseline_id", "recorded_at", "rows")),
            *(verdict.c[name] for name in ("state", "short", "reasons")),
            labels.c.labelled,
        )
        .join(verdict, sa.and_(*(verdict.c[name] == runs.c[name] for name in _SAME), verdict.c.slice == ""))
        .join(labels, sa.and_(*(labels.c[name] == runs.c[name] for name in _SAME)))
        .where(runs.c.model == model, runs.c.window_start == window.start, runs.c.window_end == window.end)
        .order_by(runs.c.sequence.desc())
    )
    start, end = window.start.isoformat(), window.end.isoformat()
    return [
        StoredRevision(
            run=WindowRun(
                model=model, start=start, end=end, revision=row.revision, baseline_id=row.baseline_id
            ),
            recorded_at=row.recorded_at,
            state=State(row.state),
            short=row.short,
            reasons=tuple(row.reasons),
            rows=row.rows,
            labelled=row.labelled,
        )
        for row in connection.execute(query)
    ]


class Neighbour(Record):
    """A judged window before or after another.

    Attributes:
        window: Its key.
        revision: Its newest revision.
    """

    window: str
    revision: str


def recorded_window(connection: sa.Connection, model: str, named: Window) -> Window:
    """Return the latest recorded window that has the key of a window, in whichever time zone; else the window itself.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        named: The window of the key in UTC.
    """
    runs = tables.window_run
    near = runs.c.window_start.between(named.start - EAST, named.start - WEST)
    query = sa.select(runs.c.window_start, runs.c.window_end).where(runs.c.model == model, near)
    found = [Window(*row) for row in connection.execute(query.order_by(runs.c.recorded_at.desc()))]
    return next((one for one in found if one.key == named.key), named)


def neighbours(
    connection: sa.Connection, model: str, window: Window
) -> tuple[Neighbour | None, Neighbour | None]:
    """Return the judged windows before and after a window, None where there is none.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window, judged or not.
    """
    runs = tables.window_run
    windows = sa.select(runs.c.window_start, runs.c.window_end, runs.c.revision).where(runs.c.model == model)
    newest = runs.c.sequence.desc()
    before = windows.where(runs.c.window_start < window.start).order_by(
        runs.c.window_start.desc(), runs.c.window_end.desc(), newest
    )
    after = windows.where(runs.c.window_start > window.start).order_by(
        runs.c.window_start, runs.c.window_end, newest
    )
    found = [connection.execute(query.limit(1)).first() for query in (before, after)]
    previous, following = (
        Neighbour(window=Window(row.window_start, row.window_end).key, revision=row.revision) if row else None
        for row in found
    )
    return previous, following
