"""Whether a window is worth a mail: on RED, on a change of state, and on the first window ever."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from daywatch.results import State


class Kind(StrEnum):
    """Why a mail is sent; part of its Message-ID."""

    FIRST = "first"
    CHANGE = "change"
    STILL_RED = "still_red"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Decision:
    """Whether to mail.

    Attributes:
        send: True for yes.
        kind: Why, as a word.
        reason: Why, as a sentence.
    """

    send: bool
    kind: Kind
    reason: str


def should_notify(state: State, previous_state: State | None) -> Decision:
    """Decide whether a window's verdict is mailed.

    Args:
        state: The window's verdict.
        previous_state: Verdict of the judged window before it, None where there is none.
    """
    if previous_state is None:
        return Decision(True, Kind.FIRST, f"First judged window of this model: {state}.")
    if state is not previous_state:
        return Decision(True, Kind.CHANGE, f"Changed from {previous_state} to {state}.")
    if state is State.RED:
        return Decision(True, Kind.STILL_RED, "Still RED.")
    return Decision(False, Kind.UNCHANGED, f"Still {state}: nothing new to tell.")
