"""Areas under the ROC and precision-recall curves: exact for any ties, from one sort."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import Measure, logit, missing

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Ranking:
    """Rows in ascending order of their scores, grouped by score.

    Attributes:
        positives: Number of positive rows with each score.
        rows: Number of rows with each score.
        order: Positions of the rows in this order; empty unless ``rank`` keeps it.
    """

    positives: np.ndarray
    rows: np.ndarray
    order: np.ndarray

    @property
    def total(self) -> int:
        """Number of all rows."""
        return int(self.rows.sum())

    @property
    def positive(self) -> int:
        """Number of all positive rows."""
        return int(self.positives.sum())

    @property
    def one_class(self) -> str:
        """Return a sentence if all rows are of one class, and an empty text if not."""
        return "" if 0 < self.positive < self.total else "all labels are of one class"


@dataclass(frozen=True)
class Area:
    """An area under a curve with its influence function: how far a row of each score moves the area.

    Attributes:
        value: The area.
        of_positive: What a positive row with each score adds to the area, before division by all rows.
        of_negative: What a negative row with each score adds to the area, before division by all rows.
        error: Standard error of the area, None if a class has only one row.
        effective_rows: Number of rows for the interval of an area of 0 or 1, whose error is 0.
        method: Name of the method of the error.
    """

    value: float
    of_positive: np.ndarray
    of_negative: np.ndarray
    error: float | None
    effective_rows: int
    method: str

    def measure(self, rows: int) -> Measure:
        """Return the area with its interval on the scale of log odds.

        Args:
            rows: Number of rows that the area comes from.
        """
        return Measure(self.value, *logit(self.value, self.error, self.effective_rows), rows, self.method)


def rank(positive: np.ndarray, score: np.ndarray, *, keep_order: bool = False) -> Ranking:
    """Sort rows by score.

    Args:
        positive: For each row, whether it is positive.
        score: The score of each row, a finite number.
        keep_order: Whether to return the order of the rows too.
    """
    import numpy as np

    order = np.argsort(score)
    sorted_score, sorted_positive = score[order], positive[order]
    kept = order.astype(np.int32) if keep_order else order[:0].copy()
    del order
    ends = np.flatnonzero(np.append(sorted_score[1:] != sorted_score[:-1], len(score) > 0)).astype(np.int32)
    del sorted_score  # each of these arrays takes 80 MB for ten million rows
    above = np.cumsum(sorted_positive, dtype=np.int32)[ends]
    return Ranking(np.diff(above, prepend=np.int32(0)), np.diff(ends, prepend=np.int32(-1)), kept)


def roc_area(ranking: Ranking) -> Area:
    """Return the area under the ROC curve with DeLong's error.

    Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), by ranks as in Sun and Xu, IEEE Signal
    Processing Letters 21 (2014). Unlike the error of Hanley and McNeil, it makes no assumption on the
    distribution of the scores.

    Args:
        ranking: Rows of both classes.
    """
    import numpy as np

    positives, negatives = ranking.positives, ranking.rows - ranking.positives
    count, other = float(ranking.positive), float(ranking.total - ranking.positive)
    # The share of negatives below a positive of each score, of positives above a negative; ties count half.
    of_positive = np.cumsum(negatives, dtype=np.float64)
    of_positive -= negatives / 2
    # A sum of halves is exact in any order.
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

    Average precision is the mean over positives of A / B, where A and B are the numbers of positives and of rows
    with at least the positive's score. A row with score s moves it through its own A / B, and through A and B of
    every positive with a score of at most s. The variance is the mean square of that (Huber, Robust Statistics,
    1981, chapter 3).

    Args:
        ranking: Rows of both classes.
    """
    import numpy as np

    positives, count, total = ranking.positives, float(ranking.positive), ranking.total
    # From the greatest score down, including each score's own rows. Each array takes 80 MB for ten million rows.
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
    """Return the sum of the squared values weighted by the counts, without intermediate arrays."""
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
