"""From the verdicts of a model, in the order of their windows, to its incidents: a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from daywatch.incidents.names import cause_key, incident_id, is_of_feed
from daywatch.incidents.types import Act, Event, EventKind, Incident, SeenCause, SeenWindow
from daywatch.results import State


@dataclass
class _Track:
    """An incident while the windows are read."""

    key: str
    cause: SeenCause
    first: datetime
    last: datetime
    worst: State
    windows: int = 1
    is_open: bool = True
    closed: datetime | None = None
    closed_at: int = 0
    reopenings: int = 0
    parent: str = ""
    acknowledged_by: str = ""
    snoozed_until: datetime | None = None
    events: list[Event] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)

    def add(self, kind: EventKind, window: datetime) -> None:
        gone = kind is EventKind.CLOSED
        state, sentence = (None, "") if gone else (self.cause.state, self.cause.sentence)
        self.events.append(Event(kind=kind, window=window, state=state, sentence=sentence))

    def close(self, window: datetime, number: int) -> None:
        self.is_open, self.closed, self.closed_at = False, window, number


def incidents_of(
    model: str, feed: str, windows: Sequence[SeenWindow], acts: Iterable[Act], reopen_within: int
) -> list[Incident]:
    """Return the incidents of a model, in the order in which they opened.

    A window without evidence neither continues nor closes an incident. The result depends on nothing but the
    arguments, so that reruns, backfills in any order and late evidence end with the same incidents.

    Args:
        model: Name of the model.
        feed: The feed of the model.
        windows: The judged windows, oldest first, each at the revision that counts.
        acts: What people did, in any order.
        reopen_within: After at most so many windows, a cause that comes back reopens its incident.
    """
    return _Reader(model, feed, acts, reopen_within).read(windows)


class _Reader:
    """Reads the windows of a model one after the other."""

    def __init__(self, model: str, feed: str, acts: Iterable[Act], reopen_within: int) -> None:
        self._model, self._feed, self._reopen_within = model, feed, reopen_within
        self._latest: dict[str, _Track] = {}
        self._all: list[_Track] = []
        self._acts: dict[str, list[Act]] = {}
        for act in sorted(acts, key=lambda one: (one.window, one.at, one.event_id)):
            self._acts.setdefault(act.key, []).append(act)

    def read(self, windows: Sequence[SeenWindow]) -> list[Incident]:
        """Return the incidents of the windows."""
        for number, window in enumerate(windows):
            self._apply_acts(window.start, number)
            seen = {cause_key(self._model, self._feed, one): one for one in window.causes}
            for key, cause in seen.items():
                self._bad(key, cause, window.start, number)
            self._explain(window, seen)
            for track in self._latest.values():
                if track.is_open and track.key not in seen and not window.is_unknown(track.cause):
                    track.close(window.start, number)
                    track.add(EventKind.CLOSED, window.start)
        self._apply_acts(None, len(windows))
        return [self._incident(track) for track in self._all]

    def _bad(self, key: str, cause: SeenCause, window: datetime, number: int) -> None:
        """Open, continue or reopen the incident of a cause."""
        track = self._latest.get(key)
        if track is None or not (track.is_open or number - track.closed_at <= self._reopen_within):
            track = _Track(key, cause, first=window, last=window, worst=cause.state)
            track.add(EventKind.OPENED, window)
            self._latest[key] = track
            self._all.append(track)
            return
        before, track.cause = track.cause.state, cause
        track.last, track.worst, track.windows = window, max(track.worst, cause.state), track.windows + 1
        if not track.is_open:
            track.is_open, track.closed, track.reopenings = True, None, track.reopenings + 1
            track.acknowledged_by = ""
            track.add(EventKind.REOPENED, window)
        elif cause.state is not before:
            track.add(EventKind.WORSENED if cause.state > before else EventKind.IMPROVED, window)

    def _explain(self, window: SeenWindow, seen: dict[str, SeenCause]) -> None:
        """Name the incident that explains another one, if it does in the window in which that one opens."""
        keys = {cause.fingerprint: key for key, cause in seen.items()}
        for key, cause in seen.items():
            track, parent = self._latest[key], keys.get(cause.parent, "")
            if track.first == window.start and parent and parent != key:
                explains = self._latest[parent]
                track.parent = incident_id(parent, explains.first)

    def _apply_acts(self, before: datetime | None, number: int) -> None:
        """Apply what people did after earlier windows than this one; after the last window, all that is left."""
        for key, waiting in self._acts.items():
            while waiting and (before is None or waiting[0].window < before):
                act, track = waiting.pop(0), self._latest.get(key)
                if track is not None:
                    _apply(act, track, number - 1)

    def _incident(self, track: _Track) -> Incident:
        cause = track.cause
        return Incident(
            incident_id=incident_id(track.key, track.first),
            key=track.key,
            model=self._model,
            fingerprint=cause.fingerprint,
            kind=cause.kind,
            name=cause.name,
            column=cause.column,
            slice=cause.slice,
            feed=self._feed if is_of_feed(cause) else "",
            is_open=track.is_open,
            state=cause.state,
            worst=track.worst,
            first_window=track.first,
            last_window=track.last,
            closed_window=track.closed,
            windows=track.windows,
            reopenings=track.reopenings,
            sentence=cause.sentence,
            parent_id=track.parent,
            acknowledged_by=track.acknowledged_by,
            snoozed_until=track.snoozed_until,
            events=tuple(track.events),
            acts=tuple(track.acts),
        )


def _apply(act: Act, track: _Track, number: int) -> None:
    """Apply what a person did to the incident that the act is about."""
    track.acts.append(act.event_id)
    match act.kind:
        case EventKind.ACKNOWLEDGED:
            track.acknowledged_by = act.author
        case EventKind.SNOOZED:
            track.snoozed_until = act.until
        case EventKind.CLOSED_BY_HAND if track.is_open:
            track.close(act.window, number)
