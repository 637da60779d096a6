"""The stored incidents, for people: a list, and one with its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from daywatch.errors import SetupError
from daywatch.incidents.names import name_of_start, parts_of
from daywatch.incidents.types import EventKind, StoredIncident
from daywatch.incidents.windows import window_keys
from daywatch.results import Record, State
from daywatch.verdicts import CauseKind
from daywatch.warehouse import tables
from daywatch.warehouse.incident_tables import incident, incident_event
from daywatch.window import Window


class TimelineEvent(Record):
    """An event of an incident.

    Attributes:
        kind: What happened.
        window: Key of the window; of what people did, the incident's last window at that time.
        model: Name of the model, empty for what people did.
        state: State of the cause, None where it is gone.
        sentence: The cause as a sentence.
        author: Who did it, empty for what verdicts did.
        note: What the person wrote.
        until: End of a snooze.
        at: When a person did it.
    """

    kind: EventKind
    window: str
    model: str
    state: State | None
    sentence: str
    author: str
    note: str
    until: datetime | None
    at: datetime | None


def list_incidents(
    connection: sa.Connection, *, models: frozenset[str] | None = None, closed: bool = False
) -> list[StoredIncident]:
    """Return incidents, the open ones first, then the worst, then the longest.

    Args:
        connection: Connection to the warehouse.
        models: Names of the models to look at; an incident that they share with others names these alone. None
            for all.
        closed: Whether closed incidents are listed too.
    """
    query = _rows()
    if not closed:
        still_open = sa.select(incident.c.incident_id).where(incident.c.is_open)
        query = query.where(incident.c.incident_id.in_(still_open))
    found = _grouped(connection, query, models)
    return sorted(
        found, key=lambda one: (not one.is_open, -one.state.rank, one.tier, one.first_window, one.incident_id)
    )


def incidents_of_window(connection: sa.Connection, model: str, window: Window) -> list[StoredIncident]:
    """Return the open incidents between whose first and last bad window a window of a model lies, the worst first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window.
    """
    ids = sa.select(incident.c.incident_id).where(
        incident.c.model == model,
        incident.c.is_open,
        incident.c.first_window < window.end,
        incident.c.last_window >= window.start,
    )
    found = _grouped(connection, _rows().where(incident.c.incident_id.in_(ids)), None)
    return sorted(found, key=lambda one: (-one.state.rank, one.first_window, one.incident_id))


def find_incident(
    connection: sa.Connection, incident_id: str, *, models: frozenset[str] | None = None
) -> StoredIncident:
    """Return an incident by its id, also by one that it had before earlier windows were judged.

    Args:
        connection: Connection to the warehouse.
        incident_id: The id.
        models: Names of the models that count; None for all.

    Raises:
        SetupError: There is no such incident.
    """
    key, start = parts_of(incident_id)
    of_cause = _grouped(connection, _rows().where(incident.c.cause_key == key), models)
    covering = [one for one in of_cause if one.first_window <= start <= one.last_window]
    if not covering:
        msg = (
            f"There is no incident {incident_id}: its windows were judged again and are not bad any more, or it "
            "never was there. `daywatch incidents list --closed` shows those that there are."
        )
        raise SetupError(msg)
    return max(covering, key=lambda one: one.first_window)


def timeline(connection: sa.Connection, found: StoredIncident) -> list[TimelineEvent]:
    """Return what happened to an incident, oldest first.

    Args:
        connection: Connection to the warehouse.
        found: The incident.
    """
    events = incident_event
    query = sa.select(events).where(
        events.c.incident_id == found.incident_id, events.c.model.in_(("", *found.models))
    )
    keys = window_keys(connection, found.models, found.first_window)
    rows = sorted(
        connection.execute(query),
        key=lambda row: (row.window_start, row.model == "", str(row.done_at), row.model),
    )
    return [
        TimelineEvent(
            kind=EventKind(row.kind),
            window=keys.get(row.window_start) or name_of_start(row.window_start),
            model=row.model,
            state=State(row.state) if row.state else None,
            sentence=row.sentence,
            author=row.author,
            note=row.note,
            until=row.until,
            at=row.done_at,
        )
        for row in rows
    ]


def _rows() -> sa.Select[Any]:
    joined = incident.outerjoin(tables.model, tables.model.c.model == incident.c.model)
    return sa.select(incident, tables.model.c.owner, tables.model.c.tier).select_from(joined)


def _grouped(
    connection: sa.Connection, query: sa.Select[Any], models: frozenset[str] | None
) -> list[StoredIncident]:
    """Return one incident for the rows of all models that share it."""
    groups: dict[str, list[Any]] = {}
    for row in connection.execute(query.order_by(incident.c.incident_id, incident.c.model)):
        if models is None or row.model in models:
            groups.setdefault(row.incident_id, []).append(row)
    if not groups:
        return []
    earliest = min(row.first_window for rows in groups.values() for row in rows)
    keys = window_keys(connection, {row.model for rows in groups.values() for row in rows}, earliest)
    return [_over_models(rows, keys) for rows in groups.values()]


def _over_models(rows: list[Any], keys: Mapping[datetime, str]) -> StoredIncident:
    first, last = min(row.first_window for row in rows), max(row.last_window for row in rows)
    worst = max(rows, key=lambda row: (row.is_open, State(row.state), row.last_window))
    is_open = any(row.is_open for row in rows)
    closed = [row.closed_window for row in rows if row.closed_window is not None]
    return StoredIncident(
        incident_id=worst.incident_id,
        key=worst.cause_key,
        models=tuple(row.model for row in rows),
        owners=tuple(sorted({row.owner or "" for row in rows})),
        tier=min(row.tier or 4 for row in rows),
        kind=CauseKind(worst.kind),
        name=worst.name,
        column=worst.column_name,
        slice=worst.slice,
        feed=worst.feed,
        is_open=is_open,
        state=State(worst.state),
        worst=max(State(row.worst) for row in rows),
        first_window=first,
        last_window=last,
        first_key=keys.get(first) or name_of_start(first),
        last_key=keys.get(last) or name_of_start(last),
        closed_window=None if is_open or not closed else max(closed),
        windows=max(row.windows for row in rows),
        reopenings=max(row.reopenings for row in rows),
        sentence=worst.sentence,
        parent_id=worst.parent_id,
        acknowledged_by=worst.acknowledged_by,
        snoozed_until=worst.snoozed_until,
    )
