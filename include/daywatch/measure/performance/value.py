"""What the answers of a binary model are worth: the outcome of each row, by the value matrix of the model's YAML."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import Measure, missing, normal

if TYPE_CHECKING:
    import numpy as np

    from daywatch.config.model.model import ValueMatrix
    from daywatch.measure.performance.intervals import Measures

_NAMES = ("value_per_row", "value_total")


def value_measures(
    is_positive: np.ndarray, prediction: np.ndarray, positive: int, value: ValueMatrix | None
) -> Measures:
    """Return the value of the rows, per row and in all, with the normal interval of the mean.

    The value of a row is one of four numbers, so counts decide everything: no order of the rows changes a digit.

    Args:
        is_positive: Whether each labelled row is of the positive class.
        prediction: The number of each row's predicted class, negative for none; such rows are left out.
        positive: The number of the positive class.
        value: What each outcome is worth; None for no measures.
    """
    if value is None:
        return {}
    known = prediction >= 0
    hit = prediction == positive
    cells = (
        (value.tp, int((is_positive & hit).sum())),
        (value.fp, int((~is_positive & hit).sum())),
        (value.fn, int((is_positive & ~hit & known).sum())),
        (value.tn, int((~is_positive & ~hit & known).sum())),
    )
    rows = sum(count for _, count in cells)
    if not rows:
        return {(name, ""): missing("no labelled row has a prediction") for name in _NAMES}
    total = math.fsum(worth * count for worth, count in cells)
    mean = total / rows
    squares = math.fsum(count * (worth - mean) ** 2 for worth, count in cells)
    error = math.sqrt(squares / (rows - 1) / rows) if rows > 1 else None
    low, high = normal(mean, error, (-math.inf, math.inf))
    least, most = (None if end is None else end * rows for end in (low, high))
    return {
        ("value_per_row", ""): Measure(mean, low, high, rows, "normal"),
        ("value_total", ""): Measure(total, least, most, rows, "normal"),
    }
