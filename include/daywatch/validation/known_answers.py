"""Known answers as expectations: what a case expects, and what the matching rows answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daywatch.results import Severity
from daywatch.validation.cases import ANSWERS
from daywatch.validation.draft import Draft
from daywatch.validation.fingerprint import canonical

if TYPE_CHECKING:
    from daywatch.config.model.known_answers import KnownAnswers
    from daywatch.validation.cases import KnownAnswer

KNOWN_ANSWER = "expect_known_answer"
"""Great Expectations' name of ``ExpectKnownAnswer``."""


def draft_known_answers(cases: Iterable[KnownAnswer], settings: KnownAnswers) -> list[Draft]:
    """Return the expectation of each case."""
    return [
        Draft(
            KNOWN_ANSWER,
            {
                "case": case.case,
                "features": case.features,
                "expected": case.expected,
                "tolerance": settings.tolerance,
                "absent": settings.absent.value,
            },
            Severity.CRITICAL,
            f"Known answer: {case.case}",
        )
        for case in cases
    ]


@dataclass(frozen=True)
class Case:
    """The arguments of an expectation that decide which rows match, and which of them are wrong.

    Attributes:
        features: Value of each feature that a row must have; None for a missing value.
        expected: The expected answer, by column.
        tolerance: The largest difference of a number that still is as expected.
    """

    features: Mapping[str, Any]
    expected: Mapping[str, Any]
    tolerance: float

    @classmethod
    def of(cls, kwargs: Mapping[str, Any]) -> Case:
        """Return the case in an expectation's arguments."""
        return cls(kwargs["features"], kwargs["expected"], float(kwargs.get("tolerance") or 0))

    @property
    def key(self) -> str:
        """The same for the same arguments."""
        return canonical([self.features, self.expected, self.tolerance])


def cases_of(expectations: Iterable[Mapping[str, Any]]) -> list[Case]:
    """Return the cases of a suite, without those that Great Expectations will refuse."""
    known = (one.get("kwargs") or {} for one in expectations if one["type"] == KNOWN_ANSWER)
    return [Case.of(kwargs) for kwargs in known if _usable(kwargs)]


def _usable(kwargs: Mapping[str, Any]) -> bool:
    features, expected = kwargs.get("features"), kwargs.get("expected")
    if not (isinstance(features, dict) and isinstance(expected, dict)):
        return False
    return bool(features and expected) and set(expected) <= set(ANSWERS)


@dataclass(frozen=True)
class Matches:
    """The answers of the rows that have a case's features.

    Attributes:
        rows: How many there are.
        changed: How many of them have another answer than expected.
        example: The answer of the one that is farthest from the expected answer.
    """

    rows: int = 0
    changed: int = 0
    example: Mapping[str, Any] | None = None

    def sentence(self, case: Case) -> str:
        """Say what changed, such as ``probability 0.41 instead of 0.93 in 2 of 24 requests``."""
        if self.example is None:
            return f"as expected in {self.rows} of {self.rows} requests"
        pairs = [(name, self.example[name], case.expected[name]) for name in ANSWERS if name in case.expected]
        off = [pair for pair in pairs if _differs(pair[1], pair[2], case.tolerance)]
        changes = ", ".join(f"{name} {_short(now)} instead of {_short(then)}" for name, now, then in off)
        return f"{changes} in {self.changed} of {self.rows} requests"


def _differs(now: Any, then: Any, tolerance: float) -> bool:
    """Return whether an answer is not the expected one."""
    if isinstance(then, list):
        return (
            not isinstance(now, list)
            or any(_differs(a, b, tolerance) for a, b in zip(now, then, strict=False))
            or len(now) != len(then)
        )
    if isinstance(then, int | float) and isinstance(now, int | float):
        return not abs(now - then) <= tolerance
    return bool(now != then)


def _short(value: Any) -> str:
    """Return an answer as short text: JSON, which escapes control characters."""
    if isinstance(value, list):
        return f"[{', '.join(_short(one) for one in value)}]"
    if isinstance(value, int | float):
        return f"{value:.6g}"
    return "nothing" if value is None else json.dumps(str(value)[:40], ensure_ascii=True)
