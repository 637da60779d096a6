"""Tests on counts of categories.

Evidently's chi-square test and G-test take the baseline's shares for the true ones, although the baseline is a sample
too. So they find drift too often, and a category that the baseline lacks is impossible: a single row of it gives a
p-value of 0. Here both sides are samples (``compare_counts``). Where counts are too small for the approximations of the
chi-square, G- and z-test, exact tests take their place. Evidently's own number is stored next to the score.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array, ColumnPair

_LEAST_EXPECTED = 5
"""With fewer expected rows in a cell, the chi-square approximation is poor: Cochran, Biometrics 10 (1954)."""

_LEAST_ROWS = 5
"""So many rows of both sides, of categories that are rare even together, can be drift."""

PEARSON, LIKELIHOOD = "pearson", "log-likelihood"
"""SciPy's names of the statistics of the chi-square test and of the G-test."""


def chi_square(pair: ColumnPair) -> float:
    """Return the p-value of Pearson's chi-square test."""
    return compare_counts(*pair.counts)


def g_test(pair: ColumnPair) -> float:
    """Return the p-value of the G-test."""
    return compare_counts(*pair.counts, statistic=LIKELIHOOD)


def evidentlys_chi_square(pair: ColumnPair) -> float:
    """Return Evidently's p-value of the chi-square test."""
    return fit_to_baseline(*pair.counts)


def evidentlys_g_test(pair: ColumnPair) -> float | None:
    """Return Evidently's p-value of the G-test; None where the sides differ in rows, for which it has none."""
    if pair.baseline.size != pair.window.size:
        return None
    return fit_to_baseline(*pair.counts, statistic=LIKELIHOOD)


def fit_to_baseline(baseline: Array, window: Array, statistic: str = PEARSON) -> float:
    """Return the p-value with the baseline's counts, scaled to the window's size, as the expected ones.

    Source: Evidently's ``_chi_stat_test``; and ``_g_stat_test``, which does not scale, and so fails where the sides
    differ in rows.
    """
    from scipy.stats import power_divergence

    expected = baseline * (window.sum() / baseline.sum())
    fit = power_divergence(window, expected, lambda_=statistic)
    # Of equal shares, rounding makes the statistic of the G-test negative, which has no p-value.
    return float(fit.pvalue) if fit.statistic > 0 else 1.0


def compare_counts(baseline: Array, window: Array, statistic: str = PEARSON) -> float:
    """Return the p-value of a test whether both rows of counts are samples of the same shares (homogeneity).

    Rare categories are put together to groups with enough expected rows, in a random order with a fixed seed. So
    which categories are put together has nothing to do with the side on which they occur: the order of their names
    has, where names are ids that grow. What is too rare even together is compared with all
    other rows by Fisher's exact test, and the smaller of both p-values counts, times two (Bonferroni). Fewer than
    ``_LEAST_ROWS`` such rows decide nothing: by any exact test, a single row of a category that a million rows of
    the baseline do not have is drift.

    Args:
        baseline: Number of rows of each category in the baseline; every category is on at least one side.
        window: Number of rows of each category in the window.
        statistic: ``PEARSON`` or ``LIKELIHOOD``.
    """
    import numpy as np
    from scipy.stats import chi2_contingency

    if baseline.size < 2:
        return 1.0
    table = np.array([baseline, window])[:, np.random.default_rng(0).permutation(baseline.size)]
    rare = _rare(*table)
    rare[np.argmax(table.sum(axis=0))] = False
    common, others = table[:, ~rare], table[:, rare]
    groups = _grouped(others, _expected(others[0], others[1], table))
    cells = np.hstack((common, groups))
    whole = 1.0
    if cells.shape[1] > 1:
        whole = float(chi2_contingency(cells, correction=False, lambda_=statistic).pvalue)
    if groups.size or others.sum() < _LEAST_ROWS:
        return whole
    exact = _fisher(np.column_stack((common.sum(axis=1), others.sum(axis=1))))
    return exact if common.shape[1] == 1 else min(1.0, 2 * min(exact, whole))


def _expected(baseline: Array, window: Array, table: Array) -> Array:
    """Return how many rows of each category the smaller side would have if both had the same shares."""
    return (baseline + window) * (table.sum(axis=1).min() / table.sum())


def _rare(baseline: Array, window: Array) -> Array:
    import numpy as np

    return np.asarray(_expected(baseline, window, np.array([baseline, window])) < _LEAST_EXPECTED)


def _grouped(table: Array, expected: Array) -> Array:
    """Return sums of neighbouring categories with enough expected rows each; none if all together have too few."""
    import numpy as np

    count = int(expected.sum() // (2 * _LEAST_EXPECTED)) or int(expected.sum() >= _LEAST_EXPECTED)
    if not count:
        return table[:, :0]
    # Equal parts of twice the rows that are needed: the ends of a part are off by less than one rare category.
    part = (np.cumsum(expected) - expected) * (count / expected.sum())
    numbers = np.minimum(part.astype(np.int64), count - 1)
    return np.array([np.bincount(numbers, weights=side, minlength=count) for side in table])


def _fisher(table: Array) -> float:
    from scipy.stats import fisher_exact

    return float(fisher_exact(table).pvalue)


def fisher_exact(pair: ColumnPair) -> float:
    """Return the two-sided p-value of Fisher's exact test of two categories; the sides may differ in rows.

    Source: Evidently's ``_fisher_exact_stattest``, which fails where the sides differ in rows.

    Raises:
        ValueError: There are more than two categories.
    """
    import numpy as np

    if pair.counts.baseline.size > 2:
        msg = f"it compares two categories, and there are {pair.counts.baseline.size:,}; choose chisquare"
        raise ValueError(msg)
    return _fisher(np.array(pair.counts))


def z_test(pair: ColumnPair) -> float:
    """Return the two-sided p-value of the z-test of two shares: those of values outside the first category.

    If one of the two is too rare for the normal approximation, it is the p-value of Fisher's exact test; 1 if it has
    fewer than ``_LEAST_ROWS`` rows.
    """
    shares = _first_and_others(pair)
    if not _rare(*shares).any():
        return _z_test(pair)
    return _fisher(shares) if shares.sum(axis=0).min() >= _LEAST_ROWS else 1.0


def evidentlys_z_test(pair: ColumnPair) -> float | None:
    """Return Evidently's p-value of the z-test where ``z_test`` leaves it, else None."""
    return _z_test(pair) if _rare(*_first_and_others(pair)).any() else None


def _first_and_others(pair: ColumnPair) -> Array:
    import numpy as np

    return np.array([[side[0], side[1:].sum()] for side in pair.counts])


def _z_test(pair: ColumnPair) -> float:
    """Return the p-value of the z-test for any counts. Source: Evidently's ``_z_stat_test``."""
    import numpy as np
    from scipy.stats import norm

    baseline, window = pair.counts
    rows, others = pair.baseline.size, pair.window.size
    share, other_share = (rows - baseline[0]) / rows, (others - window[0]) / others
    pooled = (share * rows + other_share * others) / (rows + others)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / others))
    return float(2 * (1 - norm.cdf(np.abs((share - other_share) / spread))))
