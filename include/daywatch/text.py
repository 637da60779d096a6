"""Captured values are hostile: what cannot be seen is shown as its escape, what is endless is cut."""

from __future__ import annotations

import unicodedata
from typing import Any

from daywatch.report.content import Report

LONGEST = 400
"""Characters of one text; longer ones are cut, so that no payload makes a mail too large."""

# Cc, Cf: controls, bidirectional overrides, zero-width marks. Cs, Co, Cn: no character at all.
# Zl, Zp: line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""Return the text with invisible characters written as ``\n``, ``\x1b`` or ``\u202e``."""
    cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return "".join(_escaped(char) if unicodedata.category(char) in _INVISIBLE else char for char in cut)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def visible_report(report: Report) -> Report:
    """Return the report with every text in it made visible, so that no template can forget one.

    An expectation's arguments stay as they are: they are JSON, whose escapes hide characters; who reads
    them makes them visible.
    """
    return Report.model_validate(_walk(report.model_dump()))


def _walk(value: Any) -> Any:
    if type(value) is str:
        return visible(value)
    if isinstance(value, dict):
        return {key: item if key == "kwargs" else _walk(item) for key, item in value.items()}
    return tuple(_walk(item) for item in value) if isinstance(value, tuple | list) else value
