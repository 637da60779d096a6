"""What confidence intervals ought to be: by random samples, and by weighing each row a little more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from daywatch.measure.performance.intervals import Measure


def covered(truth: float, draw: Callable[[np.random.Generator], Measure], samples: int = 400) -> float:
    """Return the share of samples whose interval holds the truth; 95 % of them should.

    Args:
        truth: The value of the population.
        draw: Draws a sample and measures it.
        samples: Number of samples.
    """
    random = np.random.default_rng(7)
    measures = [draw(random) for _ in range(samples)]
    covering = [
        one.low is not None and one.high is not None and one.low <= truth <= one.high for one in measures
    ]
    return sum(covering) / samples


def error_by_weights(score: Callable[[np.ndarray], float], rows: int) -> float:
    """Return a score's standard error by the infinitesimal jackknife, differentiated numerically.

    Args:
        score: Returns the score for weights of the rows, such as scikit-learn's ``sample_weight``.
        rows: Number of rows.
    """
    step = 1e-6
    moved = []
    for row in range(rows):
        ends = []
        for sign in (1, -1):
            weights = np.ones(rows)
            weights[row] += sign * step
            ends.append(score(weights))
        moved.append((ends[0] - ends[1]) / (2 * step))
    return float(np.sqrt(np.square(moved).sum()))
