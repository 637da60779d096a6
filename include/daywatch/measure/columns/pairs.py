"""The values of a column on both sides, as the stat tests read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Values:
    """The usable values of a column on one side: neither missing nor infinite.

    Attributes:
        array: Numbers; categories as codes from 0, in the order of the categories' names, the same code on
            both sides; or texts, as objects.
        presorted: Whether numbers ascend already, so that no copy is sorted.
    """

    array: Array
    presorted: bool = False

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.array.size)

    @cached_property
    def ordered(self) -> Array:
        """Numbers in ascending order."""
        import numpy as np

        return self.array if self.presorted else np.sort(self.array)

    def sorted_in_place(self) -> Values:
        """Return them sorted, without a copy: the array's own order is lost."""
        self.array.sort()
        return Values(self.array, presorted=True)

    def first_distinct(self, most: int) -> list[Any]:
        """Return the smallest distinct numbers, at most so many: a search each, whatever the size."""
        values, at = self.ordered, 0
        found: list[Any] = []
        while at < values.size and len(found) < most:
            found.append(values[at])
            at = int(values.searchsorted(values[at], "right"))
        return found

    def distinct(self) -> Array:
        """Return the distinct numbers, ascending."""
        import numpy as np

        values = self.ordered
        first = np.empty(values.size, dtype=bool)
        first[:1] = True
        np.not_equal(values[1:], values[:-1], out=first[1:])
        return values[first]

    def series(self, name: str) -> pd.Series:
        """Return them as Evidently's own functions take them."""
        import pandas as pd

        return pd.Series(self.array, name=name)


class Counts(NamedTuple):
    """How often each category occurs on both sides, in the categories' order; none is on neither."""

    reference: Array
    current: Array


@dataclass(frozen=True)
class Pair:
    """A column's values on both sides.

    Attributes:
        reference: The baseline's.
        current: The window's.
        categorical: Whether they are codes of categories.
    """

    reference: Values
    current: Values
    categorical: bool = False

    @cached_property
    def counts(self) -> Counts:
        """Counts of each category; of a numeric column, of each distinct number."""
        import numpy as np

        if not self.categorical:
            keys = np.union1d(self.reference.distinct(), self.current.distinct())
            found = (_occurrences(side.ordered, keys) for side in (self.reference, self.current))
            return Counts(*found)
        arrays = self.reference.array, self.current.array
        size = 1 + max((int(array.max()) for array in arrays if array.size), default=-1)
        reference, current = (np.bincount(array, minlength=size) for array in arrays)
        seen = (reference + current) > 0
        return Counts(reference[seen], current[seen])

    def distinct_up_to(self, most: int) -> int:
        """Count the different values of both sides; more than ``most`` are told as any greater number."""
        if self.categorical:
            return int(self.counts.reference.size)
        sides = (self.reference, self.current)
        return len({value for side in sides for value in side.first_distinct(most + 1)})


def _occurrences(ordered: Array, keys: Array) -> Array:
    return ordered.searchsorted(keys, "right") - ordered.searchsorted(keys, "left")
