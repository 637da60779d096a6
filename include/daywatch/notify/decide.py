"""Whether a window is mailed: on RED, on a change of state, on the first window, on new evidence that is worse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from daywatch.results import State


class MailKind(StrEnum):
    """The reason for a mail; part of its Message-ID."""

    FIRST = "first"
    CHANGE = "change"
    STILL_RED = "still_red"
    WORSE = "worse"
    BETTER = "better"
    UNCHANGED = "unchanged"


QUIET = (MailKind.UNCHANGED, MailKind.BETTER)
"""Kinds that are stored and never mailed."""


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


def should_notify(state: State, previous_state: State | None, earlier_state: State | None = None) -> Decision:
    """Decide whether a window's verdict is mailed.

    A window that was judged before is mailed only where it became worse. New evidence that makes it better sends
    no mail, and neither does a new revision with the same verdict.

    Args:
        state: Verdict on the window.
        previous_state: Verdict on the previous judged window, None where there is none.
        earlier_state: Verdict of this window's previous revision, None where this is its first.
    """
    if earlier_state is not None:
        return _again(state, earlier_state)
    if previous_state is None:
        return Decision(True, MailKind.FIRST, f"First judged window of this model: {state}.")
    if state is not previous_state:
        return Decision(True, MailKind.CHANGE, f"Changed from {previous_state} to {state}.")
    if state is State.RED:
        return Decision(True, MailKind.STILL_RED, "Still RED.")
    return Decision(False, MailKind.UNCHANGED, f"Still {state}: nothing new to report.")


def _again(state: State, earlier: State) -> Decision:
    """Decide for a window that was judged before."""
    if state is earlier:
        return Decision(False, MailKind.UNCHANGED, f"Judged again and still {state}: nothing new to report.")
    worse = state > earlier
    return Decision(
        worse,
        MailKind.WORSE if worse else MailKind.BETTER,
        f"Judged again: changed from {earlier} to {state}.",
    )
