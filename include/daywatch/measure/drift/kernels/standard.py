"""The distances of the standard plan: robust against tails, and near 0 for healthy samples of any size.

Evidently's distances are not. Wasserstein's is decided by the farthest values of a column with a tail, and
Jensen-Shannon's of a thousand categories is 0.3 between any two samples of a few thousand rows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from daywatch.measure.drift.kernels.distance import Distance
from daywatch.measure.drift.kernels.ordered import between_quantiles, divided_pair, exponent_of_pair, spread

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array, ColumnPair

ROBUST_WASSERSTEIN = "robust_wasserstein"
FOLDED_JENSENSHANNON = "folded_jensenshannon"

_LINEAR = 3.0
"""So many deviations from the median, values begin to count by their logarithm."""

_NORMAL_QUARTILES = 1.349
"""The distance of the quartiles of a normal distribution, in standard deviations."""

_LEAST_EXPECTED = 5
"""A category of which the window should have fewer rows is counted with the other rare ones."""


class Scale(NamedTuple):
    """The centre and the spread of a column in the baseline.

    Attributes:
        centre: The median.
        spread: The distance of the quartiles in standard deviations of a normal distribution; of a column whose
            middle half is one value, by the median distance of the other values.
    """

    centre: float
    spread: float

    def compressed(self, values: Array) -> Array:
        """Return values in spreads from the centre, by their logarithm where they are far away; keeps their order."""
        import numpy as np

        found = np.subtract(values, self.centre, dtype=float)  # the only copy: a column may have 80 MB
        found /= self.spread * _LINEAR
        np.arcsinh(found, out=found)
        found *= _LINEAR
        return found


def scale_of(baseline: Array, ends: tuple[float, float]) -> Scale:
    """Return the scale of a column.

    Args:
        baseline: The baseline's values in ascending order, at least one.
        ends: The least and the greatest value of the window.
    """
    import numpy as np

    rows = baseline.size
    low, centre, high = (float(baseline[int(share * (rows - 1))]) for share in (0.25, 0.5, 0.75))
    if high > low:
        return Scale(centre, (high - low) / _NORMAL_QUARTILES)
    below, above = int(baseline.searchsorted(centre, "left")), int(baseline.searchsorted(centre, "right"))
    away = np.concatenate((centre - baseline[:below], baseline[above:] - centre))
    if away.size:
        return Scale(centre, float(np.median(away)) * math.sqrt(away.size / rows))
    return Scale(centre, spread(0.0, centre, centre, *ends) or 1.0)


def robust_wasserstein(pair: ColumnPair) -> float:
    """Return Wasserstein's first distance between the values in ``Scale.compressed``.

    It has the unit of the baseline's standard deviation, as long as no value is far away.
    """
    pair = divided_pair(pair, exponent_of_pair(pair))
    baseline, window = pair.baseline.ordered, pair.window.ordered
    scale = scale_of(baseline, (float(window[0]), float(window[-1])))
    return between_quantiles(scale.compressed(baseline), scale.compressed(window))


def folded_jensenshannon(pair: ColumnPair) -> float:
    """Return the distance of Jensen and Shannon between the shares of categories."""
    return folded_distance(*pair.counts)


def folded_distance(baseline: Array, window: Array) -> float:
    """Return Jensen-Shannon's distance beyond what two samples of one distribution have.

    Rare categories count together. Of the divergence, its mean for k categories in samples of n and m rows is
    subtracted, (k - 1) (1/n + 1/m) / 8: it is an eighth of the statistic of Pearson's chi-square test for small
    differences (Lin, IEEE Transactions on Information Theory 37, 1991).

    Args:
        baseline: Number of rows of each category in the baseline.
        window: Number of rows of each category in the window.
    """
    import numpy as np
    from scipy.spatial import distance

    rows, others = float(baseline.sum()), float(window.sum())
    common = baseline * (others / rows) >= _LEAST_EXPECTED
    sides = [np.append(side[common], side[~common].sum()) for side in (baseline, window)]
    seen = (sides[0] + sides[1]) > 0
    shares = [side[seen] / side.sum() for side in sides]
    found = float(distance.jensenshannon(*shares)) ** 2
    by_chance = (int(seen.sum()) - 1) * (1 / rows + 1 / others) / 8
    return math.sqrt(max(0.0, found - by_chance)) if math.isfinite(found) else 0.0


STANDARD_DISTANCES = {
    ROBUST_WASSERSTEIN: Distance(robust_wasserstein, "Wasserstein distance, robust"),
    FOLDED_JENSENSHANNON: Distance(folded_jensenshannon, "Jensen-Shannon distance beyond chance"),
}
"""The distances by the name that metrics carry as their method."""
