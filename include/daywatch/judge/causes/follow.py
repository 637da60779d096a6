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
    from daywatch.verdicts import VerdictCause

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
    "volume_rise": ("duplicates", "sampling_changed"),
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


def step(cause: VerdictCause) -> int:
    """Return how many steps a cause is from a fault; drift of all columns together follows that of single ones."""
    return _LATER.get(cause.name, 0) + (cause.name == DRIFT and not cause.column)


def explains(one: VerdictCause, other: VerdictCause) -> bool:
    """Return whether a cause explains another one, as far as their names, columns and slices say.

    Args:
        one: The cause that may explain.
        other: The cause that may follow from it.
    """
    if one.state is State.GREY or step(one) >= step(other) or one.slice not in ("", other.slice):
        return False
    if other.name in _ONLY_BY:
        return one.name in _ONLY_BY[other.name]
    if other.state is State.GREY:
        return False
    of_column = bool(one.column) and one.kind in _OF_COLUMNS
    if other.name in _OF_ALL_COLUMNS:
        return of_column or one.kind in _OF_ALL_COLUMNS[other.name] or one.name in CHANGED_VERSIONS
    return one.column == other.column if other.column else of_column
