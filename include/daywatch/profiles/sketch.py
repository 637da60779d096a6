"""The order of a column's values, small enough to store and fit to be merged without loss.

A sketch lists some values that occur, with how many values equal each and how many lie strictly between two of
them; a column of few distinct values is known completely. It is cut from the sorted column at ranks that lie
closer towards the ends, as the clusters of a t-digest do (Dunning & Ertl 2019, scale function k1). What is not
known is only where values lie between two neighbours, so every count that follows has certain bounds, and the
bounds of merged sketches are those of their parts, weighted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from daywatch.results import Record

POINTS = 128
"""Steps between the ranks at which values are listed."""

RANK_ERROR = math.pi / (2 * POINTS)
"""Share of the values by which a rank is wrong at most: 1.23 %; beside the quantile p about 2 sqrt(p(1-p)) of it."""


class Sketch(Record):
    """Counts of one column of one window.

    Attributes:
        values: Values that occur, ascending; the smallest and the largest are the first and the last.
        equal: How many values equal each of them.
        between: How many lie strictly between each and the next.
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
        values: numpy array.
        distinct: How many of them differ.
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
        least: Values at most equal to the point, for certain.
        most: Values at most equal to the point, at most.
        least_above: Likewise just above the point: ``least``, for what ends there is below.
        most_above: Likewise: what begins there may lie there.
        least_below: Values smaller than the point, for certain.
        most_below: Values smaller than the point, at most.
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
        """Return bounds of the share of values at most equal to each of ascending points."""
        import numpy as np

        place = np.searchsorted(self.points, points, side="right") - 1
        own = (place >= 0) & (self.points[place] == points)
        return self._shares(place, np.where(own, self.most[place], self.most_above[place]))

    def above(self, points: Any) -> tuple[Any, Any]:
        """Return bounds of the same share just above each point, up to the next that any side lists."""
        import numpy as np

        place = np.searchsorted(self.points, points, side="right") - 1
        return self._shares(place, self.most_above[place])

    def _shares(self, place: Any, most: Any) -> tuple[Any, Any]:
        import numpy as np

        inside = place >= 0
        return (np.where(inside, part, 0.0) / self.count for part in (self.least[place], most))  # type: ignore[return-value]

    def quantiles(self, shares: Iterable[float]) -> list[float]:
        """Return quantiles as numpy's linear ones; exact where the sketches are complete.

        The rank of what is returned is wrong by ``RANK_ERROR`` of the values at most.
        """
        import numpy as np

        first = (self.least_below + self.most_below) / 2
        last = (self.least + self.most) / 2 - 1
        order = np.stack([first, last], axis=1).ravel()
        values = np.repeat(self.points, 2)
        places = np.array([share * (self.count - 1) for share in shares])
        above = np.minimum(np.searchsorted(order, places, side="left"), len(order) - 1)
        below = np.maximum(above - 1, 0)
        width = order[above] - order[below]
        part = np.where(width > 0, (places - order[below]) / np.where(width > 0, width, 1), 1)
        low, high = values[below], values[above]
        # The distance of two numbers may be too large for a number.
        with np.errstate(over="ignore", invalid="ignore"):
            found = np.where(
                np.isfinite(high - low), low + (high - low) * part, low * (1 - part) + high * part
            )
        return [float(value) for value in np.where(part >= 1, high, found)]


def ranks_of(sketches: Iterable[Sketch]) -> Ranks:
    """Merge sketches, at least one."""
    import numpy as np

    parts = list(sketches)
    listed = np.concatenate([np.asarray(part.values) for part in parts])
    points, place = np.unique(listed, return_inverse=True)
    equal = np.concatenate([np.asarray(part.equal, dtype=np.float64) for part in parts])
    # A gap belongs to the value before it; each sketch's last value has none.
    gaps = np.concatenate([np.asarray((*part.between, 0), dtype=np.float64) for part in parts])
    at = np.cumsum(np.bincount(place, equal, len(points)))
    begun = np.cumsum(np.bincount(place, gaps, len(points)))
    ended = np.cumsum(np.bincount(place, np.concatenate([[0.0], gaps[:-1]]), len(points)))
    before_at, before_begun = (np.concatenate([[0.0], part[:-1]]) for part in (at, begun))
    return Ranks(
        points=points,
        least=at + ended,
        most=at + before_begun,
        most_above=at + begun,
        least_below=before_at + ended,
        most_below=before_at + before_begun,
    )
