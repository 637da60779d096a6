"""A distance that is Daywatch's own: Evidently has no stat test for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from daywatch.measure.columns.pairs import ColumnPair

FLOOR = 0.1
"""Below it, no column counts as drifted, however many rows show that it moved; Evidently's own default."""


class Distance(NamedTuple):
    """A distance.

    Attributes:
        score: Returns the distance of the two sides.
        title: Its name for people.
    """

    score: Callable[[ColumnPair], float]
    title: str
