"""How strongly two columns go together, -1 or 0 to 1; None where it is not defined.

Measures between a category and something else are corrected for chance, so that 200 rows and 2,000,000, and 2
categories and 2,000, are read alike.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.measure.kernels.values import Array


def pearson(one: Array, other: Array) -> float | None:
    """Return Pearson's correlation of two columns of numbers."""
    import numpy as np

    if one.size < 3:
        return None
    one, other = one - one.mean(), other - other.mean()
    spread = math.sqrt(float(np.square(one).sum()) * float(np.square(other).sum()))
    return float((one * other).sum()) / spread if 0 < spread < math.inf else None


def correlation_ratio(codes: Array, numbers: Array) -> float | None:
    """Return by how much categories tell numbers apart: Pearson's correlation ratio, corrected.

    The root of epsilon squared: Kelley, "An unbiased correlation ratio measure", PNAS 21 (1935). Its square is
    the adjusted R2 of a regression on the categories.
    """
    import numpy as np

    counts = np.bincount(codes)
    kinds = int((counts > 0).sum())
    if kinds < 2 or codes.size <= kinds:
        return None
    numbers = numbers - numbers.mean()
    total = float(np.square(numbers).sum())
    if not 0 < total < math.inf:
        return None
    sums = np.bincount(codes, weights=numbers)[counts > 0]
    explained = float((np.square(sums) / counts[counts > 0]).sum()) / total
    corrected = 1 - (1 - explained) * (codes.size - 1) / (codes.size - kinds)
    return math.sqrt(max(corrected, 0.0))


def cramers_v(codes: Array, others: Array) -> float | None:
    """Return Cramér's V of two columns of categories, corrected.

    Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", J. Korean Stat. Soc. 42 (2013).
    """
    import numpy as np

    rows, columns = np.bincount(codes).astype(float), np.bincount(others).astype(float)
    high, wide = int((rows > 0).sum()), int((columns > 0).sum())
    size = codes.size
    if min(high, wide) < 2 or size < 3:
        return None
    cells, counts = np.unique(codes.astype(np.int64) * columns.size + others, return_counts=True)
    expected = rows[cells // columns.size] * columns[cells % columns.size]
    squared = float((np.square(counts.astype(float)) / expected).sum()) - 1
    corrected = max(0.0, squared - (high - 1) * (wide - 1) / (size - 1))
    least = min(side - (side - 1) ** 2 / (size - 1) for side in (high, wide)) - 1
    return min(1.0, math.sqrt(corrected / least)) if least > 0 else None
