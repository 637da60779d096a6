"""Which cause may explain which: faults explain drift, and both explain a fall of performance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.judge.causes.meanings import (
    CHANGED_VERSIONS,
    DRIFT,
    LABEL_DRIFT,
    PERFORMANCE_FALL,
    PREDICTION_DRIFT,
    TOO_FEW_ROWS,
)
from daywatch.results import State
from daywatch.verdicts import CauseKind

if TYPE_CHECKING:
    from daywatch.judge.causes.candidates import Candidate

_LATER = {
    "quarantined": 1,
    "expectations": 1,
    "volume_fall": 1,
    "volume_rise": 1,
    DRIFT: 2,
    "correlation_change": 2,
    PREDICTION_DRIFT: 4,
    LABEL_DRIFT: 4,
    PERFORMANCE_FALL: 5,
    TOO_FEW_ROWS: 6,
}
"""Steps from a fault, which is at 0, to what it leads to."""

_ONLY_BY = {
    "volume_fall": ("missing_hours", "sampling_changed"),
    "volume_rise": ("doubled_traffic", "duplicates", "sampling_changed"),
    "quarantined": ("type_mismatch",),
    TOO_FEW_ROWS: (
        *("missing_hours", "sampling_changed", "volume_fall"),
        *("quarantined", "type_mismatch", "duplicates"),
    ),
}
"""What follows only from causes of these names."""

_OF_ALL_COLUMNS: dict[str, tuple[CauseKind, ...]] = {
    PREDICTION_DRIFT: (CauseKind.PREDICTION,),
    PERFORMANCE_FALL: (CauseKind.PREDICTION, CauseKind.LABELS),
}
"""What follows from a change of any feature, of what answers, and from causes of these kinds."""

_OF_COLUMNS = (CauseKind.DATA, CauseKind.WORLD)


def step(one: Candidate) -> int:
    """Return how many steps a cause is from a fault; drift of all columns together follows that of single ones."""
    if one.diagnosed:
        return -1
    return _LATER.get(one.cause.name, 0) + (one.cause.name == DRIFT and not one.cause.column)


def explains(one: Candidate, other: Candidate) -> bool:
    """Return whether a cause explains another one, as far as their names, columns and slices say.

    Args:
        one: The cause that may explain.
        other: The cause that may follow from it.
    """
    cause, follower = one.cause, other.cause
    if cause.state is State.GREY or step(one) >= step(other):
        return False
    if not one.diagnosed and cause.slice not in ("", follower.slice):
        return False  # a rule's slice says nothing of the other rows; a diagnosis says where the rows of a fault are
    if follower.name in _ONLY_BY:
        return cause.name in _ONLY_BY[follower.name]
    if follower.state is State.GREY:
        return False
    of_column = bool(one.columns) and cause.kind in _OF_COLUMNS
    if follower.name in _OF_ALL_COLUMNS:
        return of_column or cause.kind in _OF_ALL_COLUMNS[follower.name] or cause.name in CHANGED_VERSIONS
    return follower.column in one.columns if follower.column else of_column
