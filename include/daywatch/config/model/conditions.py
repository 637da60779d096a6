"""Conditions of the plan's rules, such as ``>= 0.8``, ``falls by 10 %`` or ``outside the band``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

_NUMBER = r"\d+(?:\.\d+)?"
_ABSOLUTE = re.compile(rf"^\s*(>=|<=|>|<)\s*(-?{_NUMBER}(?:[eE][-+]?\d+)?)\s*(%?)\s*$")
_RELATIVE = re.compile(rf"^\s*(falls|rises|changes)(?:\s+by\s+({_NUMBER})\s*(%?))?(\s+beyond\s+chance)?\s*$")
_OF_BAND = re.compile(rf"^\s*(outside|above|below)\s+(?:the\s+band|({_NUMBER})\s+bands?)\s*$")

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

_DIRECTIONS: dict[str, tuple[int, ...]] = {"falls": (-1,), "rises": (1,), "changes": (-1, 1)}
"""The signs of the changes that a comparison with another value looks at."""

_BEYOND: dict[str, tuple[int, ...]] = {"below": (-1,), "above": (1,), "outside": (-1, 1)}
"""The sides of a band that a condition looks at."""


class Band(NamedTuple):
    """The values that are normal by a metric's own history.

    Attributes:
        middle: The middle.
        half: The distance from it to both ends.
    """

    middle: float
    half: float


class Expected(NamedTuple):
    """What a metric's value is compared with.

    Attributes:
        value: The metric's value on the baseline, or on earlier windows; None if there is none.
        difference_low: Lower end of the interval of the difference from it, None if there is no interval.
        difference_high: Upper end of that interval.
        band: The values that are normal by its own history, None if the rule has no band.
    """

    value: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    band: Band | None = None


class Condition(BaseModel):
    """A threshold for a metric's value, for its change, or for its distance from a band.

    Attributes:
        comparison: ``>=``, ``<=``, ``>`` or ``<`` for the value; ``falls``, ``rises`` or ``changes`` for the
            change; ``above``, ``below`` or ``outside`` for the band.
        bound: The number that the value or the change is compared with; a share for percentages (0.1 for 10 %);
            of a band, how many times as wide as it is.
        percent: Whether the change is relative to the size of the value that it starts from, and not in its unit.
        beyond_chance: Whether the interval of the change must exclude 0 too.
        text: The condition as written in the YAML.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    comparison: Literal[">=", "<=", ">", "<", "falls", "rises", "changes", "above", "below", "outside"]
    bound: float
    percent: bool = False
    beyond_chance: bool = False
    text: str

    @property
    def relative(self) -> bool:
        """Whether the condition needs another value to compare with."""
        return self.comparison in _DIRECTIONS

    @property
    def of_band(self) -> bool:
        """Whether the condition needs a band."""
        return self.comparison in _BEYOND

    def is_met(self, value: float | None, expected: Expected) -> bool | None:
        """Return whether the condition is met, None if a number that it needs is missing.

        A change in per cent of 0 says nothing, and is missing too.

        Args:
            value: The metric's value on the window.
            expected: What it is compared with.
        """
        if value is None:
            return None
        if self.of_band:
            return None if expected.band is None else self._is_beyond(value, expected.band)
        if not self.relative:
            return _COMPARISONS[self.comparison](value, self.bound)
        if expected.value is None or (self.percent and expected.value == 0):
            return None
        change = self.change(value, expected.value)
        reached = _reaches(change / abs(expected.value) if self.percent else change, self.bound)
        if not self.beyond_chance:
            return reached
        certain = self._excludes_chance(expected)
        return None if certain is None else reached and certain

    def _is_beyond(self, value: float, band: Band) -> bool:
        distance = max(sign * (value - band.middle) for sign in _BEYOND[self.comparison])
        limit = band.half * self.bound
        return distance > limit and not math.isclose(
            distance, limit, rel_tol=1e-9, abs_tol=1e-12 * abs(band.middle)
        )

    def _excludes_chance(self, expected: Expected) -> bool | None:
        """Return whether the interval of the difference is beyond 0 in the condition's direction."""
        ends = {1: expected.difference_low, -1: expected.difference_high}
        near = [(sign, ends[sign]) for sign in _DIRECTIONS[self.comparison]]
        if any(end is None for _, end in near):
            return None
        return any(sign * (end or 0.0) > 0 for sign, end in near)

    def excess(self, value: float, expected: float) -> float:
        """Return a number that grows the further the value is in the condition's direction.

        It compares values under the same condition, such as those of several slices, and has no unit.

        Args:
            value: The metric's value on the window.
            expected: Its value on the baseline, 0 if there is none.
        """
        if not self.relative:
            return value if self.comparison in (">", ">=", "above") else -value
        change = self.change(value, expected)
        return change / abs(expected) if self.percent and expected else change

    def change(self, value: float, expected: float) -> float:
        """Return the change in the condition's direction, in the metric's unit.

        Args:
            value: The metric's value on the window.
            expected: The value that it starts from.
        """
        return max(sign * (value - expected) for sign in _DIRECTIONS[self.comparison])

    def limits(self, expected: float | None) -> tuple[float, ...]:
        """Return the values from which on the condition is met, as far as they do not depend on chance or history.

        They are two for a change in either direction, and none if the condition needs a value that is missing or,
        in per cent, 0, or if no double is beyond them.

        Args:
            expected: The metric's value on the baseline.
        """
        if self.of_band:
            return ()
        if not self.relative:
            return (self.bound,)
        if expected is None or (self.percent and expected == 0):
            return ()
        distance = abs(expected) * self.bound if self.percent else self.bound
        limits = (expected + sign * distance for sign in _DIRECTIONS[self.comparison])
        return tuple(limit for limit in limits if math.isfinite(limit))


def _reaches(change: float, bound: float) -> bool:
    """Return whether a change is at least the bound, up to rounding: 0.9 - 0.8 is a little less than 0.1."""
    return change >= bound or math.isclose(change, bound, rel_tol=1e-9)


def parse_condition(text: Any) -> Any:
    """Read a condition such as ``>= 0.8``, ``> 5 %``, ``falls by 10 %`` or ``outside the band``.

    Args:
        text: The text in the YAML; anything but a text is returned as it is.

    Raises:
        ValueError: The text is no condition.
    """
    if not isinstance(text, str):
        return text
    if match := _ABSOLUTE.match(text):
        comparison, number, sign = match.groups()
        return _condition(text, comparison, number, sign)
    if match := _OF_BAND.match(text):
        comparison, number = match.groups()
        return _condition(text, comparison, number or "1", "")
    match = _RELATIVE.match(text)
    if match and (match[2] or match[4]):
        comparison, number, sign, chance = match.groups()
        condition = _condition(text, comparison, number or "0", sign or "")
        return condition.model_copy(update={"beyond_chance": bool(chance)})
    examples = "'>= 0.8', '> 5 %', 'falls by 10 %', 'rises beyond chance' or 'outside the band'"
    msg = f"expected a condition such as {examples}, but received {text!r}"
    raise ValueError(msg)


def _condition(text: str, comparison: Any, number: str, sign: str) -> Condition:
    return Condition(
        comparison=comparison,
        bound=float(number) / (100 if sign else 1),
        percent=bool(sign) and comparison in _DIRECTIONS,
        text=text.strip(),
    )
