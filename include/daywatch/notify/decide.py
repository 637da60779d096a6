"""Whether a window is mailed: on a change of state, on news of an incident, on new evidence that is worse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.incidents.news import WindowNews


class MailKind(StrEnum):
    """The reason for a mail; part of its Message-ID."""

    FIRST = "first"
    CHANGE = "change"
    OPENED = "opened"
    WORSENED = "worsened"
    CLOSED = "closed"
    WORSE = "worse"
    BETTER = "better"
    UNCHANGED = "unchanged"
    SNOOZED = "snoozed"
    BACKFILL = "backfill"


QUIET = (MailKind.UNCHANGED, MailKind.BETTER, MailKind.SNOOZED, MailKind.BACKFILL)
"""Kinds that are stored and never mailed; the digest has them."""


@dataclass(frozen=True)
class Decision:
    """Whether to mail.

    Attributes:
        send: Whether to send a mail.
        kind: The reason as a word.
        reason: The reason as a sentence.
    """

    send: bool
    kind: MailKind
    reason: str


def should_notify(
    state: State,
    previous_state: State | None,
    earlier_state: State | None = None,
    news: WindowNews | None = None,
    *,
    backfill: bool = False,
) -> Decision:
    """Decide whether a window's verdict is mailed.

    A window that was judged before is mailed only where it became worse. New evidence that makes it better sends
    no mail, and neither does a new revision with the same verdict. An incident that goes on is a line of the digest.

    Args:
        state: Verdict on the window.
        previous_state: Verdict on the previous judged window, None where there is none.
        earlier_state: Verdict of this window's previous revision, None where this is its first.
        news: What the window did to the model's incidents, None for nothing.
        backfill: Whether the window is one of a past that is judged as a whole: it is a line of one digest.
    """
    if earlier_state is not None:
        return _again(state, earlier_state)
    if backfill:
        return _quiet(MailKind.BACKFILL, f"{state}, of a backfill: the digest has it.")
    if news is not None and news.is_snoozed(state):
        return _quiet(MailKind.SNOOZED, f"{state}, and somebody wants no mail about its incidents yet.")
    return _new(state, previous_state, news)


def _new(state: State, previous_state: State | None, news: WindowNews | None) -> Decision:
    """Decide for a window that is judged for the first time."""
    if previous_state is None:
        return Decision(True, MailKind.FIRST, f"First judged window of this model: {state}.")
    if state is not previous_state:
        return Decision(True, MailKind.CHANGE, f"Changed from {previous_state} to {state}.")
    if news is not None and (decision := _of_incidents(state, news)):
        return decision
    return _quiet(MailKind.UNCHANGED, f"Still {state}: nothing new to report.")


def _of_incidents(state: State, news: WindowNews) -> Decision | None:
    """Decide for a window in the same state as before by what it did to incidents."""
    for kind, happened, sentences in (
        (MailKind.WORSENED, "An incident worsened", news.worsened),
        (MailKind.OPENED, "An incident opened", news.opened),
        (MailKind.CLOSED, "An incident closed", news.closed),
    ):
        if sentences:
            return Decision(True, kind, f"Still {state}. {happened}: {sentences[0]}.")
    return None


def _again(state: State, earlier: State) -> Decision:
    """Decide for a window that was judged before."""
    if state is earlier:
        return _quiet(MailKind.UNCHANGED, f"Judged again and still {state}: nothing new to report.")
    worse = state > earlier
    return Decision(
        worse,
        MailKind.WORSE if worse else MailKind.BETTER,
        f"Judged again: changed from {earlier} to {state}.",
    )


def _quiet(kind: MailKind, reason: str) -> Decision:
    return Decision(False, kind, reason)
