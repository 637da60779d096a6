"""Tests on counts of categories."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Pair


def chi_square(pair: Pair) -> float:
    """Return the p-value of Pearson's chi-square test.

    The baseline's counts, scaled to the window's size, are what is expected: Evidently's ``_chi_stat_test``.
    """
    from scipy.stats import chisquare

    reference, current = pair.counts
    return float(chisquare(current, reference * (pair.current.size / pair.reference.size)).pvalue)


def g_test(pair: Pair) -> float:
    """Return the p-value of the G-test; the sides must have equally many values.

    Source: Evidently's ``_g_stat_test``.
    """
    from scipy.stats import power_divergence

    reference, current = pair.counts
    return float(power_divergence(current, reference, lambda_="log-likelihood").pvalue)


def z_test(pair: Pair) -> float:
    """Return the two-sided p-value of the z-test of two shares: of values that are not the first category.

    Source: Evidently's ``_z_stat_test``.
    """
    import numpy as np
    from scipy.stats import norm

    reference, current = pair.counts
    if reference.size == 1:
        return 1.0
    rows, others = pair.reference.size, pair.current.size
    share, other_share = (rows - reference[0]) / rows, (others - current[0]) / others
    pooled = (share * rows + other_share * others) / (rows + others)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / others))
    return float(2 * (1 - norm.cdf(np.abs((share - other_share) / spread))))
