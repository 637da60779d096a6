"""Conditions of the plan's rules, such as ``>= 0.8`` or ``falls by 10 %``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

_ABSOLUTE = re.compile(r"^\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(%?)\s*$")
_RELATIVE = re.compile(r"^\s*(falls|rises|changes) by\s+(\d+(?:\.\d+)?)\s*(%?)\s*$")

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

_DIRECTIONS: dict[str, tuple[int, ...]] = {"falls": (-1,), "rises": (1,), "changes": (-1, 1)}
"""The signs of the changes from the baseline that a comparison with it looks at."""


class Condition(BaseModel):
    """A threshold for a metric's value, or for its change from the baseline.

    Attributes:
        comparison: ``>=``, ``<=``, ``>`` or ``<`` for the value; ``falls``, ``rises`` or ``changes`` for the
            change from the baseline.
        bound: The number that the value or the change is compared with; a share for percentages (0.1 for 10 %).
        percent: Whether the change is relative to the size of the baseline's value, and not in its unit.
        text: The condition as written in the YAML.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    comparison: Literal[">=", "<=", ">", "<", "falls", "rises", "changes"]
    bound: float
    percent: bool = False
    text: str

    @property
    def relative(self) -> bool:
        """Whether the condition needs the baseline's value."""
        return self.comparison in _DIRECTIONS

    def is_met(self, value: float | None, baseline: float | None) -> bool | None:
        """Return whether the condition is met, None if a number that it needs is missing.

        A change in per cent of a baseline of 0 says nothing, and is missing too.

        Args:
            value: The metric's value on the window.
            baseline: Its value on the baseline.
        """
        if value is None:
            return None
        if not self.relative:
            return _COMPARISONS[self.comparison](value, self.bound)
        if baseline is None:
            return None
        change = self.change(value, baseline)
        if not self.percent:
            return _reaches(change, self.bound)
        if baseline == 0:
            return None
        return _reaches(change / abs(baseline), self.bound)

    def excess(self, value: float, baseline: float) -> float:
        """Return a number that grows the further the value is in the condition's direction.

        It compares values under the same condition, such as those of several slices, and has no unit.

        Args:
            value: The metric's value on the window.
            baseline: Its value on the baseline, 0 if there is none.
        """
        if not self.relative:
            return value if self.comparison in (">", ">=") else -value
        change = self.change(value, baseline)
        return change / abs(baseline) if self.percent and baseline else change

    def change(self, value: float, baseline: float) -> float:
        """Return the change from the baseline in the condition's direction, in the metric's unit.

        Args:
            value: The metric's value on the window.
            baseline: Its value on the baseline.
        """
        return max(sign * (value - baseline) for sign in _DIRECTIONS[self.comparison])

    def limits(self, baseline: float | None) -> tuple[float, ...]:
        """Return the values from which on the condition is met.

        They are two for a change in either direction, and none if the condition needs a baseline that is missing or,
        in per cent, 0, or if no double is beyond them.

        Args:
            baseline: The metric's value on the baseline.
        """
        if not self.relative:
            return (self.bound,)
        if baseline is None or (self.percent and baseline == 0):
            return ()
        distance = abs(baseline) * self.bound if self.percent else self.bound
        limits = (baseline + sign * distance for sign in _DIRECTIONS[self.comparison])
        return tuple(limit for limit in limits if math.isfinite(limit))


def _reaches(change: float, bound: float) -> bool:
    """Return whether a change is at least the bound, up to rounding: 0.9 - 0.8 is a little less than 0.1."""
    return change >= bound or math.isclose(change, bound, rel_tol=1e-9)


def parse_condition(text: Any) -> Any:
    """Read a condition such as ``>= 0.8``, ``> 5 %``, ``falls by 10 %`` or ``rises by 0.05``.

    Args:
        text: The text in the YAML; anything but a text is returned as it is.

    Raises:
        ValueError: The text is no condition.
    """
    if not isinstance(text, str):
        return text
    match = _ABSOLUTE.match(text) or _RELATIVE.match(text)
    if match is None:
        examples = "'>= 0.8', '> 5 %', 'falls by 10 %' or 'rises by 0.05'"
        msg = f"expected a condition such as {examples}, but received {text!r}"
        raise ValueError(msg)
    comparison, number, sign = match.groups()
    return Condition(
        comparison=comparison,
        bound=float(number) / (100 if sign else 1),
        percent=bool(sign) and comparison in _DIRECTIONS,
        text=text.strip(),
    )
