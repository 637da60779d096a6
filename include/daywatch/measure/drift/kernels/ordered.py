"""Distances between two sorted columns, in blocks that fit the processor's cache.

Between two neighbouring values of both sides together the cumulative distribution functions F and G are
constant, and so are their inverses between two neighbouring shares: distances are sums, or the maximum, over
those steps (SciPy's ``wasserstein_distance``, ``energy_distance`` and ``ks_2samp`` compute the same from whole
arrays).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.engine.budget import KERNEL_BLOCK

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array, Pair, Values

# (Sums here are not dot products: those start BLAS threads, which wait for each other on a busy machine.)
_LARGEST_EXACT = 10_000
"""Rows of the larger side up to which SciPy's ``ks_2samp`` computes the exact p-value."""
_LEAST_DEVIATION = 0.001
"""Evidently's floor of what it divides by."""


def wasserstein(pair: Pair) -> float:
    """Return Wasserstein's first distance divided by the baseline's standard deviation, as Evidently does.

    Source: Evidently's ``_wasserstein_distance_norm``; Ramdas, Garcia, Cuturi, "On Wasserstein Two Sample
    Testing" (2015).
    """
    distance = _between_quantiles(pair.reference.ordered, pair.current.ordered)
    return distance / max(standard_deviation(pair.reference), _LEAST_DEVIATION)


def energy_distance(pair: Pair) -> float:
    """Return the energy distance. Source: SciPy's ``energy_distance``."""
    return math.sqrt(2) * math.sqrt(_squared_steps(pair))


def kolmogorov_smirnov(pair: Pair) -> float:
    """Return the two-sided p-value of the two-sample Kolmogorov-Smirnov test.

    Source: SciPy's ``ks_2samp``: exact up to 10,000 rows a side, beyond that by the statistic's limit.
    """
    import numpy as np
    from scipy.stats import ks_2samp, kstwo

    rows, others = pair.reference.size, pair.current.size
    if max(rows, others) <= _LARGEST_EXACT:
        return float(ks_2samp(pair.reference.ordered, pair.current.ordered).pvalue)
    statistic = max(float(np.abs(gaps[_last_of_ties(points)]).max()) for points, gaps in _steps(pair))
    return float(np.clip(kstwo.sf(statistic, np.round(rows * others / (rows + others))), 0, 1))


def distinct_values(pair: Pair) -> int:
    """Count the distinct values of both sides together."""
    return sum(int(_last_of_ties(points).sum()) for points, _ in _steps(pair))


def standard_deviation(values: Values) -> float:
    """Return the population standard deviation, in two passes."""
    import numpy as np

    array = values.ordered
    mean = array.mean()
    squares = 0.0
    for start in range(0, array.size, KERNEL_BLOCK):
        deviations = array[start : start + KERNEL_BLOCK] - mean
        squares += float(np.square(deviations).sum())
    return math.sqrt(squares / array.size)


def _between_quantiles(one: Array, other: Array) -> float:
    """Return the integral of the distance between both quantile functions, which is that of ``|F - G|``.

    Each value of the larger side is a step of the width 1 / its rows. On the smaller side, whose steps are wider,
    such a step lies within one or reaches into the next one. Widths are counted in parts of 1 / (rows * others).
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


def _squared_steps(pair: Pair) -> float:
    """Return the integral of the square of ``F - G``."""
    import numpy as np

    total, before = 0.0, None
    for values, gaps in _steps(pair):
        sizes, points = np.square(gaps), values.astype(float, copy=False)
        if before is not None:
            total += before[1] * float(points[0] - before[0])
        total += float((sizes[:-1] * np.diff(points)).sum())
        before = points[-1], float(sizes[-1])
    return total


def _steps(pair: Pair) -> Iterator[tuple[Array, Array]]:
    """Yield the values of both sides together in ascending blocks, with ``F - G`` at each.

    Of equal values only the last one's difference is that of the distributions; a block never ends among
    equal values.
    """
    import numpy as np

    one, other = pair.reference.ordered, pair.current.ordered
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
    """Return where a block ends on both sides: after at most so many values, before one that differs.

    Where nothing but equal values follow for a whole block, it is all of those.
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
    """Mark the last one of each run of equal values."""
    import numpy as np

    last = np.empty(points.size, dtype=bool)
    last[-1:] = True
    np.not_equal(points[1:], points[:-1], out=last[:-1])
    return last
