"""Objects that are one JSON array."""

from __future__ import annotations

import json
from typing import Any

import pytest
from daywatch.ingest.reading.json_array import lines_of_array, lines_of_only_array
from hypothesis import given, settings
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=20), VALUES, max_size=4)


def lines(content: bytes, piece: int = 7, longest: int = 1000) -> list[bytes]:
    """Return the lines of an object that arrives in pieces."""
    pieces = (content[start : start + piece] for start in range(0, len(content), piece))
    return [line for line in b"".join(lines_of_array(pieces, longest)).split(b"\n") if line.strip()]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(OBJECTS, min_size=1, max_size=5),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.integers(1, 40),
)
def test_each_element_is_a_line(
    records: list[dict[str, Any]], indent: int | None, ascii_only: bool, piece: int
) -> None:
    content = "\r\n " + json.dumps(records, indent=indent, ensure_ascii=ascii_only) + "\n"

    found = lines(
        content.encode("utf-8", "surrogatepass") if ascii_only else content.encode("utf-8", "replace"),
        piece,
        longest=100_000,
    )

    assert len(found) == len(records)
    if ascii_only:
        assert [json.loads(line) for line in found] == records


@pytest.mark.parametrize("piece", [1, 3, 100])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a": 1}\n{"b": 2}', [b'{"a": 1}', b'{"b": 2}']),
        (b"[1, 2]\n[3]", [b"[1, 2]", b"[3]"]),
        (b"[" * 2000, [b"[" * 2000]),
        (b"", []),
        (b' [ {"a": 1.10}, 5, "x" ] \n{"c": 3}', [b'{"a": 1.10}', b"5", b'"x"', b'{"c": 3}']),
        (b'[{"a": "\xff"}]', [b'{"a": "\xff"}']),
        (b'[{"a": 1}, {"b": \n 2', [b'{"a": 1}', b'{"b":   2']),
        (b'[{"a": 1}, oh no\n, {"b": 2}]', [b'{"a": 1}', b'oh no , {"b": 2}]']),
        (b'[{"a": 1}, {"b": ' + b"[" * 3000 + b"]", [b'{"a": 1}', (b'{"b": ' + b"[" * 3000)[:1001]]),
        (b'[{"a": "' + b"x" * 5000 + b'"}]', [(b'{"a": "' + b"x" * 5000)[:1001]]),
    ],
    ids=["lines", "lists", "nested", "empty", "mixed", "not UTF-8", "cut off", "broken", "deep", "too long"],
)
def test_what_is_no_array_of_objects(content: bytes, expected: list[bytes], piece: int) -> None:
    assert lines(content, piece) == expected


@pytest.mark.parametrize("piece", [1, 3, 100])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'[{"a": 1}, {"b": 2}]', [b'{"a": 1}', b'{"b": 2}']),
        (b'\n[{"a": 1},\n {"b": 2}]\n\n', [b'{"a": 1}', b'{"b": 2}']),
        (b'[\n{"a": 1}\n]', [b'{"a": 1}']),
        (b'[{"a": 1}, {"b": 2}]\n[{"a": 3}]', [b'[{"a": 1}, {"b": 2}]', b'[{"a": 3}]']),
        (b"[0.1, 0.9]", [b"[0.1, 0.9]"]),
        (b'"[{",1\n2,3', [b'"[{",1', b"2,3"]),
        (b"", []),
    ],
    ids=["one line", "several lines", "indented", "lines of lists", "a vector", "CSV", "empty"],
)
def test_only_what_is_nothing_but_an_array(content: bytes, expected: list[bytes], piece: int) -> None:
    pieces = (content[start : start + piece] for start in range(0, len(content), piece))

    found = b"".join(lines_of_only_array(pieces, 1000)).split(b"\n")

    assert [line.strip() for line in found if line.strip()] == expected
