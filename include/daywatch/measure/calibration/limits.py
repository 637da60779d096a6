"""From where on a number of a window stands out: thresholds that the baseline's own days and rows give."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.results import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

IMPROBABLE = 1e-4
"""A share that chance would give less often than this is beyond its threshold."""

JUDGED_PERFORMANCE = ("roc_auc", "accuracy", "mae")
"""The performance metrics that are compared with the baseline, as far as the task has them, the headline first."""

SHARE_FLOOR = 0.01
"""Below it, no share stands out, however many rows show that it rose."""


_FEW_DAYS = 7


class DistanceLimit(Record):
    """From where on the drift of one column stands out, by the window's number of rows.

    Attributes:
        column: Name of the column.
        method: The distance.
        rows: Numbers of rows, ascending.
        thresholds: The threshold at each of them.
        days: The baseline's days that were compared with the others; 0 if only resamples were.
    """

    column: str
    method: str
    rows: tuple[int, ...]
    thresholds: tuple[float, ...]
    days: int

    def at(self, rows: int) -> float:
        """Return the threshold for a number of rows, on the line between the two nearest ones, in logarithms.

        With fewer rows than the fewest, chance grows as the root of the rows falls.
        """
        import numpy as np

        if rows < self.rows[0]:
            return self.thresholds[0] * math.sqrt(self.rows[0] / max(rows, 1))
        logs = np.interp(math.log(rows), np.log(self.rows), np.log(self.thresholds))
        return float(math.exp(logs))


class ShareLimit(Record):
    """From where on a share stands out.

    Attributes:
        metric: The metric.
        column: Name of the column, empty for the whole window.
        hits: The baseline's hits.
        rows: The baseline's rows.
        largest: The greatest share that the baseline's days explain, by ``deviations_of_next``; 0 without days.
    """

    metric: str
    column: str = ""
    hits: int
    rows: int
    largest: float = 0.0

    def at(self, rows: int) -> float:
        """Return the share beyond which so many rows stand out.

        It is the greatest one that the baseline's days explain, or that the baseline's share gives by chance
        (binomial, with one hit more than the baseline has: what never happened there is not impossible). A baseline
        that was not captured says nothing of chance.
        """
        from scipy.stats import binom

        if not self.rows:
            return SHARE_FLOOR
        by_chance = float(binom.isf(IMPROBABLE, rows, (self.hits + 1) / (self.rows + 2))) if rows else 0.0
        return max(SHARE_FLOOR, self.largest, by_chance / max(rows, 1))


class ColumnRange(Record):
    """The baseline's range of a number, with a tenth to spare at both ends.

    Attributes:
        column: Name of the column.
        low: The least number in it.
        high: The greatest number in it.
    """

    column: str
    low: float
    high: float


class PerformanceLimit(Record):
    """What a performance metric was on the baseline's own days.

    Attributes:
        metric: The metric.
        low: The least of the days, or their mean without three standard deviations.
        high: The greatest of the days, or their mean with three standard deviations.
        days: Number of days.
    """

    metric: str
    low: float
    high: float
    days: int


class Calibration(Record):
    """The content of a baseline's ``calibration.json``.

    Attributes:
        days: Days of the baseline that have rows.
        distances: The drift of each column.
        shares: Shares of rows, values and records.
        ranges: The range of each number.
        performance: The performance on the baseline's days.
    """

    days: int
    distances: tuple[DistanceLimit, ...] = ()
    shares: tuple[ShareLimit, ...] = ()
    ranges: tuple[ColumnRange, ...] = ()
    performance: tuple[PerformanceLimit, ...] = ()

    def distance(self, column: str, method: str) -> DistanceLimit | None:
        """Return from where on a column's drift stands out, None where nothing is known."""
        return next((one for one in self.distances if (one.column, one.method) == (column, method)), None)

    def share(self, metric: str, column: str = "") -> ShareLimit | None:
        """Return from where on a share stands out, None where nothing is known."""
        return next((one for one in self.shares if (one.metric, one.column) == (metric, column)), None)

    def range(self, column: str) -> ColumnRange | None:
        """Return the range of a number, None where it has none."""
        return next((one for one in self.ranges if one.column == column), None)


def beyond_days(values: Iterable[float], deviations: float = 3.0) -> tuple[float, float]:
    """Return the least and the greatest number that days with these numbers explain.

    They are the least and the greatest of the days, or some standard deviations from their mean.

    Args:
        values: A number of each day, at least one.
        deviations: How many standard deviations.
    """
    from statistics import mean, pstdev

    found = list(values)
    middle, spread = mean(found), deviations * pstdev(found)
    return min(*found, middle - spread), max(*found, middle + spread)


def deviations_of_next(days: int) -> float:
    """Return how many standard deviations of some days the next day may be from their mean.

    It is the limit of prediction that three deviations are for very many days: Student's t, for the next value of a
    normal sample. Of ten days, it is 4.5; fewer than seven days count as seven.

    Args:
        days: Number of days.
    """
    from scipy.stats import norm, t

    known = max(days, _FEW_DAYS)
    return float(t.ppf(norm.cdf(3), known - 1)) * math.sqrt((known + 1) / (known - 1))
