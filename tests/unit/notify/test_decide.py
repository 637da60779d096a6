"""When a mail is sent."""

from __future__ import annotations

import pytest
from daywatch.notify.decide import MailKind, should_notify
from daywatch.results import State

G, A, R, N = State.GREEN, State.AMBER, State.RED, State.GREY


@pytest.mark.parametrize(
    ("state", "previous", "send", "kind"),
    [
        (G, None, True, MailKind.FIRST),
        (R, None, True, MailKind.FIRST),
        (G, G, False, MailKind.UNCHANGED),
        (A, A, False, MailKind.UNCHANGED),
        (N, N, False, MailKind.UNCHANGED),
        (R, R, True, MailKind.STILL_RED),
        (G, R, True, MailKind.CHANGE),
        (N, G, True, MailKind.CHANGE),
        (A, G, True, MailKind.CHANGE),
        (R, N, True, MailKind.CHANGE),
    ],
)
def test_should_notify(state: State, previous: State | None, send: bool, kind: MailKind) -> None:
    decision = should_notify(state, previous)
    assert (decision.send, decision.kind) == (send, kind)
    assert state in decision.reason


@pytest.mark.parametrize("previous", [None, *State])
@pytest.mark.parametrize(
    ("state", "earlier", "kind"),
    [
        (R, N, MailKind.WORSE),
        (A, N, MailKind.WORSE),
        (N, G, MailKind.WORSE),
        (R, A, MailKind.WORSE),
        (G, N, MailKind.BETTER),
        (G, R, MailKind.BETTER),
        (N, R, MailKind.BETTER),
        (R, R, MailKind.UNCHANGED),
        (G, G, MailKind.UNCHANGED),
    ],
)
def test_a_window_judged_again_is_mailed_where_it_is_worse(
    state: State, earlier: State, kind: MailKind, previous: State | None
) -> None:
    decision = should_notify(state, previous, earlier)
    assert (decision.send, decision.kind) == (kind is MailKind.WORSE, kind)
    assert state in decision.reason
