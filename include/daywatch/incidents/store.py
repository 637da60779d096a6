"""Store the incidents of a model: what its verdicts amount to, replaced as a whole in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.incidents.history import incidents_of
from daywatch.incidents.names import cause_key, feed_of
from daywatch.incidents.seen import seen_windows
from daywatch.incidents.types import Act, Incident
from daywatch.warehouse.incident_tables import incident, incident_event

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.warehouse.tables import Row


def update_incidents(connection: sa.Connection, model: MonitoredModel) -> list[Incident]:
    """Store the incidents that the stored verdicts of a model amount to, and return them.

    What people did stays, and belongs to the incident that now covers the window in which they did it. The same
    verdicts again change nothing.

    Args:
        connection: Connection to the warehouse, inside a transaction that holds the model's row.
        model: The model's configuration.
    """
    feed, settings = feed_of(model), model.incidents
    windows = seen_windows(connection, model.model, count_grey=settings.grey)
    keys = {cause_key(model.model, feed, cause) for window in windows for cause in window.causes}
    found = incidents_of(model.model, feed, windows, read_acts(connection, keys), settings.reopen_within)
    mine = incident.c.model == model.model
    _replace(connection, incident, mine, [_incident_row(one) for one in found])
    _replace(
        connection,
        incident_event,
        incident_event.c.model == model.model,
        [row for one in found for row in _event_rows(one)],
    )
    for one in found:
        if one.acts:
            attached = sa.update(incident_event).where(incident_event.c.event_id.in_(one.acts))
            connection.execute(attached.values(incident_id=one.incident_id))
    return found


def read_acts(connection: sa.Connection, keys: Iterable[str]) -> list[Act]:
    """Return what people did about causes.

    Args:
        connection: Connection to the warehouse.
        keys: The keys of the causes.
    """
    query = sa.select(incident_event).where(
        incident_event.c.model == "", incident_event.c.cause_key.in_(sorted(keys))
    )
    return [
        Act(
            event_id=row.event_id,
            kind=row.kind,
            key=row.cause_key,
            window=row.window_start,
            author=row.author,
            note=row.note,
            until=row.until,
            at=row.done_at,
        )
        for row in connection.execute(query)
    ]


def digest_of(*parts: object) -> str:
    """Return an id that is made of parts and of nothing else."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def _incident_row(one: Incident) -> Row:
    row = one.model_dump(exclude={"key", "column", "events", "acts"})
    return {
        **row,
        "cause_key": one.key,
        "column_name": one.column,
        "kind": str(one.kind),
        "state": str(one.state),
        "worst": str(one.worst),
    }


def _event_rows(one: Incident) -> list[Row]:
    return [
        {
            "event_id": digest_of(one.incident_id, one.model, event.kind, event.window.isoformat()),
            "cause_key": one.key,
            "incident_id": one.incident_id,
            "model": one.model,
            "kind": str(event.kind),
            "window_start": event.window,
            "state": str(event.state) if event.state else None,
            "sentence": event.sentence,
            "author": "",
            "note": "",
            "until": None,
            "done_at": None,
        }
        for event in one.events
    ]


def _replace(
    connection: sa.Connection, table: sa.Table, mine: sa.ColumnElement[bool], rows: Sequence[Row]
) -> None:
    """Make the rows of a model be these; rows that are as they should be are not touched."""
    names = [column.name for column in table.primary_key]

    def key(row: Any) -> tuple[Any, ...]:
        return tuple(row[name] for name in names)

    wanted = {key(row): row for row in rows}
    stored = {key(row): dict(row) for row in connection.execute(sa.select(table).where(mine)).mappings()}

    def same(row: Row) -> sa.ColumnElement[bool]:
        return sa.and_(*(table.c[name] == row[name] for name in names))

    for gone in stored.keys() - wanted.keys():
        connection.execute(sa.delete(table).where(same(stored[gone])))
    for changed in wanted.keys() & stored.keys():
        if wanted[changed] != stored[changed]:
            connection.execute(sa.update(table).where(same(wanted[changed])).values(**wanted[changed]))
    new = [row for one, row in wanted.items() if one not in stored]
    if new:
        connection.execute(sa.insert(table), new)
