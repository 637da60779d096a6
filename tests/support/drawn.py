"""How often the confidence intervals of drawn samples hold the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from daywatch.measure.intervals import Measure


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
