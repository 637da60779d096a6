"""Whether a window is worth a mail: on RED, on a change of state, on the first ever, on late evidence that is bad."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from daywatch.results import State


class Kind(StrEnum):
    """Why a mail is sent; part of its Message-ID."""

    FIRST = "first"
    CHANGE = "change"
    STILL_RED = "still_red"
    WORSE = "worse"
    BETTER = "better"
    UNCHANGED = "unchanged"


QUIET = (Kind.UNCHANGED, Kind.BETTER)
"""Kinds that are remembered and never mailed."""


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


def should_notify(state: State, previous_state: State | None, earlier_state: State | None = None) -> Decision:
    """Decide whether a window's verdict is mailed.

    A window that was judged before is news only where it has become worse: late evidence that makes it better
    closes quietly, and what was told once is not told again.

    Args:
        state: The window's verdict.
        previous_state: Verdict of the judged window before it, None where there is none.
        earlier_state: Verdict of this window's revision before, None where this is its first.
    """
    if earlier_state is not None:
        return _again(state, earlier_state)
    if previous_state is None:
        return Decision(True, Kind.FIRST, f"First judged window of this model: {state}.")
    if state is not previous_state:
        return Decision(True, Kind.CHANGE, f"Changed from {previous_state} to {state}.")
    if state is State.RED:
        return Decision(True, Kind.STILL_RED, "Still RED.")
    return Decision(False, Kind.UNCHANGED, f"Still {state}: nothing new to tell.")


def _again(state: State, earlier: State) -> Decision:
    """Decide for a window that was judged before."""
    if state is earlier:
        return Decision(False, Kind.UNCHANGED, f"Still {state} on new evidence: nothing new to tell.")
    worse = state > earlier
    return Decision(
        worse, Kind.WORSE if worse else Kind.BETTER, f"New evidence made it {state}; it was {earlier}."
    )
