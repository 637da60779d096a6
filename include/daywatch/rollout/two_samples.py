"""Differences between two versions that answered different rows, with 95 % confidence intervals of two samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import Z
from daywatch.retrain.paired import BLOCKS, RESAMPLES, SEED, Difference

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

Scored = tuple["np.ndarray", "np.ndarray"]
"""For each row whether it is positive, and its score, a finite number."""


def difference_of_areas(first: Scored, second: Scored) -> Difference | None:
    """Return the difference of two areas under the ROC curve, None with fewer than two rows of a class.

    The variances of two samples add up. Source of each: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988).

    Args:
        first: The rows of the first version.
        second: Those of the second.
    """
    sides = [_area(*side) for side in (first, second)]
    if sides[0] is None or sides[1] is None:
        return None
    (area, variance), (other, of_other) = sides[0], sides[1]
    value, error = area - other, math.sqrt(variance + of_other)
    return Difference(value, value - Z * error, value + Z * error, "DeLong, two samples")


def _area(positive: np.ndarray, score: np.ndarray) -> tuple[float, float] | None:
    """Return the area under the ROC curve and its variance."""
    from scipy.stats import rankdata

    count = int(positive.sum())
    other = len(positive) - count
    if min(count, other) < 2:
        return None
    ranks = rankdata(score)
    below = (ranks[positive] - rankdata(score[positive])) / other
    above = 1 - (ranks[~positive] - rankdata(score[~positive])) / count
    return float(below.mean()), float(below.var(ddof=1) / count + above.var(ddof=1) / other)


def bootstrap_two(
    first: np.ndarray, second: np.ndarray, metric: Callable[[np.ndarray], np.ndarray]
) -> Difference | None:
    """Return the difference of a metric that follows from sums over rows, None where it has no value.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 8.3: each sample is resampled by
    itself.

    Args:
        first: What is summed up, of the first version: one row a row, one column a sum.
        second: The same of the second version, of other rows.
        metric: Returns the metric of sums, given along the last axis.
    """
    import numpy as np

    random = np.random.default_rng(SEED)
    values, resampled = [], []
    for side in (first, second):
        blocks = min(len(side), BLOCKS)
        if blocks < 2:
            return None
        place = np.arange(len(side)) % blocks
        sums = np.stack([np.bincount(place, weights=column) for column in side.T], axis=1)
        weights = random.multinomial(blocks, np.full(blocks, 1 / blocks), size=RESAMPLES)
        with np.errstate(all="ignore"):
            values.append(float(metric(sums.sum(axis=0))))
            resampled.append(metric(weights @ sums))
    differences = resampled[0] - resampled[1]
    known = differences[np.isfinite(differences)]
    value = values[0] - values[1]
    if not math.isfinite(value) or len(known) < RESAMPLES / 2:
        return None
    low, high = np.quantile(known, [0.025, 0.975])
    return Difference(value, float(low), float(high), "bootstrap, two samples")
