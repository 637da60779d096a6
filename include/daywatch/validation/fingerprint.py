"""Whether two expectations, or two suites, are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

DEFAULT_SEVERITY = "critical"
"""The severity that Great Expectations gives to an expectation without one."""

_COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list")


def canonical(value: Any) -> str:
    """Return JSON with sorted keys and no spaces, where 1 and 1.0 are the same number."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def expectation_key(expectation: Mapping[str, Any]) -> str:
    """Name an expectation by its type and columns, or its case, such as ``expect_column_to_exist("carrier")``."""
    names = columns_of(expectation)
    if isinstance(case := (expectation.get("kwargs") or {}).get("case"), str):
        names.append(case)
    return f"{expectation['type']}({', '.join(canonical(name) for name in names)})"


def columns_of(expectation: Mapping[str, Any]) -> list[str]:
    """Return the columns that an expectation is about."""
    kwargs = expectation.get("kwargs") or {}
    columns: list[Any] = []
    for argument in _COLUMN_ARGUMENTS:
        value = kwargs.get(argument, [])
        columns += value if isinstance(value, list) else [value]
    return [column for column in columns if isinstance(column, str)]


def content_fingerprint(expectation: Mapping[str, Any]) -> str:
    """Fingerprint what an expectation checks and how much it matters: type, arguments, severity."""
    return _digest(_content(expectation))


def fingerprint(suite: Mapping[str, Any]) -> str:
    """Fingerprint what a suite checks, in its order; names, notes and ids do not count."""
    return _digest([_content(expectation) for expectation in suite.get("expectations") or []])


def _content(expectation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": expectation["type"],
        "kwargs": expectation.get("kwargs") or {},
        "severity": expectation.get("severity") or DEFAULT_SEVERITY,
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Write whole floats as integers: an editor, or Great Expectations, may turn one into the other."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
