"""The windows of incidents: their keys, and in which windows an incident was open."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.incidents.names import name_of_start
from daywatch.incidents.types import EventKind
from daywatch.warehouse import tables
from daywatch.warehouse.incident_tables import incident_event
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.incidents.types import StoredIncident

_OPENING = (EventKind.OPENED, EventKind.REOPENED)
_CLOSING = (EventKind.CLOSED, EventKind.CLOSED_BY_HAND)


def window_keys(
    connection: sa.Connection, models: Collection[str], earliest: datetime
) -> dict[datetime, str]:
    """Return the keys of the windows of models by their starts; of windows that start together, the shortest.

    Args:
        connection: Connection to the warehouse.
        models: Names of the models.
        earliest: Only windows that start then or later.
    """
    runs = tables.window_run
    query = (
        sa.select(runs.c.window_start, sa.func.min(runs.c.window_end))
        .where(runs.c.model.in_(sorted(models)), runs.c.window_start >= earliest)
        .group_by(runs.c.window_start)
    )
    return {start: Window(start, end).key for start, end in connection.execute(query)}


def open_days(
    connection: sa.Connection, model: str, found: Iterable[StoredIncident]
) -> dict[str, list[tuple[str, str]]]:
    """Return the keys of the first and last windows in which incidents were open, by id: several where one came back.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model whose windows count.
        found: The incidents.
    """
    found = list(found)
    last_keys = {one.incident_id: one.last_key for one in found}
    if not found:
        return {}
    keys = window_keys(connection, {model}, min(one.first_window for one in found))
    starts = sorted(keys)
    events = incident_event
    query = sa.select(events.c.incident_id, events.c.kind, events.c.window_start).where(
        events.c.incident_id.in_(last_keys),
        events.c.model.in_(("", model)),
        events.c.kind.in_((*_OPENING, *_CLOSING)),
    )
    spans: dict[str, list[tuple[str, str]]] = {name: [] for name in last_keys}
    opened: dict[str, str] = {}
    # An incident that is closed by hand is closed in its last bad window, which may be the one that opened it.
    for name, kind, start in sorted(connection.execute(query), key=lambda row: (row[2], row[1] in _CLOSING)):
        if kind in _OPENING:
            opened.setdefault(name, keys.get(start) or name_of_start(start))
        elif name in opened:
            first = opened.pop(name)
            until = (
                bisect_right(starts, start)
                if kind == EventKind.CLOSED_BY_HAND
                else bisect_left(starts, start)
            )
            spans[name].append((first, keys[starts[until - 1]] if until else first))
    for name, first in opened.items():
        spans[name].append((first, max(first, last_keys[name])))
    return spans
