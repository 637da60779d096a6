"""Proposed thresholds as text: in a condition, and as a difference of the model's YAML."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from daywatch.results import Record

if TYPE_CHECKING:
    from daywatch.config.model.conditions import Condition

_DIGITS = 3
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class Threshold(Record):
    """One threshold on the quiet windows.

    Attributes:
        target: What is judged, such as ``roc_auc`` or ``drift_score(amount)``.
        level: The key of the condition: ``red``, ``amber`` or ``green``; ``standard`` for the baseline's own.
        condition: The condition as written.
        windows: The quiet windows in which it has a value to compare.
        alarms: Those in which it would have been an alarm.
        rare: The condition that quiet windows meet as rarely as wanted, empty where too few are known.
        proposed: The same, where the condition as written is met more often.
    """

    target: str
    level: str
    condition: str
    windows: int
    alarms: int
    rare: str = ""
    proposed: str = ""


def rounded(value: float, *, up: bool) -> float:
    """Return a number with three digits that is at least, or at most, another.

    Args:
        value: The number.
        up: Whether the result is at least the number.
    """
    if value == 0 or not math.isfinite(value):
        return value
    step = 10.0 ** (math.floor(math.log10(abs(value))) - _DIGITS + 1)
    steps = math.ceil(value / step) if up else math.floor(value / step)
    return float(f"{steps * step:.{_DIGITS}g}")


def proposed(condition: Condition, bound: float) -> str:
    """Return a condition's text with another bound.

    Args:
        condition: The condition.
        bound: The bound; a share for percentages.
    """
    in_percent = "%" in condition.text
    number = f"{bound * 100 if in_percent else bound:.{_DIGITS}g}"
    if "e" in number and condition.relative:
        number = f"{float(number):f}".rstrip("0").rstrip(".")
    if not _NUMBER.search(condition.text):
        return condition.text.replace(condition.comparison, f"{condition.comparison} by {number}", 1)
    return _NUMBER.sub(number, condition.text, count=1)


def yaml_difference(text: str, name: str, thresholds: Iterable[Threshold]) -> str:
    """Return the difference that proposed thresholds make in a model's YAML, as a unified diff; empty for none.

    A condition is looked up by its text in a line that names its metric, or in the lines of the same rule.

    Args:
        text: The YAML.
        name: The file's name, for the head of the diff.
        thresholds: The thresholds, some with a proposal.
    """
    lines = text.splitlines(keepends=True)
    changed = list(lines)
    for one in thresholds:
        if not one.proposed or one.level == "standard":
            continue
        metric = re.split(r"[( ]", one.target)[0]
        starts = [
            n
            for n, line in enumerate(changed)
            if re.search(rf"\bmetric:\s*['\"]?{re.escape(metric)}\b", line)
        ]
        for start in starts:
            place = _place(changed, start, one)
            if place is not None:
                changed[place] = changed[place].replace(one.condition, one.proposed, 1)
                break
    return "".join(difflib.unified_diff(lines, changed, f"a/{name}", f"b/{name}"))


def _place(lines: list[str], start: int, threshold: Threshold) -> int | None:
    """Return the line of a rule that has the threshold's condition."""
    key = re.compile(rf"\b{threshold.level}:\s*['\"]?{re.escape(threshold.condition)}")
    for place in range(start, len(lines)):
        if place > start and lines[place].lstrip().startswith("- "):
            return None
        if key.search(lines[place]):
            return place
    return None
