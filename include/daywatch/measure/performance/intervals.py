"""Confidence intervals, all in closed form: what 95 of 100 windows of so many rows would show."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

CONFIDENCE = 0.95
TOO_LARGE = "the values are too large to compute with"

Z = 1.959963984540054
"""Of the normal distribution's standard deviations to either side: scipy.stats.norm.ppf(0.975)."""

_UNIT = (0.0, 1.0)

Bounds = tuple[float | None, float | None]
"""The lower and the upper end, None for an end that the rows do not tell."""

UNKNOWN: Bounds = (None, None)


@dataclass(frozen=True)
class Measure:
    """A number with what it is worth.

    Attributes:
        value: None where it cannot be computed; ``note`` then says why.
        low: Lower end of its 95 % confidence interval, None where the rows do not tell.
        high: Upper end.
        rows: Rows behind it: of a precision those predicted so, of a recall those labelled so.
        method: How the interval was made.
        note: One sentence on a missing or unusual value.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    rows: int = 0
    method: str = ""
    note: str = ""

    def noted(self, note: str) -> Measure:
        """Return the measure with a note, unless it has one."""
        return self if self.note or not note else replace(self, note=note)


Measures = dict[tuple[str, str], Measure]
"""Measures by name and class; the class is empty for all of them together."""


def missing(note: str, rows: int = 0) -> Measure:
    """Return a measure without a value."""
    return Measure(None, rows=rows, note=note)


def wilson(hits: Any, rows: Any) -> tuple[Any, Any]:
    """Return Wilson's score interval of a share; also of arrays.

    Wilson (1927); the same as statsmodels' ``proportion_confint(method="wilson")``.

    Args:
        hits: At most ``rows``; need not be whole.
        rows: At least 1.
    """
    share = hits / rows
    centre = (share + Z**2 / (2 * rows)) / (1 + Z**2 / rows)
    # Rounding must not make the root of nothing imaginary, nor move an end beyond the share.
    spread = (abs(share * (1 - share)) / rows + Z**2 / (4 * rows**2)) ** 0.5
    half = Z * spread / (1 + Z**2 / rows)
    low, high = centre - half, centre + half
    return low * (hits > 0), high + (1 - high) * (hits >= rows)


def share(hits: float, rows: int) -> Measure:
    """Return a share with Wilson's interval.

    Args:
        hits: At most ``rows``.
        rows: At least 1.
    """
    low, high = wilson(hits, rows)
    return Measure(hits / rows, float(low), float(high), rows, "Wilson")


def normal(value: float, error: float | None, bounds: tuple[float, float]) -> Bounds:
    """Return the interval of a number whose error is normal, kept within what the number can be.

    Args:
        value: The number.
        error: Its standard error, None where one row does not tell.
        bounds: The least and the greatest it can be.
    """
    if error is None or not math.isfinite(error):
        return UNKNOWN
    return max(bounds[0], value - Z * error), min(bounds[1], value + Z * error)


def logit(value: float, error: float | None, rows: int) -> Bounds:
    """Return the interval of a number from 0 to 1, normal on the scale of its log odds.

    It stays within 0 to 1 and is the recommended scale for areas under curves: Qin and Hotilovac, Statistical
    Methods in Medical Research 17 (2008) for ROC, Boyd, Eng and Page, ECML PKDD 2013 for precision and recall.
    At 0 and at 1, where the error is 0 however few the rows, it is Wilson's.

    Args:
        value: From 0 to 1.
        error: Its standard error, None where one row does not tell.
        rows: What Wilson's interval is of.
    """
    if value <= 0 or value >= 1:
        low, high = wilson(value * rows, rows)
        return float(low), float(high)
    if error is None or not math.isfinite(error):
        return UNKNOWN
    odds, half = math.log(value / (1 - value)), Z * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-max(-700.0, min(700.0, odds + way * half)))) for way in (-1, 1))
    return low, high


def mean(values: np.ndarray, bounds: tuple[float, float] = (-math.inf, math.inf), note: str = "") -> Measure:
    """Return a mean with the normal interval of the central limit theorem.

    Args:
        values: At least one.
        bounds: The least and the greatest that the mean can be.
        note: On the values that were left out.
    """
    rows = len(values)
    value = float(values.mean())
    if not math.isfinite(value):
        return missing(TOO_LARGE, rows)
    error = math.sqrt(float(values.var(ddof=1)) / rows) if rows > 1 else None
    return Measure(value, *normal(value, error, bounds), rows, "normal", note)


def difference(now: Measure, before: Measure) -> Bounds:
    """Return the interval of the difference of two numbers of different rows, from their own intervals.

    The square-and-add method: Newcombe, Statistics in Medicine 17 (1998), method 10; Zou and Donner,
    Statistics in Medicine 27 (2008), for any two numbers.
    """
    known = (now.value, now.low, now.high, before.value, before.low, before.high)
    if any(one is None for one in known):
        return UNKNOWN
    value, low, high, baseline, baseline_low, baseline_high = (float(one or 0.0) for one in known)
    change = value - baseline
    return (
        change - math.hypot(value - low, baseline_high - baseline),
        change + math.hypot(high - value, baseline - baseline_low),
    )


def unit(value: float, error: float | None) -> Bounds:
    """Return the normal interval of a number from 0 to 1."""
    return normal(value, error, _UNIT)
