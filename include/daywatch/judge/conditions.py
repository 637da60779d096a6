"""Whether a metric meets a condition of the plan."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.config.model.plan import Condition
    from daywatch.results import Metric

_ABSOLUTE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

_CHANGE: dict[str, Callable[[float, float], float]] = {
    "falls": lambda value, baseline: baseline - value,
    "rises": lambda value, baseline: value - baseline,
    "changes": lambda value, baseline: abs(value - baseline),
}


def holds(condition: Condition, metric: Metric) -> bool | None:
    """Return whether a condition holds, None where a number for it is missing.

    A change in per cent is relative to the size of the baseline's value; against a baseline of zero any
    change is infinitely large.
    """
    if metric.value is None:
        return None
    if not condition.relative:
        return _ABSOLUTE[condition.comparison](metric.value, condition.bound)
    if metric.baseline is None:
        return None
    change = _CHANGE[condition.comparison](metric.value, metric.baseline)
    if not condition.percent:
        return _reaches(change, condition.bound)
    if metric.baseline == 0:
        return change > 0
    return _reaches(change / abs(metric.baseline), condition.bound)


def _reaches(change: float, bound: float) -> bool:
    """Compare differences, whose last digits are not those of the numbers: 0.9 - 0.8 is less than 0.1."""
    return change >= bound or math.isclose(change, bound, rel_tol=1e-9)
