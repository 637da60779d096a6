"""Sampled values of one column, and what type they are."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from daywatch.config.model.columns import ColumnType
from daywatch.formatting import count, plural

_TRUTH = {"true", "false"}
_MISSING = {"", "nan", "null"}
_LARGEST = 2**63
_WORDS = 3
"""Words of a text's values on average; fewer make a category."""

_FEW = 20
"""Different whole numbers that may still be classes."""


@dataclass(frozen=True)
class SampledColumn:
    """A column of the sample.

    Attributes:
        name: Its name; in payloads without names its number from 0.
        values: The captured values in their order: text, numbers, truth values, lists; None for a missing one.
        at: Where it stands, if its name does not say so: a number, or a path in JSON.
    """

    name: str
    values: Sequence[Any]
    at: int | str | None = None

    @cached_property
    def texts(self) -> list[str]:
        """The values that are there, as text."""
        found = [as_text(one).strip() for one in self.values if one is not None]
        return [one for one in found if one.lower() not in _MISSING]

    @cached_property
    def classes(self) -> list[str]:
        """The different values, in order."""
        return sorted(set(self.texts))

    @cached_property
    def numbers(self) -> list[float] | None:
        """The values as finite numbers; None if one of them is no number, or none is there."""
        try:
            found = [float(one) for one in self.texts]
        except ValueError:
            return None
        return found if found and all(map(math.isfinite, found)) else None

    @property
    def is_whole(self) -> bool:
        """Whether all are numbers that are written without a fraction."""
        if self.numbers is None or max(map(abs, self.numbers)) >= _LARGEST:
            return False
        return all(one.lstrip("+-").isdecimal() for one in self.texts)

    @property
    def is_share(self) -> bool:
        """Whether all are numbers from 0 to 1, and some in between: as probabilities are."""
        found = self.numbers
        return bool(found) and min(found or [0]) >= 0 and max(found or [0]) <= 1 and not self.has_few

    @property
    def has_few(self) -> bool:
        """Whether the values can be classes: texts, truth values or few different whole numbers."""
        if self.numbers is None:
            return bool(self.texts)
        return len(self.classes) <= _FEW and all(one.is_integer() for one in self.numbers)

    @property
    def is_list(self) -> bool:
        """Whether a value is a list or an object."""
        return any(isinstance(one, list | dict) for one in self.values)


def as_text(value: Any) -> str:
    """Return a captured value as the export would write it as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def type_of(column: SampledColumn) -> tuple[ColumnType, str]:
    """Return the type that fits all values of a column, and what this rests on, as a comment.

    The comment has no captured text: the file goes into a repository, and the text may be about a person.
    """
    texts = column.texts
    if not texts:
        return ColumnType.TEXT, "decide: no value in the sample"
    missing = len(column.values) - len(texts)
    gaps = f"; {count(missing)} of {count(len(column.values))} missing" if missing else ""
    if all(one.lower() in _TRUTH for one in texts):
        return ColumnType.BOOLEAN, f"true and false{gaps}"
    if column.numbers is not None:
        between = f"from {min(column.numbers):g} to {max(column.numbers):g}{gaps}"
        if column.is_whole:
            return ColumnType.INTEGER, f"whole numbers {between}"
        return ColumnType.NUMBER, f"numbers {between}"
    different = f"{plural(len(column.classes), 'different value')}{gaps}"
    if sum(len(one.split()) for one in texts) >= _WORDS * len(texts):
        return ColumnType.TEXT, different
    return ColumnType.CATEGORY, different
