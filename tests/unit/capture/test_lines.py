"""Lines of objects, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from daywatch.capture import lines
from daywatch.capture.lines import read_lines
from daywatch.capture.reasons import Reason
from daywatch.storage import StoredObject


class Chunked:
    """A storage whose object comes in the chunks given."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    def stream(self, key: str) -> Iterator[bytes]:
        yield from self.chunks


def read(*chunks: bytes) -> list[dict[str, Any]]:
    batches = read_lines(Chunked(*chunks), [StoredObject("a.jsonl", 1)])  # type: ignore[arg-type]
    return [row for batch in batches for row in batch.to_pylist()]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_chunks_may_end_anywhere(size: int) -> None:
    content = b"one\n\r\ntw\xc3\xb6\r\n  \nthree"
    chunks = [content[start : start + size] for start in range(0, len(content), size)]

    found = [(row["record"], row["line"]) for row in read(*chunks)]

    assert found == [(1, "one"), (3, "twö"), (5, "three")]


def test_a_byte_order_mark_is_only_one_at_the_beginning() -> None:
    assert [row["line"] for row in read(b"\xef\xbb\xbfa\n\xef\xbb\xbfb")] == ["a", "\ufeffb"]


def test_a_line_that_is_not_utf8_shows_its_bytes() -> None:
    (row,) = read(b"a\xffb")

    assert (row["line"], row["reason"], row["excerpt"]) == (None, Reason.NOT_UTF8, "a\\xffb")


def test_a_line_too_long_is_named_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 10)

    found = read(b"x" * 10 + b"\n", b"y" * 11 + b"\nz")

    assert [(row["line"], row["reason"]) for row in found] == [
        ("x" * 10, None),
        (None, Reason.TOO_LONG),
        ("z", None),
    ]


def test_an_endless_line_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1000)
    chunk = b"x" * 1000
    tracemalloc.start()

    found = read(*[chunk] * 5000, b"\nnext")

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(row["record"], row["reason"]) for row in found] == [(1, Reason.TOO_LONG), (2, None)]
    assert peak < 1_000_000
