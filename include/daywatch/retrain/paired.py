"""Differences between two models on the same rows, with paired 95 % confidence intervals.

DeLong's interval for ROC AUC; the paired bootstrap, seeded, for everything that follows from sums over rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from daywatch.measure.performance.intervals import Z

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 2000
"""Resamples of the bootstrap: the ends of a 95 % interval are its 51st and 1950th values."""

BLOCKS = 1000
"""Rows are resampled in at most so many blocks of equal size, so that five million cost what a thousand do.

Rows are assigned to blocks by their position, in turn, so that a block is a sample of the whole time.
"""

SEED = 20_130_209
"""The same rows give the same interval."""


class Difference(NamedTuple):
    """The difference of two models in a metric.

    Attributes:
        value: The first model's value less the second's.
        low: Lower end of its 95 % confidence interval.
        high: Upper end.
        method: Name of the interval's method.
    """

    value: float
    low: float
    high: float
    method: str


def delong(positive: np.ndarray, first: np.ndarray, second: np.ndarray) -> Difference | None:
    """Return the difference of two areas under the ROC curve, None with fewer than two rows of a class.

    Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), by ranks as in Sun and Xu, IEEE Signal
    Processing Letters 21 (2014).

    Args:
        positive: For each row, whether it is positive.
        first: The score of each row by the first model, a finite number.
        second: The score by the second model.
    """
    import numpy as np
    from scipy.stats import rankdata

    count = int(positive.sum())
    other = len(positive) - count
    if min(count, other) < 2:
        return None
    of_positive, of_negative = np.zeros(count), np.zeros(other)
    for sign, score in ((1, first), (-1, second)):
        ranks = rankdata(score)
        # For each positive, the share of negatives below it; for each negative, the share of positives above it.
        of_positive += sign * (ranks[positive] - rankdata(score[positive])) / other
        of_negative += sign * (1 - (ranks[~positive] - rankdata(score[~positive])) / count)
    value = float(of_positive.mean())
    error = math.sqrt(of_positive.var(ddof=1) / count + of_negative.var(ddof=1) / other)
    return Difference(value, value - Z * error, value + Z * error, "DeLong, paired")


def bootstrap(
    first: np.ndarray, second: np.ndarray, metric: Callable[[np.ndarray], np.ndarray]
) -> Difference | None:
    """Return the difference of a metric that follows from sums over rows, None where it has no value.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13, percentile intervals.

    Args:
        first: What is summed up, of the first model: one row a row, one column a sum.
        second: The same of the second model, of the same rows.
        metric: Returns the metric of sums, given along the last axis.
    """
    import numpy as np

    rows = len(first)
    blocks = min(rows, BLOCKS)
    if blocks < 2:
        return None
    starts = np.arange(blocks)
    sums = [
        np.stack([np.bincount(np.arange(rows) % blocks, weights=column) for column in side.T], axis=1)
        for side in (first, second)
    ]
    weights = np.random.default_rng(SEED).multinomial(
        len(starts), np.full(blocks, 1 / blocks), size=RESAMPLES
    )
    with np.errstate(all="ignore"):
        value = float(metric(sums[0].sum(axis=0)) - metric(sums[1].sum(axis=0)))
        resampled = metric(weights @ sums[0]) - metric(weights @ sums[1])
    known = resampled[np.isfinite(resampled)]
    if not math.isfinite(value) or len(known) < RESAMPLES / 2:
        return None
    low, high = np.quantile(known, [0.025, 0.975])
    return Difference(value, float(low), float(high), "paired bootstrap")
