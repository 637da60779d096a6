"""Captured text that hides something is shown as it is."""

from __future__ import annotations

import unicodedata

import pytest
from daywatch.report.content import Report
from daywatch.text import LONGEST, visible, visible_report
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("JFK", "JFK"),
        ("Zürich 東京 😀", "Zürich 東京 😀"),
        ("a\r\nBcc: b", "a\\r\\nBcc: b"),
        ("gnp\u202eexe", "gnp\\u202eexe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\x00\x1b[31m", "\\x00\\x1b[31m"),
        ("line\u2028break", "line\\u2028break"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_endless_text_is_cut() -> None:
    assert visible("x" * 10_000) == "x" * (LONGEST - 1) + "…"


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not {unicodedata.category(char) for char in visible(text)} & hidden


def test_every_text_of_a_report_is_reached(hostile: Report) -> None:
    shown = visible_report(hostile)
    kept = {"failed_expectations": {"__all__": {"kwargs"}}}
    assert "\u202e" in "".join(_texts(hostile.model_dump(exclude=kept)))
    assert not [
        char for char in "\u202e\u200b\x1b\r" if char in "".join(_texts(shown.model_dump(exclude=kept)))
    ]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [text for item in items for text in _texts(item)]
