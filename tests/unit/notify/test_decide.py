"""When a mail is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from daywatch.incidents.news import IncidentOfWindow, WindowNews
from daywatch.incidents.types import EventKind
from daywatch.notify.decide import MailKind, should_notify
from daywatch.results import State
from daywatch.verdicts import CauseKind

G, A, R, N = State.GREEN, State.AMBER, State.RED, State.GREY


@pytest.mark.parametrize(
    ("state", "previous", "send", "kind"),
    [
        (G, None, True, MailKind.FIRST),
        (R, None, True, MailKind.FIRST),
        (G, G, False, MailKind.UNCHANGED),
        (A, A, False, MailKind.UNCHANGED),
        (N, N, False, MailKind.UNCHANGED),
        (R, R, False, MailKind.UNCHANGED),
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


AT = datetime(2024, 3, 4, 6, tzinfo=UTC)


def incident(
    happened: EventKind | None, snoozed: int = 0, *, is_open: bool = True, name: str = "a"
) -> IncidentOfWindow:
    return IncidentOfWindow(
        incident_id=f"{name}-2024-03-01",
        kind=CauseKind.DATA,
        name="missing_values",
        column=name,
        slice="",
        state=R,
        states=(R,),
        sentence=f"{name} is missing",
        first_window=AT - timedelta(days=3),
        first_key="2024-03-03",
        windows=3,
        is_open=is_open,
        happened=happened,
        acknowledged_by="kim",
        snoozed_until=AT + timedelta(days=snoozed) if snoozed else None,
    )


NEW, BAD, C, B = EventKind.OPENED, EventKind.WORSENED, EventKind.CLOSED, EventKind.REOPENED


@pytest.mark.parametrize(
    ("incidents", "kind"),
    [
        ([], MailKind.UNCHANGED),
        ([incident(None)], MailKind.UNCHANGED),
        ([incident(EventKind.IMPROVED)], MailKind.UNCHANGED),
        ([incident(NEW)], MailKind.OPENED),
        ([incident(B)], MailKind.OPENED),
        ([incident(BAD)], MailKind.WORSENED),
        ([incident(C, is_open=False)], MailKind.CLOSED),
        ([incident(NEW), incident(BAD, name="b")], MailKind.WORSENED),
        ([incident(B, snoozed=1)], MailKind.SNOOZED),
        ([incident(B, snoozed=-1)], MailKind.OPENED),
        ([incident(BAD, snoozed=1)], MailKind.WORSENED),
        ([incident(None, snoozed=1), incident(NEW, name="b")], MailKind.OPENED),
        ([incident(None), incident(C, snoozed=1, is_open=False, name="b")], MailKind.UNCHANGED),
    ],
)
def test_a_window_in_the_same_state_is_mailed_by_its_incidents(
    incidents: list[IncidentOfWindow], kind: MailKind
) -> None:
    decision = should_notify(R, R, None, WindowNews(incidents=tuple(incidents), at=AT))

    assert decision.kind is kind
    assert decision.send is (kind not in (MailKind.UNCHANGED, MailKind.SNOOZED))


def test_a_snooze_holds_also_where_the_state_changes() -> None:
    snoozed = WindowNews(incidents=(incident(B, snoozed=1),), at=AT)

    assert should_notify(R, G, None, snoozed).kind is MailKind.SNOOZED
    assert should_notify(G, R, None, WindowNews(at=AT)).kind is MailKind.CHANGE


def test_a_snooze_of_bad_evidence_does_not_hide_that_there_is_none() -> None:
    snoozed = incident(None, snoozed=1)
    of_grey = WindowNews(incidents=(snoozed.model_copy(update={"state": N}),), at=AT)
    of_red = WindowNews(incidents=(snoozed,), at=AT)

    assert should_notify(N, R, None, of_red).kind is MailKind.CHANGE
    assert should_notify(N, N, None, of_red).kind is MailKind.UNCHANGED
    assert should_notify(N, R, None, of_grey).kind is MailKind.SNOOZED


def test_a_window_of_a_backfill_is_a_line_of_a_digest() -> None:
    news = WindowNews(incidents=(incident(NEW),), at=AT)

    assert should_notify(R, G, None, news, backfill=True).kind is MailKind.BACKFILL
    assert should_notify(R, None, None, news, backfill=True).kind is MailKind.BACKFILL
    assert should_notify(R, G, N, news, backfill=True).kind is MailKind.WORSE
