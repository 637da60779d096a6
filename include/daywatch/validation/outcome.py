"""The answers of Great Expectations, in Daywatch's words and in its own JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daywatch.results import ExpectationResult, Record, Severity
from daywatch.validation.fingerprint import DEFAULT_SEVERITY, canonical

_SHORT = 200
_EXAMPLES = 3
_EXAMPLE = 40
_WRAPPING = re.compile(r"^(Error: |\(_duckdb\.\w+\) )")


class Validation(Record):
    """The results of a suite, as they are stored.

    Attributes:
        results: One for each expectation, in the suite's order.
    """

    results: tuple[ExpectationResult, ...]


@dataclass(frozen=True)
class Outcome:
    """GX's answer to one expectation.

    Attributes:
        success: Whether GX found it met, None where it was not evaluated.
        result: GX's result object.
        note: Why it was not evaluated.
    """

    success: bool | None
    result: Mapping[str, Any]
    note: str = ""

    @property
    def answered(self) -> bool:
        """True where GX evaluated the expectation, or found nothing to evaluate it on."""
        return self.success is not None or bool(self.result)

    @classmethod
    def of_exception(cls, error: BaseException) -> Outcome:
        """Return the outcome of an expectation that GX raised on."""
        return cls(None, {}, _sentence(str(error) or type(error).__name__))

    @classmethod
    def of_missing(cls, columns: list[str]) -> Outcome:
        """Return the outcome of an expectation about columns that the rows do not have."""
        return cls(
            None, {}, f"The rows have no column {', '.join(json.dumps(name) for name in columns)}."[:_SHORT]
        )

    @classmethod
    def of_result(cls, result: Any) -> Outcome:
        """Return the outcome in an ``ExpectationValidationResult``."""
        answer = result.to_json_dict()
        messages = sorted(set(_exceptions(answer.get("exception_info"))))
        if messages:
            return cls(None, {}, _sentence(messages[0]))
        found = answer.get("result") or {}
        if "partial_unexpected_list" in found:  # GX's JSON has null for NaN too
            examples = zip(
                result.result["partial_unexpected_list"], found["partial_unexpected_list"], strict=True
            )
            found["partial_unexpected_list"] = [raw if _not_finite(raw) else shown for raw, shown in examples]
        nothing = _text(found["observed_value"], _SHORT) if answer["success"] is None else ""
        return cls(answer["success"], found, nothing)


def _exceptions(info: Any) -> list[str]:
    """Return the messages of GX's exception info: one of the expectation, or one a metric."""
    if not isinstance(info, Mapping):
        return []
    if "raised_exception" in info:
        return [str(info.get("exception_message"))] if info["raised_exception"] else []
    return [message for inner in info.values() for message in _exceptions(inner)]


def _sentence(text: str) -> str:
    """Return the first line, short; the rest is SQL and captured values."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return _WRAPPING.sub("", lines[0])[:_SHORT] if lines else "Great Expectations gave no reason."


def result_of(expectation: Mapping[str, Any], outcome: Outcome) -> ExpectationResult:
    """Return an outcome as the record that is stored."""
    kwargs = expectation.get("kwargs") or {}
    column = kwargs.get("column")
    return ExpectationResult(
        expectation=expectation["type"],
        column=column if isinstance(column, str) else "",
        kwargs=canonical(kwargs),
        severity=Severity(expectation.get("severity") or DEFAULT_SEVERITY),
        success=outcome.success,
        description=str(expectation.get("description") or "")[:_SHORT],
        observed=_observed(outcome.result) if outcome.success is not None else "",
        element_count=outcome.result.get("element_count"),
        unexpected_count=outcome.result.get("unexpected_count"),
        unexpected_percent=outcome.result.get("unexpected_percent"),
        note=outcome.note,
    )


def _observed(result: Mapping[str, Any]) -> str:
    """Return the observed value, or how many values were unexpected with a few examples, as short text."""
    if result.get("observed_value") is not None:
        return _text(result["observed_value"], _SHORT)
    if gone := result.get("partial_missing_list"):
        shown = ", ".join(_text(value, _EXAMPLE) for value in gone[:_EXAMPLES])
        return f"{result['missing_count']} missing, such as {shown}"[:_SHORT]
    if result.get("element_count") is None or result.get("unexpected_count") is None:
        return ""
    count = f"{result['unexpected_count']} of {result['element_count']} unexpected"
    examples = list(
        dict.fromkeys(_text(value, _EXAMPLE) for value in result.get("partial_unexpected_list", []))
    )
    if not examples or examples == ["null"]:
        return count
    return f"{count}, such as {', '.join(examples[:_EXAMPLES])}"[:_SHORT]


def _text(value: Any, longest: int) -> str:
    """Return JSON text, which escapes control characters, cut to a length."""
    plain = _finite(value)
    text = plain if isinstance(plain, str) and plain.isprintable() else canonical(plain)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def suite_json(name: str, expectations: list[dict[str, Any]], outcomes: list[Outcome]) -> str:
    """Return GX's suite validation result as canonical JSON, in the suite's order."""
    from great_expectations import __version__

    succeeded = sum(outcome.success is True for outcome in outcomes)
    answers = [
        {
            "success": outcome.success is True,
            "expectation_config": _config(expectation),
            "result": _finite(outcome.result),
            "meta": {},
            "exception_info": {
                "raised_exception": not outcome.answered,
                "exception_message": outcome.note or None,
                "exception_traceback": None,
            },
        }
        for expectation, outcome in zip(expectations, outcomes, strict=True)
    ]
    return canonical(
        {
            "success": succeeded == len(outcomes),
            "results": answers,
            "suite_name": name,
            "suite_parameters": {},
            "statistics": {
                "evaluated_expectations": len(outcomes),
                "successful_expectations": succeeded,
                "unsuccessful_expectations": len(outcomes) - succeeded,
                "success_percent": 100 * succeeded / len(outcomes) if outcomes else None,
            },
            "meta": {"great_expectations_version": __version__},
            "id": None,
        }
    )


def _config(expectation: Mapping[str, Any]) -> dict[str, Any]:
    known = ("type", "kwargs", "meta", "severity", "id", "description", "notes")
    return {key: expectation[key] for key in known if expectation.get(key) is not None}


def _not_finite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _finite(value: Any) -> Any:
    """Write NaN and infinities, which JSON does not have, as text, and cut long texts."""
    if _not_finite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str):
        return value if len(value) <= _SHORT else value[: _SHORT - 1] + "…"
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
