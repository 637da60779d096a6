"""What a window did to the incidents of its model, as far as it concerns people: those that nothing explains."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.incidents.names import name_of_start
from daywatch.incidents.types import EventKind
from daywatch.incidents.windows import window_keys
from daywatch.results import Record, State
from daywatch.verdicts import CauseKind
from daywatch.warehouse.incident_tables import incident, incident_event

if TYPE_CHECKING:
    from daywatch.window import Window


class IncidentOfWindow(Record):
    """An incident as it is in a window.

    Attributes:
        incident_id: Its id.
        kind: Where the cause lies.
        name: What the cause is.
        column: The column, empty for the whole window.
        slice: The slice, empty for all rows.
        state: State of the cause, in its last bad window.
        states: The states that it has had.
        sentence: The cause as a sentence.
        first_window: Start of its first bad window.
        first_key: Key of its first bad window.
        windows: Number of bad windows.
        is_open: Whether the cause is still there.
        happened: What this window did to it, None for nothing.
        acknowledged_by: Who acknowledged it, empty for nobody.
        snoozed_until: Until when people want no mail about it.
        models: Number of models that share it.
    """

    incident_id: str
    kind: CauseKind
    name: str
    column: str
    slice: str
    state: State
    states: tuple[State, ...]
    sentence: str
    first_window: datetime
    first_key: str
    windows: int
    is_open: bool
    happened: EventKind | None
    acknowledged_by: str
    snoozed_until: datetime | None
    models: int = 1


class WindowNews(Record):
    """The incidents of a window that follow from no other one: those that are open, and those that it closed.

    Attributes:
        incidents: The incidents, the worst first.
        at: The time with which snoozes are compared.
    """

    incidents: tuple[IncidentOfWindow, ...] = ()
    at: datetime

    @property
    def opened(self) -> tuple[str, ...]:
        """The causes of incidents that opened, or came back while nobody wanted to be quiet about them."""
        came_back = self._sentences(EventKind.REOPENED, snoozed=False)
        return (*self._sentences(EventKind.OPENED), *came_back)

    @property
    def worsened(self) -> tuple[str, ...]:
        """The causes of incidents that became worse."""
        return self._sentences(EventKind.WORSENED)

    @property
    def closed(self) -> tuple[str, ...]:
        """The causes of incidents that closed while nobody wanted to be quiet about them."""
        return self._sentences(EventKind.CLOSED, snoozed=False)

    def is_snoozed(self, state: State) -> bool:
        """Return whether a verdict is about nothing but open incidents that somebody wants to be quiet about.

        A GREY verdict is about missing evidence: only the snooze of an incident that is GREY too is about that.

        Args:
            state: Verdict on the window.
        """
        still = [one for one in self.incidents if one.is_open]
        known = state is not State.GREY or any(one.state is State.GREY for one in still)
        return known and bool(still) and not self.worsened and all(self._is_snoozed(one) for one in still)

    def _sentences(self, kind: EventKind, *, snoozed: bool = True) -> tuple[str, ...]:
        found = (one for one in self.incidents if one.happened is kind)
        return tuple(one.sentence.rstrip(".") for one in found if snoozed or not self._is_snoozed(one))

    def _is_snoozed(self, one: IncidentOfWindow) -> bool:
        return one.snoozed_until is not None and one.snoozed_until > self.at


def news_of(connection: sa.Connection, model: str, window: Window, at: datetime) -> WindowNews:
    """Return what a window did to the incidents of its model.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window.
        at: The time with which snoozes are compared.
    """
    events = incident_event
    rows = connection.execute(
        sa.select(events)
        .where(events.c.model == model, events.c.window_start <= window.start)
        .order_by(events.c.window_start)
    ).all()
    happened = {row.incident_id: EventKind(row.kind) for row in rows if row.window_start == window.start}
    states: dict[str, list[State]] = {}
    for row in rows:
        if row.state:
            states.setdefault(row.incident_id, []).append(State(row.state))
    of_model = sa.select(incident).where(
        incident.c.model == model, incident.c.parent_id == "", incident.c.first_window <= window.start
    )
    found = [row for row in connection.execute(of_model) if _is_of(row, window, happened)]
    keys = window_keys(connection, {model}, min((row.first_window for row in found), default=window.start))
    shared = _models(connection, [row.incident_id for row in found])
    incidents = [
        IncidentOfWindow(
            incident_id=row.incident_id,
            kind=CauseKind(row.kind),
            name=row.name,
            column=row.column_name,
            slice=row.slice,
            state=State(row.state),
            states=tuple(dict.fromkeys(states.get(row.incident_id, []))),
            sentence=row.sentence,
            first_window=row.first_window,
            first_key=keys.get(row.first_window) or name_of_start(row.first_window),
            windows=row.windows,
            is_open=row.closed_window is None or row.closed_window > window.start,
            happened=happened.get(row.incident_id),
            acknowledged_by=row.acknowledged_by,
            snoozed_until=row.snoozed_until,
            models=shared[row.incident_id],
        )
        for row in found
    ]
    incidents.sort(key=lambda one: (not one.is_open, -one.state.rank, one.first_window, one.incident_id))
    return WindowNews(incidents=tuple(incidents), at=at)


def _is_of(row: sa.Row[tuple[object, ...]], window: Window, happened: dict[str, EventKind]) -> bool:
    """Return whether an incident is open in a window, or was closed or changed by it."""
    return row.closed_window is None or row.closed_window > window.start or row.incident_id in happened


def _models(connection: sa.Connection, ids: list[str]) -> dict[str, int]:
    """Return how many models share each incident."""
    query = sa.select(incident.c.incident_id, sa.func.count()).where(incident.c.incident_id.in_(ids))
    rows = connection.execute(query.group_by(incident.c.incident_id))
    return {row[0]: row[1] for row in rows}
