"""Tests on the order of numbers, where Evidently's p-value does not hold.

Evidently asks the Mann-Whitney test only whether the window's numbers are higher, so a fall is never drift. Its
p-values of Cramér-von Mises and Anderson-Darling are those of continuous numbers: where numbers repeat, as integers
do, the first is 0 on almost any data, and the second is too small.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from daywatch.measure.columns.pairs import Array, ColumnPair

_LEAST_ROWS = 2

_CELLS = 128
"""Numbers that are rarer than one in so many are put together to cells of that share, for the null distribution."""


def mann_whitney(pair: ColumnPair) -> float:
    """Return the two-sided p-value of the Mann-Whitney U test. Source: SciPy's ``mannwhitneyu``."""
    return _mann_whitney(pair, "two-sided")


def evidentlys_mann_whitney(pair: ColumnPair) -> float:
    """Return Evidently's p-value: of the alternative that the baseline's numbers are lower."""
    return _mann_whitney(pair, "less")


def _mann_whitney(pair: ColumnPair, alternative: str) -> float:
    from scipy.stats import mannwhitneyu

    sides = pair.baseline.ordered, pair.window.ordered
    return float(mannwhitneyu(*sides, alternative=alternative).pvalue)


def cramer_von_mises(pair: ColumnPair) -> float:
    """Return the p-value of the two-sample Cramér-von Mises test.

    It is Evidently's without repeated numbers; with them, the statistic is that of Anderson, "On the Distribution of
    the Two-Sample Cramér-von Mises Criterion" (1962), of the distributions at each distinct number.

    Raises:
        ValueError: A side has fewer than two values.
    """
    if not _repeats(pair):
        return _evidentlys(pair, "cramer_von_mises")
    return _with_repeats(pair, lambda share: share * 0 + 1)


def anderson_darling(pair: ColumnPair) -> float:
    """Return the p-value of the two-sample Anderson-Darling test.

    It is Evidently's without repeated numbers; with them, the statistic is that of Scholz and Stephens, "K-Sample
    Anderson-Darling Tests" (1987), equation 6.
    """
    if not _repeats(pair):
        return _evidentlys(pair, "anderson")
    return _with_repeats(pair, lambda share: 1 / (share * (1 - share)))


def evidentlys_cramer_von_mises(pair: ColumnPair) -> float | None:
    """Return Evidently's p-value where ``cramer_von_mises`` leaves it, else None; None too where it fails."""
    if not _repeats(pair):
        return None
    try:
        return _evidentlys(pair, "cramer_von_mises")
    except ValueError:
        return None


def evidentlys_anderson_darling(pair: ColumnPair) -> float | None:
    """Return Evidently's p-value where ``anderson_darling`` leaves it, else None."""
    return _evidentlys(pair, "anderson") if _repeats(pair) else None


def _evidentlys(pair: ColumnPair, method: str) -> float:
    """Return the p-value of Evidently's function.

    Raises:
        ValueError: It fails.
    """
    from evidently.legacy.calculations.stattests.registry import get_registered_stattest
    from evidently.legacy.core import ColumnType

    test = get_registered_stattest(method, ColumnType.Numerical)
    sides = (side.series("column") for side in (pair.baseline, pair.window))
    try:
        return float(test(*sides, ColumnType.Numerical, None).drift_score)
    except TypeError as error:  # with NumPy 2, its exact p-value of two or three numbers a side
        msg = "Evidently's function fails on so few numbers"
        raise ValueError(msg) from error


def _repeats(pair: ColumnPair) -> bool:
    return bool(pair.counts.baseline.size < pair.baseline.size + pair.window.size)


def _with_repeats(pair: ColumnPair, weight: Callable[[Array], Array]) -> float:
    """Return the p-value of a weighted sum of squares of the differences of both distributions.

    The differences at the distinct numbers are those of a Brownian bridge at the shares up to them, so the sum is
    one of independent chi-squares, whose weights are the eigenvalues of the covariance. Its first three moments
    choose a chi-square distribution: Imhof, "Computing the Distribution of Quadratic Forms in Normal Variables",
    Biometrika 48 (1961), section 4.

    Args:
        pair: The numbers of both sides.
        weight: Returns the weight of a difference by the share of both sides' numbers up to there, between 0 and 1.

    Raises:
        ValueError: A side has fewer than two values.
    """
    import numpy as np
    from scipy.stats import chi2

    if min(pair.baseline.size, pair.window.size) < _LEAST_ROWS:
        msg = f"each side needs at least {_LEAST_ROWS} values"
        raise ValueError(msg)
    sides = pair.counts
    rows, others = (int(side.sum()) for side in sides)
    together = (sides.baseline + sides.window)[:-1] / (rows + others)
    upto = np.cumsum(together)
    differences = (np.cumsum(sides.baseline) / rows - np.cumsum(sides.window) / others)[:-1]
    found = rows * others / (rows + others) * float((together * weight(upto) * differences**2).sum())
    together, upto = _in_cells(together, upto)
    root = np.sqrt(together * weight(upto))
    covariance = np.minimum.outer(upto, upto) - np.outer(upto, upto)
    weights = np.linalg.eigvalsh(covariance * np.outer(root, root))
    mean, squares, cubes = (float((weights**power).sum()) for power in (1, 2, 3))
    degrees = squares**3 / cubes**2
    standard = (found - mean) / math.sqrt(2 * squares)
    return float(chi2.sf(degrees + standard * math.sqrt(2 * degrees), degrees))


def _in_cells(together: Array, upto: Array) -> tuple[Array, Array]:
    """Put neighbouring rare numbers together: the sums of their shares, and their mean share up to there."""
    import numpy as np

    order = np.arange(upto.size)
    cells = np.where(together < 1 / _CELLS, np.floor(upto * _CELLS), -1 - order)
    begins = np.flatnonzero(np.append(True, np.diff(cells) != 0))
    sums = np.add.reduceat(together, begins)
    return sums, np.add.reduceat(together * upto, begins) / sums
