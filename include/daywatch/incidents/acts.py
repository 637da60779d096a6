"""What people do about an incident: acknowledge, snooze, comment, close. One implementation for all that calls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.config.loading.load import find_model
from daywatch.errors import SetupError
from daywatch.incidents.listing import find_incident
from daywatch.incidents.store import digest_of, update_incidents
from daywatch.incidents.types import EventKind
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.incident_tables import incident_event
from daywatch.warehouse.record import insert_if_new

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.incidents.types import StoredIncident
    from daywatch.warehouse.tables import Row

LONGEST_NOTE = 4000
"""Characters of what a person writes."""

_LONGEST_AUTHOR = 250


@dataclass(frozen=True)
class Doing:
    """What a person does.

    Attributes:
        kind: One of ``BY_PEOPLE``.
        author: Who does it.
        at: When.
        note: What the person writes; a comment needs one.
        until: End of a snooze.
    """

    kind: EventKind
    author: str
    at: datetime
    note: str = ""
    until: datetime | None = None


def act_on(deployment: Deployment, incident_id: str, doing: Doing) -> StoredIncident:
    """Store what a person does about an incident, for all models that share it, and return the incident.

    The same act by the same person at the same time is stored once.

    Args:
        deployment: Where the warehouse and the models' files are.
        incident_id: The incident's id, also one that it had before a backfill.
        doing: What the person does.

    Raises:
        SetupError: There is no such incident, or the act says too little.
        InfrastructureError: The warehouse did not answer.
    """
    _check(doing)
    with transaction(deployment.warehouse_url) as connection:
        # The rows of the models, in one order, are the lock that recording takes too.
        for name in find_incident(connection, incident_id).models:
            same = tables.model.c.model == name
            connection.execute(sa.update(tables.model).where(same).values(model=tables.model.c.model))
        found = find_incident(connection, incident_id)
        insert_if_new(connection, incident_event, _row(found, doing))
        for name in found.models:
            # A model whose file is gone has no settings to read its verdicts by.
            if (deployment.models / f"{name}.yaml").is_file():
                update_incidents(connection, find_model(name, deployment.models))
        return find_incident(connection, found.incident_id)


def _row(found: StoredIncident, doing: Doing) -> Row:
    """Return an act as a row of ``incident_event``."""
    return {
        "event_id": digest_of(
            found.key, doing.kind, doing.author, doing.at.isoformat(), doing.note, doing.until
        ),
        "cause_key": found.key,
        "incident_id": found.incident_id,
        "model": "",
        "kind": str(doing.kind),
        "window_start": found.last_window,
        "state": None,
        "sentence": "",
        "author": doing.author,
        "note": doing.note,
        "until": doing.until,
        "done_at": doing.at,
    }


def _check(doing: Doing) -> None:
    """Check that an act says who does it, and what it needs.

    Raises:
        SetupError: It does not.
    """
    author, note, until = doing.author, doing.note, doing.until
    problem = ""
    if not author.strip() or len(author) > _LONGEST_AUTHOR or not author.isprintable():
        problem = f"Expected the name of a person in one line, but received {author!r:.80}."
    elif len(note) > LONGEST_NOTE:
        problem = f"Expected a note of at most {LONGEST_NOTE} characters, but this one has {len(note)}."
    elif doing.kind is EventKind.COMMENTED and not note.strip():
        problem = "Expected a comment, but received none."
    elif doing.kind is EventKind.SNOOZED and (until is None or until <= doing.at):
        problem = f"Expected a time in the future until which to be quiet, but received {until}."
    if problem:
        raise SetupError(problem)
