"""Distances between two sorted columns, computed in blocks that fit the processor's cache.

The cumulative distribution functions F and G are constant between two neighbouring values of both sides
together; their inverses are constant between two neighbouring shares. So a distance is a sum, or the maximum,
over these steps. SciPy's ``wasserstein_distance``, ``energy_distance`` and ``ks_2samp`` compute the same from
whole arrays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.engine.budget import KERNEL_BLOCK
from daywatch.measure.columns.pairs import ColumnPair, SideValues
from daywatch.profiles.magnitude import divided, exponent_of, multiplied

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array

# Sums here are not dot products: those start BLAS threads, which wait for each other on a busy machine.
_LARGEST_EXACT = 10_000
"""Rows of the larger side up to which SciPy's ``ks_2samp`` computes the exact p-value."""
_EVIDENTLYS_LEAST_DEVIATION = 0.001
"""Evidently divides by at least this standard deviation, whatever the column's unit."""
_ROUNDING = 2.0**-50
"""A standard deviation below this share of the largest number is rounding, and the column is constant."""
_LEAST_CHANGE = 1e-12
"""A constant has not changed by less than this share of it: numbers are the results of rounded computations."""


def wasserstein(pair: ColumnPair) -> float:
    """Return Wasserstein's first distance divided by the baseline's spread, as Evidently does.

    Source: Evidently's ``_wasserstein_distance_norm``; Ramdas, Garcia, Cuturi, "On Wasserstein Two Sample
    Testing" (2015). Evidently's least deviation hides every shift of a column of small numbers, so the spread here
    is that of ``spread``.
    """
    pair = divided_pair(pair, exponent_of_pair(pair))
    baseline, window = pair.baseline.ordered, pair.window.ordered
    ends = (float(end) for side in (baseline, window) for end in (side[0], side[-1]))
    return between_quantiles(baseline, window) / spread(pair.baseline.deviation, *ends)


def spread(deviation: float, low: float, high: float, other_low: float, other_high: float) -> float:
    """Return what Wasserstein's distance is divided by.

    It is the baseline's standard deviation; if the baseline is constant, the range of both sides together. A column
    that is constant up to the rounding of its numbers is not a drifted one, so the result has a floor.

    Args:
        deviation: The baseline's standard deviation.
        low: The least number of the baseline.
        high: The greatest number of the baseline.
        other_low: The least number of the window.
        other_high: The greatest number of the window.
    """
    largest = max(-low, high, 0.0)
    if low < high and deviation > _ROUNDING * largest:
        return deviation
    return max(max(high, other_high) - min(low, other_low), _LEAST_CHANGE * largest)


def evidentlys_wasserstein(pair: ColumnPair) -> float | None:
    """Return Evidently's number where ``wasserstein`` leaves it, else None."""
    baseline, window = pair.baseline.ordered, pair.window.ordered
    if pair.baseline.deviation >= _EVIDENTLYS_LEAST_DEVIATION:
        return None
    return between_quantiles(baseline, window) / _EVIDENTLYS_LEAST_DEVIATION


