"""Tests on counts of categories."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import ColumnPair


def chi_square(pair: ColumnPair) -> float:
    """Return the p-value of Pearson's chi-square test.

    The expected counts are the baseline's, scaled to the window's size. Source: Evidently's ``_chi_stat_test``.
    """
    from scipy.stats import chisquare

    baseline, window = pair.counts
    return float(chisquare(window, baseline * (pair.window.size / pair.baseline.size)).pvalue)


def g_test(pair: ColumnPair) -> float:
    """Return the p-value of the G-test; both sides must have the same number of values.

    Source: Evidently's ``_g_stat_test``.
    """
    from scipy.stats import power_divergence

    baseline, window = pair.counts
    return float(power_divergence(window, baseline, lambda_="log-likelihood").pvalue)


def z_test(pair: ColumnPair) -> float:
    """Return the two-sided p-value of the z-test of two shares: those of values outside the first category.

    Source: Evidently's ``_z_stat_test``.
    """
    import numpy as np
    from scipy.stats import norm

    baseline, window = pair.counts
    if baseline.size == 1:
        return 1.0
    rows, others = pair.baseline.size, pair.window.size
    share, other_share = (rows - baseline[0]) / rows, (others - window[0]) / others
    pooled = (share * rows + other_share * others) / (rows + others)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / others))
    return float(2 * (1 - norm.cdf(np.abs((share - other_share) / spread))))
