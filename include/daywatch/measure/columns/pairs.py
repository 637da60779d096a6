"""The values of a column on both sides, in the form that the drift methods need."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from daywatch.engine.budget import KERNEL_BLOCK

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class SideValues:
    """The usable values of a column on one side: neither missing nor infinite.

    Attributes:
        array: Numbers; categories as codes from 0, in the order of the categories' names and the same on both
            sides; or texts as objects.
        presorted: Whether the numbers are in ascending order already.
    """

    array: Array
    presorted: bool = False

    @property
    def size(self) -> int:
        """How many values there are."""
        return int(self.array.size)

    @cached_property
    def ordered(self) -> Array:
        """Numbers in ascending order."""
        import numpy as np

        return self.array if self.presorted else np.sort(self.array)

    @cached_property
    def deviation(self) -> float:
        """The population standard deviation of the numbers, in two passes."""
        import numpy as np

        array = self.ordered
        mean = array.mean()
        # Not a dot product: those start BLAS threads, which wait for each other on a busy machine.
        squares = sum(
            float(np.square(array[start : start + KERNEL_BLOCK] - mean).sum())
            for start in range(0, array.size, KERNEL_BLOCK)
        )
        return math.sqrt(squares / array.size)

    def sorted_in_place(self) -> SideValues:
        """Return the values in ascending order, sorted in place: the array loses its own order."""
        self.array.sort()
        return SideValues(self.array, presorted=True)

    def first_distinct(self, most: int) -> list[Any]:
        """Return the smallest distinct numbers, with one binary search for each.

        Args:
            most: How many at most.
        """
        values, at = self.ordered, 0
        found: list[Any] = []
        while at < values.size and len(found) < most:
            found.append(values[at])
            at = int(values.searchsorted(values[at], "right"))
        return found

    def distinct(self) -> Array:
        """Return the distinct numbers in ascending order."""
        import numpy as np

        values = self.ordered
        first = np.empty(values.size, dtype=bool)
        first[:1] = True
        np.not_equal(values[1:], values[:-1], out=first[1:])
        return values[first]

    def series(self, name: str) -> pd.Series:
        """Return the values in the form that Evidently's functions take."""
        import pandas as pd

        return pd.Series(self.array, name=name)


class ValueCounts(NamedTuple):
    """How often each category or distinct number occurs on each side, in their order; each is on at least one side."""

    baseline: Array
    window: Array


@dataclass(frozen=True)
class ColumnPair:
    """A column's values on both sides.

    Attributes:
        baseline: The values of the baseline.
        window: The values of the window.
        categorical: Whether the values are codes of categories.
    """

    baseline: SideValues
    window: SideValues
    categorical: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether every value of both sides is the same; both sides must have values."""
        arrays = self.baseline.array, self.window.array
        first = arrays[0][0]
        if any(array[0] != first or array[-1] != first for array in arrays):
            return False
        return all(bool((array == first).all()) for array in arrays)

    @cached_property
    def counts(self) -> ValueCounts:
        """Counts of each category, or of each distinct number of a numeric column."""
        import numpy as np

        if not self.categorical:
            keys = np.union1d(self.baseline.distinct(), self.window.distinct())
            found = (_occurrences(side.ordered, keys) for side in (self.baseline, self.window))
            return ValueCounts(*found)
        arrays = self.baseline.array, self.window.array
        size = 1 + max((int(array.max()) for array in arrays if array.size), default=-1)
        baseline, window = (np.bincount(array, minlength=size) for array in arrays)
        seen = (baseline + window) > 0
        return ValueCounts(baseline[seen], window[seen])

    def distinct_up_to(self, most: int) -> int:
        """Count the different values of both sides together.

        Args:
            most: Beyond this number the count is not exact, only greater than ``most``.
        """
        if self.categorical:
            return int(self.counts.baseline.size)
        sides = (self.baseline, self.window)
        return len({value for side in sides for value in side.first_distinct(most + 1)})


def _occurrences(ordered: Array, keys: Array) -> Array:
    return ordered.searchsorted(keys, "right") - ordered.searchsorted(keys, "left")