def energy_distance(pair: ColumnPair) -> float:
    """Return the energy distance. Source: SciPy's ``energy_distance``."""
    exponent = exponent_of_pair(pair)
    distance = math.sqrt(2) * math.sqrt(_squared_steps(divided_pair(pair, exponent)))
    return multiplied(distance, exponent // 2)  # (it grows with the root of the numbers)


def exponent_of_pair(pair: ColumnPair) -> int:
    """Return the power of two to divide the numbers of both sides by, 0 for ordinary ones."""
    sides = (pair.baseline.ordered, pair.window.ordered)
    return exponent_of(*(float(end) for side in sides for end in (side[0], side[-1])))


def divided_pair(pair: ColumnPair, exponent: int) -> ColumnPair:
    """Divide the numbers of both sides by a power of two: the same pair, if the exponent is 0."""
    if not exponent:
        return pair
    baseline, window = (
        SideValues(divided(side.ordered, exponent), presorted=True) for side in (pair.baseline, pair.window)
    )
    return ColumnPair(baseline, window)


def kolmogorov_smirnov(pair: ColumnPair) -> float:
    """Return the two-sided p-value of the two-sample Kolmogorov-Smirnov test.

    Source: SciPy's ``ks_2samp``: exact up to 10,000 rows a side, beyond that from the limiting distribution.
    """
    import numpy as np
    from scipy.stats import ks_2samp, kstwo

    rows, others = pair.baseline.size, pair.window.size
    if max(rows, others) <= _LARGEST_EXACT:
        return float(ks_2samp(pair.baseline.ordered, pair.window.ordered).pvalue)
    statistic = largest_gap(pair)
    return float(np.clip(kstwo.sf(statistic, np.round(rows * others / (rows + others))), 0, 1))


def largest_gap(pair: ColumnPair) -> float:
    """Return the largest distance between both cumulative distribution functions, from 0 to 1."""
    import numpy as np

    return max(float(np.abs(gaps[_last_of_ties(points)]).max()) for points, gaps in _steps(pair))


def distinct_values(pair: ColumnPair) -> int:
    """Count the distinct values of both sides together."""
    return sum(int(_last_of_ties(points).sum()) for points, _ in _steps(pair))


def between_quantiles(one: Array, other: Array) -> float:
    """Return the integral of the distance between both quantile functions, which is that of ``|F - G|``.

    Each value of the larger side is a step of width 1 / rows. The steps of the smaller side are wider, so such a
    step is within one of them or reaches into the next. Widths are counted in units of 1 / (rows * others).
    """
    import numpy as np

    few, many = (one, other) if one.size <= other.size else (other, one)
    rows, others = many.size, few.size
    part = 1 / rows / others
    total = 0.0
    for start in range(0, rows, KERNEL_BLOCK):
        values = many[start : start + KERNEL_BLOCK].astype(float, copy=False)
        begins = np.arange(start, start + values.size, dtype=np.int64) * others
        steps = begins // rows
        within = np.minimum((steps + 1) * rows - begins, others)
        total += float((np.abs(few[steps] - values) * (within * part)).sum())
        beyond = np.flatnonzero(within < others)
        if beyond.size:
            gaps = np.abs(few[steps[beyond] + 1] - values[beyond])
            total += float((gaps * ((others - within[beyond]) * part)).sum())
    return total


def _squared_steps(pair: ColumnPair) -> float:
    """Return the integral of the square of ``F - G``."""
    import numpy as np

    total, previous = 0.0, None
    for values, gaps in _steps(pair):
        sizes, points = np.square(gaps), values.astype(float, copy=False)
        if previous is not None:
            total += previous[1] * float(points[0] - previous[0])
        total += float((sizes[:-1] * np.diff(points)).sum())
        previous = points[-1], float(sizes[-1])
    return total


def _steps(pair: ColumnPair) -> Iterator[tuple[Array, Array]]:
    """Yield the values of both sides together in ascending blocks, with ``F - G`` at each value.

    Among equal values, only the difference at the last one is that of the distributions. A block never ends
    among equal values.
    """
    import numpy as np

    one, other = pair.baseline.ordered, pair.window.ordered
    low = low_other = 0
    while low < one.size or low_other < other.size:
        high, high_other = _ends(one, other, low, low_other)
        part, part_other = one[low:high], other[low_other:high_other]
        if part.size + part_other.size > 2 * KERNEL_BLOCK:  # equal values, however many
            points: Array = (part if part.size else part_other)[:1]
            gaps: Array = np.array([high / one.size - high_other / other.size])
        else:
            together = np.concatenate((part, part_other))
            order = together.argsort(kind="stable")
            points = together[order]
            seen = np.cumsum(order < part.size)
            seen_other = np.arange(1, order.size + 1) - seen
            gaps = (seen + low) / one.size - (seen_other + low_other) / other.size
        yield points, gaps
        low, low_other = high, high_other


def _ends(one: Array, other: Array, low: int, low_other: int) -> tuple[int, int]:
    """Return where a block ends on both sides: before the value that is a block's length ahead.

    If all values for a whole block are equal, the block is all values that equal them.
    """
    sides = ((one, low), (other, low_other))
    bounds = [values[start + KERNEL_BLOCK] for values, start in sides if start + KERNEL_BLOCK < values.size]
    if not bounds:
        return one.size, other.size
    bound = min(bounds)
    high, high_other = (
        start + int(values[start : start + KERNEL_BLOCK + 1].searchsorted(bound, "left"))
        for values, start in sides
    )
    if high == low and high_other == low_other:
        return int(one.searchsorted(bound, "right")), int(other.searchsorted(bound, "right"))
    return high, high_other


def _last_of_ties(points: Array) -> Array:
    """Return for each value whether it is the last of a run of equal values."""
    import numpy as np

    last = np.empty(points.size, dtype=bool)
    last[-1:] = True
    np.not_equal(points[1:], points[:-1], out=last[:-1])
    return last
