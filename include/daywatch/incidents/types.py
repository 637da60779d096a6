"""The types of incidents: what is seen of a window, an incident, its events, what people do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from daywatch.judge.causes.meanings import LABEL_DRIFT, PERFORMANCE_FALL
from daywatch.results import Record, State
from daywatch.verdicts import CauseKind

EVERYTHING = "*"
"""Says that a window has no evidence at all."""

LABELS = "labels"
"""Says that a window has too few labels."""

_BY_LABELS = (PERFORMANCE_FALL, LABEL_DRIFT)
"""Names of causes that only labels can show, next to those whose kind is labels."""


def about(kind: str, column: str) -> str:
    """Return what a window says nothing about: causes of a kind and a column."""
    return f"{kind}|{column}"


class EventKind(StrEnum):
    """What happened to an incident. Verdicts cause the first five, people the others."""

    OPENED = "opened"
    WORSENED = "worsened"
    IMPROVED = "improved"
    CLOSED = "closed"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    COMMENTED = "commented"
    CLOSED_BY_HAND = "closed_by_hand"


BY_PEOPLE = (EventKind.ACKNOWLEDGED, EventKind.SNOOZED, EventKind.COMMENTED, EventKind.CLOSED_BY_HAND)
"""Acts of people; they are kept whatever later verdicts are."""


@dataclass(frozen=True)
class SeenCause:
    """A cause of a bad verdict.

    Attributes:
        fingerprint: What recognises the cause over windows.
        kind: Where the cause lies.
        name: What the cause is, such as ``missing_values``.
        column: The column, empty for the whole window.
        slice: The slice, empty for all rows.
        state: RED, AMBER, or GREY where the model counts missing evidence.
        sentence: The cause as a sentence with numbers.
        parent: Fingerprint of the cause of the same window that explains this one, empty for none.
    """

    fingerprint: str
    kind: CauseKind
    name: str
    column: str
    slice: str
    state: State
    sentence: str
    parent: str = ""


@dataclass(frozen=True)
class SeenWindow:
    """A judged window, as incidents see it.

    Attributes:
        start: Start of the window.
        causes: The causes, the first first.
        unknown: What the window has too little evidence for: ``EVERYTHING``, ``LABELS``, or as ``about`` writes it.
    """

    start: datetime
    causes: tuple[SeenCause, ...]
    unknown: frozenset[str]

    def is_unknown(self, cause: SeenCause) -> bool:
        """Return whether the window cannot show that a cause is gone."""
        by_labels = cause.kind is CauseKind.LABELS or cause.name in _BY_LABELS
        return (
            EVERYTHING in self.unknown
            or (by_labels and LABELS in self.unknown)
            or about(cause.kind, cause.column) in self.unknown
        )


class Act(Record):
    """What a person did about an incident.

    Attributes:
        event_id: The event's id.
        kind: One of ``BY_PEOPLE``.
        key: The key of the incident's cause.
        window: Start of the incident's last window when the person did it: the act belongs to the incident of
            this cause that the window is in.
        author: Who did it.
        note: What the person wrote, empty for nothing.
        until: End of a snooze, None for other acts.
        at: When it was done.
    """

    event_id: str
    kind: EventKind
    key: str
    window: datetime
    author: str
    note: str = ""
    until: datetime | None = None
    at: datetime


class Event(Record):
    """What verdicts did to an incident.

    Attributes:
        kind: What happened.
        window: Start of the window in which it happened.
        state: The state of the cause in this window, None where it is gone.
        sentence: The cause as a sentence.
    """

    kind: EventKind
    window: datetime
    state: State | None = None
    sentence: str = ""


class IncidentState(Record):
    """What an incident is, of one model or over all models that share it.

    Attributes:
        incident_id: Its id; the same for all models that share the incident.
        key: The key of its cause.
        kind: Where the cause lies.
        name: What the cause is, such as ``missing_values``.
        column: The column, empty for the whole window.
        slice: The slice, empty for all rows.
        feed: The feed whose column is at fault, empty for causes of one model.
        is_open: Whether the cause is still there, as far as is known; over several models, for one of them.
        state: State of the cause in the last bad window; over several models, the worst.
        worst: Its worst state so far.
        first_window: Start of the first bad window.
        last_window: Start of the last bad window.
        closed_window: Start of the window in which the incident was closed, None while it is open; over several
            models, the last such window.
        windows: Number of bad windows; over several models, of the one that has the most.
        reopenings: How often the cause came back.
        sentence: The cause as a sentence, of the last bad window.
        parent_id: The incident that explains this one, empty for none.
        acknowledged_by: Who acknowledged it since it opened or came back, empty for nobody.
        snoozed_until: Until when people want no mail about it, None for no snooze.
    """

    incident_id: str
    key: str
    kind: CauseKind
    name: str
    column: str
    slice: str
    feed: str
    is_open: bool
    state: State
    worst: State
    first_window: datetime
    last_window: datetime
    closed_window: datetime | None = None
    windows: int
    reopenings: int = 0
    sentence: str
    parent_id: str = ""
    acknowledged_by: str = ""
    snoozed_until: datetime | None = None


class Incident(IncidentState):
    """An incident of a model.

    Attributes:
        model: Name of the model.
        fingerprint: What recognises the cause over windows.
        events: What verdicts did to it, oldest first.
        acts: Ids of what people did about it.
    """

    model: str
    fingerprint: str
    events: tuple[Event, ...] = ()
    acts: tuple[str, ...] = ()


class StoredIncident(IncidentState):
    """An incident over all models that share it.

    Attributes:
        models: Names of the models, in order.
        owners: Their owners, in order, each once.
        tier: The highest importance of the models.
        first_key: Key of the first bad window.
        last_key: Key of the last bad window.
    """

    models: tuple[str, ...]
    owners: tuple[str, ...]
    tier: int
    first_key: str
    last_key: str
