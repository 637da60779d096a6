"""The L-infinity distances of SageMaker Model Monitor.

Of numbers it is the largest distance between both cumulative distribution functions, of categories the largest
difference between their shares. The robust one leaves out what two samples of one distribution may differ by: the
critical value of the two-sample Kolmogorov-Smirnov test at the level 0.003, whose coefficient is 1.8 (Knuth, The Art
of Computer Programming, volume 2, section 3.3.1). Formulas: "Schema for Constraints" of the SageMaker developer guide,
and ``Distance`` of awslabs/deequ.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import LINF_ROBUST, LINF_SIMPLE
from daywatch.measure.drift.kernels.distance import Distance
from daywatch.measure.drift.kernels.ordered import largest_gap

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import ColumnPair

_COEFFICIENT = 1.8


def linf_simple(pair: ColumnPair) -> float:
    """Return the L-infinity distance of two sides, from 0 to 1."""
    if not pair.categorical:
        return largest_gap(pair)
    baseline, window = pair.counts
    return float(abs(baseline / baseline.sum() - window / window.sum()).max())


def linf_robust(pair: ColumnPair) -> float:
    """Return the L-infinity distance beyond chance, from 0 to 1."""
    return beyond_chance(linf_simple(pair), pair.baseline.size, pair.window.size)


def beyond_chance(distance: float, rows: int, others: int) -> float:
    """Return a distance without what two samples of one distribution may differ by.

    Args:
        distance: The L-infinity distance.
        rows: Number of values of one side.
        others: Number of values of the other.
    """
    return max(0.0, distance - _COEFFICIENT * math.sqrt(1 / rows + 1 / others))


L_INFINITY_DISTANCES = {
    LINF_SIMPLE: Distance(linf_simple, "L-infinity distance"),
    LINF_ROBUST: Distance(linf_robust, "L-infinity distance beyond chance"),
}
"""The distances by the name that a model's YAML gives them."""
