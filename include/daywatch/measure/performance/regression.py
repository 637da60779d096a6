"""Performance of a regression on labelled rows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import (
    CONFIDENCE,
    TOO_LARGE,
    Measure,
    Measures,
    mean,
    missing,
    normal,
)
from daywatch.profiles.magnitude import divided, exponent_of_arrays, multiplied

if TYPE_CHECKING:
    import numpy as np

QUANTILES = {
    "residual_p5": 0.05,
    "residual_p25": 0.25,
    "residual_p50": 0.5,
    "residual_p75": 0.75,
    "residual_p95": 0.95,
}
SIZES = {
    "median_absolute_error": 0.5,
    "absolute_error_p75": 0.75,
    "absolute_error_p90": 0.9,
    "absolute_error_p95": 0.95,
}
_NAMES = ("me", "mae", "mse", "rmse", "mape", "smape", "wape", "r2", *QUANTILES, *SIZES)
NO_ROWS = "no row has both a finite label and a finite prediction"
_TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)


def regression_measures(label: np.ndarray, prediction: np.ndarray) -> Measures:
    """Return the measures of the error, prediction minus label, over rows where both are finite.

    ``me``, ``mae``, ``rmse`` and the quantiles are in the label's unit, ``mse`` in its square. ``mape`` is a share
    (0.1 is 10 %) over rows whose label is not 0, ``smape`` and ``wape`` are shares too, ``r2`` is 1 - SSE / SST.

    Args:
        label: The label of each row, NaN for none.
        prediction: The prediction of each row, NaN for none.
    """
    import numpy as np

    label, prediction = usable_rows(label, prediction)
    if not len(label):
        return {(name, ""): missing(NO_ROWS) for name in _NAMES}
    exponent = exponent_of_arrays(label, prediction)
    label, prediction = divided(label, exponent), divided(prediction, exponent)
    with np.errstate(all="ignore"):
        error = prediction - label
        size = np.abs(error)
        measures = {
            "me": _multiplied(mean(error), exponent),
            "mae": absolute_error(error, exponent),
            **squared_errors(error, exponent),
            **{name: _multiplied(one, exponent) for name, one in _quantiles(error, QUANTILES).items()},
            **{name: _multiplied(one, exponent) for name, one in _quantiles(size, SIZES).items()},
            "mape": _relative_error(size, label),
            "smape": _symmetric_error(size, label, prediction),
            "wape": _weighted_error(size, label),
            "r2": _determination(error, label),
        }
    return {(name, ""): measures[name] for name in _NAMES}


def usable_rows(label: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows whose label and prediction are both finite."""
    import numpy as np

    usable = np.isfinite(label) & np.isfinite(prediction)
    return (label, prediction) if usable.all() else (label[usable], prediction[usable])


def absolute_error(error: np.ndarray, exponent: int) -> Measure:
    """Return the mean of the absolute errors.

    Args:
        error: The error of each row, divided by a power of two.
        exponent: That power.
    """
    return _multiplied(mean(abs(error), (0.0, math.inf)), exponent)


def squared_errors(error: np.ndarray, exponent: int) -> dict[str, Measure]:
    """Return the mean of the squared errors, ``mse``, and its root, ``rmse``.

    Args:
        error: The error of each row, divided by a power of two.
        exponent: That power.
    """
    squares = mean(error * error, (0.0, math.inf))
    return {"mse": _multiplied(squares, 2 * exponent), "rmse": _multiplied(_root(squares), exponent)}


def _multiplied(measure: Measure, exponent: int) -> Measure:
    """Return a measure in its unit, from that of numbers divided by a power of two."""
    if not exponent or measure.value is None:
        return measure
    ends = (measure.value, measure.low, measure.high)
    value, low, high = (None if end is None else multiplied(end, exponent) for end in ends)
    if value is None or not math.isfinite(value):
        return missing(TOO_LARGE, measure.rows)
    return replace(measure, value=value, low=_finite(low), high=_finite(high))


def _finite(end: float | None) -> float | None:
    return end if end is not None and math.isfinite(end) else None


