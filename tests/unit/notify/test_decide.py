"""When a mail is sent."""

from __future__ import annotations

import pytest
from daywatch.notify.decide import Kind, should_notify
from daywatch.results import State

G, A, R, N = State.GREEN, State.AMBER, State.RED, State.GREY


@pytest.mark.parametrize(
    ("state", "previous", "send", "kind"),
    [
        (G, None, True, Kind.FIRST),
        (R, None, True, Kind.FIRST),
        (G, G, False, Kind.UNCHANGED),
        (A, A, False, Kind.UNCHANGED),
        (N, N, False, Kind.UNCHANGED),
        (R, R, True, Kind.STILL_RED),
        (G, R, True, Kind.CHANGE),
        (N, G, True, Kind.CHANGE),
        (A, G, True, Kind.CHANGE),
        (R, N, True, Kind.CHANGE),
    ],
)
def test_should_notify(state: State, previous: State | None, send: bool, kind: Kind) -> None:
    decision = should_notify(state, previous)
    assert (decision.send, decision.kind) == (send, kind)
    assert state in decision.reason
