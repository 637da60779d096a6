"""Captured text that hides something is shown as it is."""

from __future__ import annotations

import unicodedata

import pytest
from daywatch.text import LONGEST, visible
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
