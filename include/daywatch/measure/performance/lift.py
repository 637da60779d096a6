"""Lift: how much more frequent positives are among the highest scores than among all rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import Bounds, Measure, Z, missing

if TYPE_CHECKING:
    from daywatch.measure.performance.roc_pr import Ranking


def lift(ranking: Ranking, at: float) -> Measure:
    """Return how many times more frequent positives are among the highest scores than among all rows.

    The highest scores are the share ``at`` of the rows, rounded, but at least one row. If rows outside have the
    score of the last row inside, all rows of that score count in part. With the share of positives above the
    cut, p, and below it, q, the lift is 1 / (at + (1 - at) q / p). The ends of its interval follow in the same
    way from those of the risk ratio p / q: Katz et al., Biometrics 34 (1978), on log scale; half a row is added
    to each count if one of them is below a half.

    Args:
        ranking: The rows in the order of their scores.
        at: Share of the rows, above 0.
    """
    import numpy as np

    if ranking.one_class:
        return missing(ranking.one_class, ranking.total)
    depth = max(1, math.floor(at * ranking.total + 0.5))
    rows, positives = ranking.rows[::-1], ranking.positives[::-1]
    last = int(np.searchsorted(np.cumsum(rows), depth))
    room = depth - int(rows[:last].sum())
    found = int(positives[:last].sum()) + int(positives[last]) * room / int(rows[last])
    value = found / ranking.positive * ranking.total / depth
    bounds = _lift_bounds(found, ranking.positive - found, depth, ranking.total - depth)
    return Measure(value, *bounds, ranking.total, f"top {at * 100:g} %; Katz")


def _lift_bounds(above: float, below: float, rows_above: int, rows_below: int) -> Bounds:
    if not rows_below:
        return 1.0, 1.0
    added = 0.0 if min(above, below) >= 0.5 else 0.5
    hits, misses = above + added, below + added
    top, rest = rows_above + 2 * added, rows_below + 2 * added
    ratio = (hits / top) / (misses / rest)
    spread = Z * math.sqrt(max(0.0, 1 / hits - 1 / top + 1 / misses - 1 / rest))
    share = rows_above / (rows_above + rows_below)
    low, high = (1 / (share + (1 - share) / (ratio * math.exp(sign * spread))) for sign in (-1, 1))
    return low if above >= 0.5 else 0.0, high if below >= 0.5 else 1 / share
