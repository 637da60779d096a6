"""What the stored verdicts of a model say about causes, window by window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from daywatch.incidents.types import EVERYTHING, LABELS, SeenCause, SeenWindow, about
from daywatch.judge.causes.meanings import TOO_FEW_ROWS
from daywatch.results import State
from daywatch.verdicts import CauseKind
from daywatch.warehouse import result_tables, tables

_KEY = ("model", "window_start", "window_end", "revision")
_COLUMNS = ("fingerprint", "kind", "name", "column_name", "slice", "state", "sentence", "parent")


def seen_windows(connection: sa.Connection, model: str, *, count_grey: bool) -> list[SeenWindow]:
    """Return the judged windows of a model with their causes, oldest first, each at the revision that counts.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        count_grey: Whether missing evidence is a cause too.
    """
    newest, verdict, causes = _newest(model), result_tables.verdict, result_tables.cause
    of_verdict = sa.and_(*(verdict.c[name] == newest.c[name] for name in _KEY), verdict.c.slice == "")
    of_causes = sa.and_(*(causes.c[name] == newest.c[name] for name in _KEY))
    windows = sa.select(newest.c.window_start, verdict.c.state).select_from(newest.join(verdict, of_verdict))
    stored = sa.select(newest.c.window_start, *(causes.c[name] for name in _COLUMNS))
    by_window: dict[datetime, list[Any]] = {}
    for row in connection.execute(stored.select_from(newest.join(causes, of_causes)).order_by(causes.c.rank)):
        by_window.setdefault(row.window_start, []).append(row)
    in_order = windows.order_by(newest.c.window_start, newest.c.window_end)
    return [
        _seen(start, State(state), by_window.get(start, []), count_grey=count_grey)
        for start, state in connection.execute(in_order)
    ]


def _newest(model: str) -> sa.Subquery:
    """Return the revision that counts for each window of a model."""
    runs = tables.window_run
    rank = sa.func.row_number().over(
        partition_by=(runs.c.window_start, runs.c.window_end), order_by=runs.c.sequence.desc()
    )
    ranked = sa.select(*(runs.c[name] for name in _KEY), rank.label("rank")).where(runs.c.model == model)
    of_windows = ranked.subquery()
    return sa.select(*(of_windows.c[name] for name in _KEY)).where(of_windows.c.rank == 1).subquery()


def _seen(start: datetime, state: State, rows: Sequence[Any], *, count_grey: bool) -> SeenWindow:
    """Return what a window says."""
    found = tuple(_cause(row) for row in rows if count_grey or row.state != State.GREY)
    unknown = {token for row in rows if row.state == State.GREY for token in _unknown(row)}
    if state is not State.GREEN and not rows:
        unknown = {EVERYTHING}  # judged before causes were stored
    return SeenWindow(start, found, frozenset(unknown))


def _unknown(row: Any) -> tuple[str, ...]:
    """Return what a window says nothing about, by a cause that is missing evidence."""
    if row.name == TOO_FEW_ROWS:
        return (EVERYTHING,)
    return (LABELS,) if row.kind == CauseKind.LABELS else (about(row.kind, row.column_name),)


def _cause(row: Any) -> SeenCause:
    return SeenCause(
        fingerprint=row.fingerprint,
        kind=CauseKind(row.kind),
        name=row.name,
        column=row.column_name,
        slice=row.slice,
        state=State(row.state),
        sentence=row.sentence,
        parent=row.parent,
    )
