"""How strongly two columns are associated: from -1 or 0 to 1, None where it is not defined.

Measures with a category are corrected for chance. So their values do not depend on the number of rows or
categories.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.engine.budget import ASSOCIATION_BLOCK, ASSOCIATION_CELLS
from daywatch.profiles.magnitude import divided, exponent_of

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array


def pearson(one: Array, other: Array) -> float | None:
    """Return Pearson's correlation of two columns of numbers."""
    import numpy as np

    if one.size < 3:
        return None
    first, second = _ordinary(one), _ordinary(other)
    if first is None or second is None:
        return None
    one, other = first, second
    mean, other_mean = one.mean(), other.mean()
    squares = other_squares = products = 0.0
    for part, other_part in _blocks(one, other):
        deviations, others = part - mean, other_part - other_mean
        squares += float(np.square(deviations).sum())
        other_squares += float(np.square(others).sum())
        products += float((deviations * others).sum())
    spread = math.sqrt(squares * other_squares)
    return products / spread if 0 < spread < math.inf else None


def correlation_ratio(codes: Array, numbers: Array) -> float | None:
    """Return how well categories separate numbers: Pearson's correlation ratio, corrected for chance.

    It is the root of epsilon squared: Kelley, "An unbiased correlation ratio measure", PNAS 21 (1935). Its
    square is the adjusted R2 of a regression on the categories.
    """
    import numpy as np

    ordinary = _ordinary(numbers) if codes.size else None
    if ordinary is None:
        return None
    numbers = ordinary
    size = int(codes.max()) + 1
    counts, sums, total = np.zeros(size), np.zeros(size), 0.0
    mean = numbers.mean()
    for part, values in _blocks(codes, numbers):
        deviations = values - mean
        counts += np.bincount(part, minlength=size)
        sums += np.bincount(part, weights=deviations, minlength=size)
        total += float(np.square(deviations).sum())
    seen = counts > 0
    groups = int(seen.sum())
    if groups < 2 or codes.size <= groups or not 0 < total < math.inf:
        return None
    explained = float((np.square(sums[seen]) / counts[seen]).sum()) / total
    corrected = 1 - (1 - explained) * (codes.size - 1) / (codes.size - groups)
    return math.sqrt(max(corrected, 0.0))


def cramers_v(codes: Array, others: Array) -> float | None:
    """Return Cramér's V of two columns of categories, corrected for chance.

    Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", J. Korean Stat. Soc. 42 (2013).
    """
    import numpy as np

    size = codes.size
    if size < 3:
        return None
    width = int(others.max()) + 1
    cells, counts = _cells(codes, others, width)
    rows, columns = (np.bincount(part, weights=counts) for part in (cells // width, cells % width))
    high, wide = int((rows > 0).sum()), int((columns > 0).sum())
    if min(high, wide) < 2:
        return None
    squared = float((np.square(counts) / (rows[cells // width] * columns[cells % width])).sum()) - 1
    corrected = max(0.0, squared - (high - 1) * (wide - 1) / (size - 1))
    least = min(side - (side - 1) ** 2 / (size - 1) for side in (high, wide)) - 1
    return min(1.0, math.sqrt(corrected / least)) if least > 0 else None


def _cells(codes: Array, others: Array, width: int) -> tuple[Array, Array]:
    """Return the non-empty cells of the contingency table, as numbers, and their counts."""
    import numpy as np

    size = (int(codes.max()) + 1) * width
    if size > ASSOCIATION_CELLS:
        cells, found = np.unique(codes.astype(np.int64) * width + others, return_counts=True)
        return cells, found.astype(float)
    counts = np.zeros(size)
    for part, other_part in _blocks(codes, others):
        counts += np.bincount(part * width + other_part, minlength=size)
    return np.flatnonzero(counts), counts[counts > 0]


def _ordinary(numbers: Array) -> Array | None:
    """Return numbers divided by a power of two where they are very large or small; None if all are the same.

    The deviations of equal numbers from their mean need not be 0, because the mean is rounded.
    """
    low, high = numbers.min(), numbers.max()
    return None if low == high else divided(numbers, exponent_of(float(low), float(high)))


def _blocks(one: Array, other: Array) -> Iterator[tuple[Array, Array]]:
    for start in range(0, one.size, ASSOCIATION_BLOCK):
        yield one[start : start + ASSOCIATION_BLOCK], other[start : start + ASSOCIATION_BLOCK]
