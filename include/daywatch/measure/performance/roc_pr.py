"""How well scores put positives before negatives: exact, from one sort, whatever the ties."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import Bounds, Measure, Z, logit, missing

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Ranking:
    """Rows in the order of their scores, those of one score together.

    Attributes:
        positives: Positive rows with each score, least score first.
        rows: Rows with each score.
        order: The rows' positions in this order; empty where nobody asked.
    """

    positives: np.ndarray
    rows: np.ndarray
    order: np.ndarray

    @property
    def total(self) -> int:
        """All rows."""
        return int(self.rows.sum())

    @property
    def positive(self) -> int:
        """All positive rows."""
        return int(self.positives.sum())

    @property
    def one_class(self) -> str:
        """Say why nothing can be ranked, empty where it can."""
        return "" if 0 < self.positive < self.total else "all labels are of one class"


@dataclass(frozen=True)
class Area:
    """An area under a curve, and how far a row of each score moves it: its influence function.

    Attributes:
        value: The area.
        of_positive: What a positive row with each score adds to it, before division by all rows.
        of_negative: Likewise a negative row.
        error: Standard error of the area, None where one row of a class does not tell.
        telling: Rows that bound how sure a perfect area is.
        method: How the error was made.
    """

    value: float
    of_positive: np.ndarray
    of_negative: np.ndarray
    error: float | None
    telling: int
    method: str

    def measure(self, rows: int) -> Measure:
        """Return the area of so many rows with its interval on the scale of log odds."""
        return Measure(self.value, *logit(self.value, self.error, self.telling), rows, self.method)


def rank(positive: np.ndarray, score: np.ndarray, *, keep_order: bool = False) -> Ranking:
    """Sort rows by score.

    Args:
        positive: Whether each row is positive.
        score: Finite numbers.
        keep_order: Whether the order of the rows is needed too.
    """
    import numpy as np

    order = np.argsort(score)
    sorted_score, sorted_positive = score[order], positive[order]
    kept = order.astype(np.int32) if keep_order else order[:0].copy()
    del order
    ends = np.flatnonzero(np.append(sorted_score[1:] != sorted_score[:-1], len(score) > 0)).astype(np.int32)
    del sorted_score  # of ten million rows each of these is 80 MB
    above = np.cumsum(sorted_positive, dtype=np.int32)[ends]
    return Ranking(np.diff(above, prepend=np.int32(0)), np.diff(ends, prepend=np.int32(-1)), kept)


def roc_area(ranking: Ranking) -> Area:
    """Return the area under the ROC curve with DeLong's error.

    DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), by ranks as Sun and Xu, IEEE Signal Processing
    Letters 21 (2014). Unlike Hanley and McNeil's it supposes nothing of how scores are distributed.

    Args:
        ranking: Of both classes.
    """
    import numpy as np

    positives, negatives = ranking.positives, ranking.rows - ranking.positives
    count, other = float(ranking.positive), float(ranking.total - ranking.positive)
    # The share of negatives below a positive of each score, of positives above a negative; ties count half.
    of_positive = np.cumsum(negatives, dtype=np.float64)
    of_positive -= negatives / 2
    # Halves add up exactly, whatever their order.
    value = float(np.einsum("i,i->", positives, of_positive)) / (count * other)
    of_positive /= other
    of_negative = np.cumsum(positives, dtype=np.float64)
    np.subtract(count, of_negative, out=of_negative)
    of_negative += positives / 2
    of_negative /= count
    of_positive -= value
    of_negative -= value
    error = None
    if count > 1 and other > 1:
        variance = _squares(positives, of_positive) / (count - 1) / count
        error = math.sqrt(variance + _squares(negatives, of_negative) / (other - 1) / other)
    of_positive *= (count + other) / count
    of_negative *= (count + other) / other
    return Area(value, of_positive, of_negative, error, int(min(count, other)), "DeLong")


def precision_recall_area(ranking: Ranking) -> Area:
    """Return the average precision, as scikit-learn's, with the error of its influence function.

    Average precision is the mean, over positives, of A / B: positives and rows with at least its score. A row
    at s moves it through its own A / B, and through A and B of every positive at or below s; the variance is
    the mean square of that (Huber, Robust Statistics, 1981, chapter 3).

    Args:
        ranking: Of both classes.
    """
    import numpy as np

    positives, count, total = ranking.positives, float(ranking.positive), ranking.total
    # From the greatest score down, each score's own rows included. Each of these is 80 MB of ten million rows.
    above = np.cumsum(ranking.rows[::-1], dtype=np.float64)[::-1]
    precision = np.cumsum(positives[::-1], dtype=np.float64)[::-1]
    precision /= above
    value = float(np.einsum("i,i->", positives, precision)) / count
    step = np.divide(positives, above, out=above)
    of_positive = np.cumsum(step)
    step *= precision
    of_negative = np.cumsum(step, out=step)
    np.negative(of_negative, out=of_negative)
    of_positive += of_negative
    of_positive += precision
    of_positive -= value
    squares = _squares(positives, of_positive) + _squares(ranking.rows - positives, of_negative)
    error = math.sqrt(squares) / count if count > 1 else None
    of_positive *= total / count
    of_negative *= total / count
    return Area(value, of_positive, of_negative, error, int(count), "influence function")


def _squares(counts: np.ndarray, values: np.ndarray) -> float:
    """Return the sum of squares, each so many times, without arrays in between."""
    import numpy as np

    return float(np.einsum("i,i,i->", counts, values, values))


def roc_auc(ranking: Ranking) -> Measure:
    """Return ROC AUC with DeLong's interval on the scale of log odds."""
    if ranking.one_class:
        return missing(ranking.one_class, ranking.total)
    return roc_area(ranking).measure(ranking.total)


def pr_auc(ranking: Ranking) -> Measure:
    """Return average precision with its interval on the scale of log odds."""
    if ranking.one_class:
        return missing(ranking.one_class, ranking.total)
    return precision_recall_area(ranking).measure(ranking.total)


def lift(ranking: Ranking, at: float) -> Measure:
    """Return how many times more positives there are among the highest scores than among all rows.

    The highest ``at`` of the rows, rounded, at least one; where the last of them has the score of others, all
    of that score count in part. With the share of positives above the cut, p, and below it, q, it is
    1 / (at + (1 - at) q / p), and so are the ends of the interval, from those of the risk ratio p / q: Katz et
    al., Biometrics 34 (1978), on log scale, half a row added to each where one has less.

    Args:
        ranking: Of both classes.
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
    low, high = (1 / (share + (1 - share) / (ratio * math.exp(way * spread))) for way in (-1, 1))
    return low if above >= 0.5 else 0.0, high if below >= 0.5 else 1 / share
