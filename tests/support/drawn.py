"""What confidence intervals ought to be: by drawn samples, and by weighing each row a little more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from daywatch.measure.performance.intervals import Measure


def covered(truth: float, draw: Callable[[np.random.Generator], Measure], samples: int = 400) -> float:
    """Return the share of samples whose interval holds the truth; 95 % of them should.

    Args:
        truth: Of the population.
        draw: Draws a sample and measures it.
        samples: How many.
    """
    random = np.random.default_rng(7)
    drawn = [draw(random) for _ in range(samples)]
    held = [one.low is not None and one.high is not None and one.low <= truth <= one.high for one in drawn]
    return sum(held) / samples


def error_by_weights(score: Callable[[np.ndarray], float], rows: int) -> float:
    """Return a score's standard error by the infinitesimal jackknife, differentiated numerically.

    Args:
        score: Of the rows weighted so, as scikit-learn's scores take ``sample_weight``.
        rows: How many there are.
    """
    step = 1e-6
    moved = []
    for row in range(rows):
        ends = []
        for way in (1, -1):
            weights = np.ones(rows)
            weights[row] += way * step
            ends.append(score(weights))
        moved.append((ends[0] - ends[1]) / (2 * step))
    return float(np.sqrt(np.square(moved).sum()))
