"""An error that pydantic found, as a sentence: what was expected, and what stands in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel

from daywatch.config.base import nearest
from daywatch.config.model.capture import Selection
from daywatch.config.model.data_place import DataPlace

_EXPECTED: dict[str, str] = {
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "date_from_datetime_inexact": "expected a day without a time, such as 2024-03-31",
    "date_from_datetime_parsing": "expected a day such as 2024-03-31",
    "date_parsing": "expected a day such as 2024-03-31",
    "date_type": "expected a day such as 2024-03-31",
    "dict_type": "expected keys with values",
    "finite_number": "expected a finite number",
    "float_parsing": "expected a number",
    "float_type": "expected a number",
    "int_from_float": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a smaller whole number",
    "int_type": "expected a whole number",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "greater_than": "expected a number above {gt}",
    "greater_than_equal": "expected a number of at least {ge}",
    "less_than": "expected a number below {lt}",
    "less_than_equal": "expected a number of at most {le}",
    "string_too_long": "expected text of at most {max_length} characters",
    "string_too_short": "expected text of at least {min_length} characters",
    "too_long": "expected a list of at most {max_length} entries",
    "too_short": "expected a list of at least {min_length} entries",
    "string_pattern_mismatch": "expected text of the form that docs/configuration.md describes for this key",
}


def sentence(detail: Mapping[str, Any], word: str, section: type[BaseModel]) -> str:
    """Return an error as a sentence.

    Args:
        detail: The error, as pydantic describes it.
        word: The key that is wrong.
        section: The section in which it stands.
    """
    given, kind = detail["input"], detail["type"]
    if kind in _SPECIAL:
        return _SPECIAL[kind](detail, word, _keys_of(section))
    if kind == "string_type":
        hint = f": write it in quotes, '{given}'" if isinstance(given, (bool, int, float, date)) else ""
        return f"expected text, but received {_shown(given)}{hint}"
    expected = _EXPECTED.get(kind, "expected what docs/configuration.md describes for this key")
    limits = {
        name: f"{value:g}" if isinstance(value, float) else value
        for name, value in detail.get("ctx", {}).items()
    }
    return f"{expected.format(**limits)}, but received {_shown(given)}"


def _unknown(_: Mapping[str, Any], word: str, keys: list[str]) -> str:
    return f"unknown key{nearest(word, keys)}; accepted here: {', '.join(keys)}"


def _one_of(detail: Mapping[str, Any], _: str, __: list[str]) -> str:
    context = detail["ctx"]
    accepted = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
    given = str(context.get("tag", detail["input"]))
    return f"expected one of {', '.join(accepted)} but received {given!r}{nearest(given, accepted)}"


def _section(detail: Mapping[str, Any], _: str, keys: list[str]) -> str:
    return f"expected keys such as {', '.join(keys[:4])}, but received {_shown(detail['input'])}"


def _missing(_: Mapping[str, Any], __: str, ___: list[str]) -> str:
    return "this key is required but missing"


def _own(detail: Mapping[str, Any], _: str, __: list[str]) -> str:
    return str(detail["ctx"]["error"])


_SPECIAL: dict[str, Callable[[Mapping[str, Any], str, list[str]], str]] = {
    "enum": _one_of,
    "extra_forbidden": _unknown,
    "literal_error": _one_of,
    "missing": _missing,
    "model_type": _section,
    "union_tag_invalid": _one_of,
    "value_error": _own,
}


def _shown(given: Any) -> str:
    """Return a value as it is written in the file, cut where it is long."""
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return str(given).lower()
    return str(given) if isinstance(given, date) else f"{given!r:.120}"


def _keys_of(section: type[BaseModel]) -> list[str]:
    """Return the keys of a section, those that sections share behind its own."""
    names = [one.alias or name for name, one in section.model_fields.items()]
    return sorted(names, key=lambda name: name in _SHARED)


_SHARED = frozenset({*Selection.model_fields, *DataPlace.model_fields})
