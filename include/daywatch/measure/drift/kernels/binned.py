"""Distances between shares: of categories, or of the bins of a numeric column.

Bins are those of Evidently's ``get_binned_data``: Sturges' over both sides together, or one for each
distinct number where the baseline has at most 20.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.measure.drift.kernels.ordered import distinct_values

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array, Pair, Values

_FEW = 20
"""Up to so many distinct numbers in the baseline, each is a bin."""


def jensen_shannon(pair: Pair) -> float:
    """Return the Jensen-Shannon distance, to the natural base. Source: Evidently's ``_jensenshannon``."""
    from scipy.spatial.distance import jensenshannon

    return float(jensenshannon(*shares(pair)))


def kullback_leibler(pair: Pair) -> float:
    """Return the divergence of the baseline from the window. Source: Evidently's ``_kl_div``."""
    from scipy.stats import entropy

    reference, current = map(_without_zeroes, shares(pair))
    return float(entropy(reference, current))


def population_stability(pair: Pair) -> float:
    """Return the population stability index. Source: Evidently's ``_psi``."""
    import numpy as np

    reference, current = map(_without_zeroes, shares(pair))
    return float(np.sum((reference - current) * np.log(reference / current)))


def hellinger(pair: Pair) -> float:
    """Return the Hellinger distance. Source: Evidently's ``_hellinger_distance``.

    Summed in Evidently's order: near 0 the root makes the last digit of the sum the eighth of the distance.
    """
    import numpy as np

    if pair.categorical:
        reference, current = shares(pair)
        products, width = np.sqrt(reference * current), 1.0
    else:
        # Unlike the others, its bins depend on how many distinct values there are, not on how many rows.
        edges = sturges_edges(pair, distinct_values(pair))
        sides = (_histogram(side, edges) for side in (pair.reference, pair.current))
        reference, current = (counts / np.diff(edges) / counts.sum() for counts in sides)
        products, width = np.sqrt(reference * current), (edges.max() - edges.min()) / (edges.size - 1)
    common = float(np.cumsum(products * width)[-1])  # adds one after the other, as a loop does
    return math.sqrt(1 - float(np.clip(common, 0, 1)))


def shares(pair: Pair) -> tuple[Array, Array]:
    """Return the share of each bin or category on both sides."""
    if pair.categorical or len(pair.reference.first_distinct(_FEW + 1)) <= _FEW:
        counts: tuple[Array, Array] = pair.counts
    else:
        edges = sturges_edges(pair, pair.reference.size + pair.current.size)
        counts = _histogram(pair.reference, edges), _histogram(pair.current, edges)
    return counts[0] / pair.reference.size, counts[1] / pair.current.size


def sturges_edges(pair: Pair, size: int) -> Array:
    """Return the edges of Sturges' bins over both sides.

    As ``numpy.histogram_bin_edges(..., bins="sturges")`` gives them for an array of so many values, without
    such an array: width = range / (log2(size) + 1), for integers at least 1.

    Raises:
        ValueError: The range is too narrow or too wide for so many bins.
    """
    import numpy as np

    sides = [side.ordered for side in (pair.reference, pair.current)]
    ends = np.concatenate([side[[0, -1]] for side in sides])
    low, high = ends.min(), ends.max()
    integral = np.issubdtype(ends.dtype, np.integer)
    span = int(high) - int(low) if integral else high - low
    width = span / (np.log2(size) + 1.0)
    if integral and 0 < width < 1:
        width = 1
    count = int(np.ceil(span / width)) if width else 1
    return np.histogram_bin_edges(np.array([low, high], dtype=ends.dtype), bins=count)


def _histogram(values: Values, edges: Array) -> Array:
    """Count values by bin, the last bin with its upper edge, as ``numpy.histogram`` does."""
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
