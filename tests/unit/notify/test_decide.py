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


@pytest.mark.parametrize("previous", [None, *State])
@pytest.mark.parametrize(
    ("state", "earlier", "kind"),
    [
        (R, N, Kind.WORSE),
        (A, N, Kind.WORSE),
        (N, G, Kind.WORSE),
        (R, A, Kind.WORSE),
        (G, N, Kind.BETTER),
        (G, R, Kind.BETTER),
        (N, R, Kind.BETTER),
        (R, R, Kind.UNCHANGED),
        (G, G, Kind.UNCHANGED),
    ],
)
def test_late_evidence_is_told_where_it_is_worse(
    state: State, earlier: State, kind: Kind, previous: State | None
) -> None:
    decision = should_notify(state, previous, earlier)
    assert (decision.send, decision.kind) == (kind is Kind.WORSE, kind)
    assert state in decision.reason
