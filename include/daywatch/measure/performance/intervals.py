"""Measures with 95 % confidence intervals, all in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

CONFIDENCE = 0.95
TOO_LARGE = "the values are too large to compute with"

Z = 1.959963984540054
"""Standard deviations to either side that hold 95 % of a normal distribution: scipy.stats.norm.ppf(0.975)."""

_UNIT = (0.0, 1.0)

Bounds = tuple[float | None, float | None]
"""The lower and the upper end; None for an end that is unknown because there are too few rows."""

UNKNOWN: Bounds = (None, None)


@dataclass(frozen=True)
class Measure:
    """A number with its confidence interval.

    Attributes:
        value: The number, None where it cannot be computed; ``note`` then says why.
        low: Lower end of its 95 % confidence interval, None where it is unknown.
        high: Upper end of the interval, None where it is unknown.
        rows: Number of rows that the value comes from: for precision those predicted as the class, for recall
            those labelled as the class.
        method: Name of the interval's method.
        note: One sentence on a missing or unusual value.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    rows: int = 0
    method: str = ""
    note: str = ""

    def noted(self, note: str) -> Measure:
        """Return the measure with this note, unless it has a note already."""
        return self if self.note or not note else replace(self, note=note)


Measures = dict[tuple[str, str], Measure]
"""Measures by name and class; the class is empty for all classes together."""


def missing(note: str, rows: int = 0) -> Measure:
    """Return a measure without a value.

    Args:
        note: Why there is no value.
        rows: Number of rows that were looked at.
    """
    return Measure(None, rows=rows, note=note)


def wilson(hits: Any, rows: Any) -> tuple[Any, Any]:
    """Return Wilson's score interval of a share, or of arrays of shares.

    Source: Wilson (1927). It is the same as statsmodels' ``proportion_confint(method="wilson")``.

    Args:
        hits: Number of hits, at most ``rows``; it need not be a whole number.
        rows: Number of rows, at least 1.
    """
    share = hits / rows
    centre = (share + Z**2 / (2 * rows)) / (1 + Z**2 / rows)
    # Rounding must not make the root of 0 imaginary, nor move an end beyond the share.
    spread = (abs(share * (1 - share)) / rows + Z**2 / (4 * rows**2)) ** 0.5
    half = Z * spread / (1 + Z**2 / rows)
    low, high = centre - half, centre + half
    return low * (hits > 0), high + (1 - high) * (hits >= rows)


def share(hits: float, rows: int) -> Measure:
    """Return a share with Wilson's interval.

    Args:
        hits: Number of hits, at most ``rows``.
        rows: Number of rows, at least 1.
    """
    low, high = wilson(hits, rows)
    return Measure(hits / rows, float(low), float(high), rows, "Wilson")


def normal(value: float, error: float | None, bounds: tuple[float, float]) -> Bounds:
    """Return the interval of a number with a normal error, limited to the numbers that are possible.

    Args:
        value: The number.
        error: Its standard error, None if it is unknown.
        bounds: The least and the greatest possible number.
    """
    if error is None or not math.isfinite(error):
        return UNKNOWN
    return max(bounds[0], value - Z * error), min(bounds[1], value + Z * error)


def logit(value: float, error: float | None, rows: int) -> Bounds:
    """Return the interval of a number from 0 to 1, normal on the scale of its log odds.

    The interval stays within 0 to 1. The scale is recommended for areas under curves: Qin and Hotilovac,
    Statistical Methods in Medical Research 17 (2008), for ROC; Boyd, Eng and Page, ECML PKDD 2013, for precision
    and recall. At 0 and at 1 the error is 0 for any number of rows, so the interval is Wilson's.

    Args:
        value: The number, from 0 to 1.
        error: Its standard error, None if it is unknown.
        rows: The number of rows for Wilson's interval.
    """
    if value <= 0 or value >= 1:
        low, high = wilson(value * rows, rows)
        return float(low), float(high)
    if error is None or not math.isfinite(error):
        return UNKNOWN
    odds, half = math.log(value / (1 - value)), Z * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-max(-700.0, min(700.0, odds + sign * half)))) for sign in (-1, 1))
    return low, high


def mean(values: np.ndarray, bounds: tuple[float, float] = (-math.inf, math.inf), note: str = "") -> Measure:
    """Return a mean with the normal interval of the central limit theorem.

    Args:
        values: The values, at least one.
        bounds: The least and the greatest possible mean.
        note: A sentence on values that were left out.
    """
    rows = len(values)
    value = float(values.mean())
    if not math.isfinite(value):
        return missing(TOO_LARGE, rows)
    error = math.sqrt(float(values.var(ddof=1)) / rows) if rows > 1 else None
    return Measure(value, *normal(value, error, bounds), rows, "normal", note)


def difference(window: Measure, baseline: Measure) -> Bounds:
    """Return the interval of the difference of two measures of different rows, from their own intervals.

    Source: the square-and-add method, Newcombe, Statistics in Medicine 17 (1998), method 10; Zou and Donner,
    Statistics in Medicine 27 (2008), for any two numbers.

    Args:
        window: The measure that the other one is subtracted from.
        baseline: The measure that is subtracted.
    """
    known = (window.value, window.low, window.high, baseline.value, baseline.low, baseline.high)
    if any(one is None for one in known):
        return UNKNOWN
    value, low, high, expected, expected_low, expected_high = (float(one or 0.0) for one in known)
    change = value - expected
    return (
        change - math.hypot(value - low, expected_high - expected),
        change + math.hypot(high - value, expected - expected_low),
    )


def unit(value: float, error: float | None) -> Bounds:
    """Return the normal interval of a number from 0 to 1."""
    return normal(value, error, _UNIT)
