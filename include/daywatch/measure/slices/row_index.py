"""The rows of one side grouped by slice, by their positions in the file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array


@dataclass(frozen=True)
class RowIndex:
    """The rows of one side, grouped by slice.

    Attributes:
        order: Positions in the file of the rows that belong to a slice: those of the first slice in file order,
            then those of the second, and so on.
        counts: How many rows each slice has, in the order of the slices.
    """

    order: Array
    counts: Array

    @property
    def positions(self) -> list[Array]:
        """The positions of each slice's rows, one array a slice."""
        return self.split(self.order)

    def split(self, ordered: Array) -> list[Array]:
        """Split values that are in the index's order into one array a slice; the arrays share memory."""
        ends = [0, *self.counts.cumsum().tolist()]
        return [ordered[first:last] for first, last in pairwise(ends)]

    def sums(self, values: Array) -> Array:
        """Return the sum of the values for each slice.

        Args:
            values: One value for each row of the file, in file order.
        """
        import numpy as np

        numbers = np.repeat(np.arange(len(self.counts)), self.counts)
        return np.bincount(numbers, weights=values[self.order], minlength=len(self.counts))

    def among(self, rows: Array) -> RowIndex:
        """Return the index of a subset of the rows, by their positions within that subset.

        Args:
            rows: For each row of the file, whether it is in the subset.
        """
        import numpy as np

        kept = rows[self.order]
        numbers = np.repeat(np.arange(len(self.counts)), self.counts)[kept]
        places = np.cumsum(rows, dtype=np.int32) - 1
        return RowIndex(places[self.order[kept]], np.bincount(numbers, minlength=len(self.counts)))


def row_index(numbers: Array, slices: int) -> RowIndex:
    """Group the rows of a side by slice.

    Args:
        numbers: The number of each row's slice, from 0; rows with a negative number belong to no slice.
        slices: How many slices there are.
    """
    import numpy as np

    counts = np.bincount(numbers[numbers >= 0], minlength=slices)
    order = np.argsort(numbers, kind="stable")[len(numbers) - int(counts.sum()) :]
    return RowIndex(order.astype(np.int32), counts)
