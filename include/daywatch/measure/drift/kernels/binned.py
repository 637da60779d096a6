"""Distances between shares of categories, or of the bins of a numeric column.

The bins are those of Evidently's ``get_binned_data``: Sturges' bins over both sides together, or one bin for each
distinct number if the baseline has at most 20.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.measure.drift.kernels.ordered import distinct_values, divided_pair, exponent_of_pair

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array, ColumnPair, SideValues

_FEW = 20
"""Up to so many distinct numbers in the baseline, each number is a bin."""


def jensen_shannon(pair: ColumnPair) -> float:
    """Return the Jensen-Shannon distance with the natural logarithm. Source: Evidently's ``_jensenshannon``."""
    from scipy.spatial.distance import jensenshannon

    return float(jensenshannon(*shares(pair)))


def kullback_leibler(pair: ColumnPair) -> float:
    """Return the Kullback-Leibler divergence of the baseline from the window. Source: Evidently's ``_kl_div``."""
    from scipy.stats import entropy

    baseline, window = map(_without_zeroes, shares(pair))
    return float(entropy(baseline, window))


def population_stability(pair: ColumnPair) -> float:
    """Return the population stability index. Source: Evidently's ``_psi``."""
    import numpy as np

    baseline, window = map(_without_zeroes, shares(pair))
    return float(np.sum((baseline - window) * np.log(baseline / window)))


def hellinger(pair: ColumnPair) -> float:
    """Return the Hellinger distance. Source: Evidently's ``_hellinger_distance``.

    The sum is in Evidently's order: near 0, the root makes the sum's last digit the distance's eighth digit.
    """
    import numpy as np

    if pair.categorical:
        baseline, window = shares(pair)
        products, width = np.sqrt(baseline * window), 1.0
    else:
        pair = divided_pair(pair, exponent_of_pair(pair))
        # Unlike in the other methods, the bins depend on the number of distinct values, not of rows.
        edges = sturges_edges(pair, distinct_values(pair))
        sides = (_histogram(side, edges) for side in (pair.baseline, pair.window))
        baseline, window = (counts / np.diff(edges) / counts.sum() for counts in sides)
        products, width = np.sqrt(baseline * window), (edges.max() - edges.min()) / (edges.size - 1)
    common = float(np.cumsum(products * width)[-1])  # adds one after the other, as a loop does
    return math.sqrt(1 - float(np.clip(common, 0, 1)))


def shares(pair: ColumnPair) -> tuple[Array, Array]:
    """Return the share of each bin or category on both sides."""
    if pair.categorical or len(pair.baseline.first_distinct(_FEW + 1)) <= _FEW:
        counts: tuple[Array, Array] = pair.counts
    else:
        pair = divided_pair(pair, exponent_of_pair(pair))
        edges = sturges_edges(pair, pair.baseline.size + pair.window.size)
        counts = _histogram(pair.baseline, edges), _histogram(pair.window, edges)
    return counts[0] / pair.baseline.size, counts[1] / pair.window.size


def sturges_edges(pair: ColumnPair, size: int) -> Array:
    """Return the edges of Sturges' bins over both sides.

    They are those of ``numpy.histogram_bin_edges(..., bins="sturges")`` for an array of ``size`` values, without
    such an array: width = range / (log2(size) + 1), for integers at least 1.

    Args:
        pair: The values of both sides.
        size: The number of values that Sturges' rule counts.

    Raises:
        ValueError: The range is too narrow or too wide for so many bins.
    """
    import numpy as np

    sides = [side.ordered for side in (pair.baseline, pair.window)]
    ends = np.concatenate([side[[0, -1]] for side in sides])
    low, high = ends.min(), ends.max()
    integral = np.issubdtype(ends.dtype, np.integer)
    span = int(high) - int(low) if integral else high - low
    width = span / (np.log2(size) + 1.0)
    if integral and 0 < width < 1:
        width = 1
    count = int(np.ceil(span / width)) if width else 1
    return np.histogram_bin_edges(np.array([low, high], dtype=ends.dtype), bins=count)


def _histogram(values: SideValues, edges: Array) -> Array:
    """Count values by bin; the last bin includes its upper edge, as in ``numpy.histogram``."""
    import numpy as np

    array = values.ordered
    below = array.searchsorted(edges, "left")
    below[-1] = array.searchsorted(edges[-1], "right")
    return np.diff(below)


def _without_zeroes(given: Array) -> Array:
    """Replace zeroes as Evidently's ``get_binned_data`` does."""
    import numpy as np

    least = given[given != 0].min()
    return np.where(given == 0, least / 10**6 if least <= 0.0001 else 0.0001, given)