def _root(squares: Measure) -> Measure:
    """Return the root of a mean of squares, and of the ends of its interval."""
    if squares.value is None:
        return squares
    value, low, high = (
        None if one is None else math.sqrt(one) for one in (squares.value, squares.low, squares.high)
    )
    return Measure(value, low, high, squares.rows, squares.method)


def _relative_error(size: np.ndarray, label: np.ndarray) -> Measure:
    counted = label != 0
    zeros = len(label) - int(counted.sum())
    if zeros == len(label):
        return missing("every label is 0")
    note = f"{zeros:,} rows with label 0 are left out" if zeros else ""
    if zeros:
        size, label = size[counted], label[counted]
    return mean(size / abs(label), (0.0, math.inf), note)


def _symmetric_error(size: np.ndarray, label: np.ndarray, prediction: np.ndarray) -> Measure:
    """Return the mean of |error| / ((|label| + |prediction|) / 2), 0 to 2; rows where both are 0 have no error."""
    import numpy as np

    scale = (abs(label) + abs(prediction)) / 2
    return mean(np.divide(size, scale, out=np.zeros_like(size), where=scale != 0), (0.0, 2.0))


def _weighted_error(size: np.ndarray, label: np.ndarray) -> Measure:
    """Return the sum of the absolute errors / that of the absolute labels, with the interval of the delta method.

    Of the ratio R of two means, a row with the error e and the label y moves it by (|e| - R |y|) / mean |y|.
    """
    import numpy as np

    rows = len(label)
    scale = float(abs(label).mean())
    if not scale:
        return missing("every label is 0", rows)
    ratio = float(size.mean()) / scale
    if not math.isfinite(ratio):
        return missing(TOO_LARGE, rows)
    moves = (size - ratio * abs(label)) / scale
    error = math.sqrt(float(np.square(moves).sum()) / rows / (rows - 1)) if rows > 1 else None
    return Measure(ratio, *normal(ratio, error, (0.0, math.inf)), rows, "delta method")


def _determination(error: np.ndarray, label: np.ndarray) -> Measure:
    """Return the coefficient of determination with the interval of the delta method.

    It is 1 - A / B, the sums of squared errors and of squared deviations. A row with the squares a and b moves it
    by -(a - b A / B) / B.
    """
    import numpy as np

    rows = len(label)
    if label.min() == label.max():  # (not by the spread: the mean of equal labels may be rounded)
        return missing("all labels are the same", rows)
    deviations = np.square(label - label.mean())
    spread = float(deviations.sum())
    if not spread:
        return missing("the labels differ by too little to compute with", rows)
    squares = np.square(error)
    ratio = float(squares.sum()) / spread
    if not math.isfinite(ratio):
        return missing(TOO_LARGE, rows)
    deviations *= ratio
    squares -= deviations
    error_of_value = math.sqrt(float(np.square(squares).sum())) / spread
    bounds = normal(1 - ratio, error_of_value, (-math.inf, 1.0))
    return Measure(1 - ratio, *bounds, rows, "delta method")


def _quantiles(error: np.ndarray, quantiles: dict[str, float]) -> dict[str, Measure]:
    """Return quantiles of the errors, or of their sizes, as NumPy computes them with linear interpolation.

    The ends of the intervals are the errors whose ranks are the binomial distribution's 2.5th and 97.5th
    percentile (Conover, Practical Nonparametric Statistics, 1999, section 3.2). They hold for any distribution of
    the errors. If there are too few rows for such a rank, the end is unknown.
    """
    import numpy as np
    from scipy.stats import binom

    ordered = np.sort(error)
    rows = len(ordered)
    measures = {}
    for name, at in quantiles.items():
        rank = (rows - 1) * at
        below = float(ordered[math.floor(rank)])
        value = below + (float(ordered[math.ceil(rank)]) - below) * (rank - math.floor(rank))
        first, last = map(int, binom.ppf(_TAILS, rows, at))
        low = float(ordered[first - 1]) if first >= 1 else None
        high = float(ordered[last]) if last < rows else None
        measures[name] = (
            Measure(value, low, high, rows, "order statistics")
            if math.isfinite(value)
            else missing(TOO_LARGE, rows)
        )
    return measures
