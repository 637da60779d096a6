"""Sketches of the order of a column's values: small enough to store, and merged without loss.

A sketch lists some of the values that occur, the number of values equal to each, and the number strictly between
two of them. A column of few distinct values is known completely. The listed values are taken from the sorted column
at ranks that are closer together towards the ends, like the clusters of a t-digest (Dunning & Ertl 2019, scale
function k1). Only the position of values between two neighbours is unknown, so every count has certain bounds, and
the bounds of merged sketches are the weighted bounds of their parts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from daywatch.results import Record

POINTS = 128
"""Number of steps between the ranks at which values are listed."""

RANK_ERROR = math.pi / (2 * POINTS)
"""Greatest error of a rank as a share of the values: 1.23 %; near the quantile p about 2 sqrt(p(1-p)) of it."""


class Sketch(Record):
    """Counts of one column of one window.

    Attributes:
        values: Some of the values, ascending; the first is the smallest, the last the largest of all.
        equal: Number of values equal to each of them.
        between: Number of values strictly between each of them and the next.
    """

    values: tuple[float, ...]
    equal: tuple[int, ...]
    between: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """True where every distinct value is listed."""
        return not any(self.between)


def sketch_of(values: Any, distinct: int) -> Sketch:
    """Return the sketch of sorted float64 values, of which there is at least one.

    Args:
        values: Sorted numpy array.
        distinct: Number of distinct values in it.
    """
    import numpy as np

    if distinct <= POINTS:
        listed = np.unique(values)
    else:
        steps = (1 - np.cos(np.pi * np.arange(POINTS + 1) / POINTS)) / 2
        listed = np.unique(values[np.rint(steps * (len(values) - 1)).astype(np.int64)])
    left = np.searchsorted(values, listed, side="left")
    right = np.searchsorted(values, listed, side="right")
    return Sketch(
        values=tuple(listed.tolist()),
        equal=tuple((right - left).tolist()),
        between=tuple((left[1:] - right[:-1]).tolist()),
    )


@dataclass(frozen=True)
class Ranks:
    """Merged sketches as cumulative counts at every listed value; all attributes are numpy arrays of float64.

    Attributes:
        points: The listed values, ascending, each once.
        least: Lower bound of the number of values not greater than the point.
        most: Upper bound of that number.
        most_above: Upper bound of that number just above the point, where values between it and the next may be.
        least_below: Lower bound of the number of values smaller than the point.
        most_below: Upper bound of that number.
    """

    points: Any
    least: Any
    most: Any
    most_above: Any
    least_below: Any
    most_below: Any

    @property
    def count(self) -> float:
        """Number of values."""
        return float(self.least[-1])

    def at(self, points: Any) -> tuple[Any, Any]:
        """Return the lower and the upper bound of the share of values not greater than each of ascending points."""
        import numpy as np

        index = np.searchsorted(self.points, points, side="right") - 1
        own = (index >= 0) & (self.points[index] == points)
        return self._shares(index, np.where(own, self.most[index], self.most_above[index]))

    def above(self, points: Any) -> tuple[Any, Any]:
        """Return the same bounds just above each point, up to the next point that any sketch lists."""
        import numpy as np

        index = np.searchsorted(self.points, points, side="right") - 1
        return self._shares(index, self.most_above[index])

    def _shares(self, index: Any, most: Any) -> tuple[Any, Any]:
        import numpy as np

        inside = index >= 0
        return (np.where(inside, part, 0.0) / self.count for part in (self.least[index], most))  # type: ignore[return-value]

    def quantiles(self, shares: Iterable[float]) -> list[float]:
        """Return quantiles, interpolated linearly as numpy does; exact if the sketches are complete.

        The rank of a quantile is wrong by ``RANK_ERROR`` of the values at most.

        Args:
            shares: Probabilities, from 0 to 1.
        """
        import numpy as np

        first = (self.least_below + self.most_below) / 2
        last = (self.least + self.most) / 2 - 1
        order = np.stack([first, last], axis=1).ravel()
        values = np.repeat(self.points, 2)
        ranks = np.array([share * (self.count - 1) for share in shares])
        above = np.minimum(np.searchsorted(order, ranks, side="left"), len(order) - 1)
        below = np.maximum(above - 1, 0)
        width = order[above] - order[below]
        part = np.where(width > 0, (ranks - order[below]) / np.where(width > 0, width, 1), 1)
        low, high = values[below], values[above]
        # The difference of two numbers may overflow.
        with np.errstate(over="ignore", invalid="ignore"):
            found = np.where(
                np.isfinite(high - low), low + (high - low) * part, low * (1 - part) + high * part
            )
        return [float(value) for value in np.where(part >= 1, high, found)]


def ranks_of(sketches: Iterable[Sketch]) -> Ranks:
    """Merge sketches of windows that share no row; there must be at least one."""
    import numpy as np

    parts = list(sketches)
    listed = np.concatenate([np.asarray(part.values) for part in parts])
    points, index = np.unique(listed, return_inverse=True)
    equal = np.concatenate([np.asarray(part.equal, dtype=np.float64) for part in parts])
    # A gap belongs to the value before it; each sketch's last value has none.
    gaps = np.concatenate([np.asarray((*part.between, 0), dtype=np.float64) for part in parts])
    at = np.cumsum(np.bincount(index, equal, len(points)))
    begun = np.cumsum(np.bincount(index, gaps, len(points)))
    ended = np.cumsum(np.bincount(index, np.concatenate([[0.0], gaps[:-1]]), len(points)))
    before_at, before_begun = (np.concatenate([[0.0], part[:-1]]) for part in (at, begun))
    return Ranks(
        points=points,
        least=at + ended,
        most=at + before_begun,
        most_above=at + begun,
        least_below=before_at + ended,
        most_below=before_at + before_begun,
    )
