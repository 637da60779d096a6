"""Lines of objects, in bounded memory."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from daywatch.config.model.capture import Limits
from daywatch.engine.budget import MIB
from daywatch.ingest.reading.lines import read_lines
from daywatch.ingest.reading.quarantine import Reason
from daywatch.storage import StoredObject


class Chunked:
    """A storage whose object comes in the chunks given."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    def stream_listed(self, stored: StoredObject) -> Iterator[bytes]:
        yield from self.chunks


def read(*chunks: bytes, limits: Any = None, size: int = 1) -> list[dict[str, Any]]:
    stored = {0: StoredObject("a.jsonl", size)}
    batches = read_lines(Chunked(*chunks), stored, limits or Limits())  # type: ignore[arg-type]
    return [row for batch in batches for row in batch.to_pylist()]


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_chunks_may_end_anywhere(size: int) -> None:
    content = b"one\n\r\ntw\xc3\xb6\r\n  \nthree"

    found = [(row["record"], row["line"]) for row in read(*cut(content, size))]

    assert found == [(1, "one"), (3, "twö"), (5, "three")]


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress], ids=["plain", "gzip"])
def test_batches_are_those_of_the_object_and_not_of_the_network(pack: Callable[[bytes], bytes]) -> None:
    """They become the row groups of the window's Parquet, whose digest names the revision."""
    lines = [f"{number:08}{'x' * (number * 7919 % 200)}" for number in range(30_000)]
    packed = pack(b"\xef\xbb\xbf" + "\n".join(lines).encode())
    stored = {0: StoredObject("a.jsonl", len(packed))}
    sizes = []
    for size in (len(packed), MIB + 7, 40_000):
        storage: Any = Chunked(*cut(packed, size))
        sizes.append([batch.num_rows for batch in read_lines(storage, stored, Limits())])

    assert sum(sizes[0]) == len(lines)
    assert sizes[0] == sizes[1] == sizes[2]


def test_a_byte_order_mark_is_only_one_at_the_beginning() -> None:
    assert [row["line"] for row in read(b"\xef\xbb\xbfa\n\xef\xbb\xbfb")] == ["a", "\ufeffb"]


def test_a_line_that_is_not_utf8_shows_its_bytes() -> None:
    (row,) = read(b"a\xffb")

    assert (row["line"], row["reason"], row["excerpt"]) == (None, Reason.NOT_UTF8, "a\\xffb")
    assert row["detail"] == (
        "the line is not UTF-8 text; its byte 2 is 0xFF, which is 'ÿ' in Windows-1252 (Latin-1), expected UTF-8"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "Müller".encode("latin-1"),
            "its byte 2 is 0xFC, which is 'ü' in Windows-1252 (Latin-1), expected UTF-8",
        ),
        (b"a\x81b", "its byte 2 is 0x81, expected UTF-8"),
        ("id,x".encode("utf-16"), "it looks like UTF-16, expected UTF-8"),
    ],
)
def test_another_encoding_is_named(content: bytes, said: str) -> None:
    (row,) = read(content)

    assert row["detail"] == f"the line is not UTF-8 text; {said}"


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress], ids=["plain", "gzip"])
def test_a_byte_order_mark_may_come_in_pieces(size: int, pack: Callable[[bytes], bytes]) -> None:
    assert [row["line"] for row in read(*cut(pack(b"\xef\xbb\xbfa\n\xef\xbb\xbfb"), size))] == [
        "a",
        "\ufeffb",
    ]


def test_a_line_too_long_is_named_and_not_kept() -> None:
    longest = MIB

    found = read(b"x" * longest + b"\n", b"y" * (longest + 1) + b"\nz", limits=Limits(line_megabytes=1))

    assert [(row["line"], row["reason"]) for row in found] == [
        ("x" * longest, None),
        (None, Reason.TOO_LONG),
        ("z", None),
    ]
    assert found[1]["excerpt"] == "y" * 200
    assert found[1]["detail"] == "the line has more than 1,048,576 bytes"


def test_an_endless_line_does_not_fill_the_memory() -> None:
    import tracemalloc

    chunk = b"x" * 1000
    tracemalloc.start()

    found = read(*[chunk] * 20_000, b"\nnext", limits=Limits(line_megabytes=1))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(row["record"], row["reason"]) for row in found] == [(1, Reason.TOO_LONG), (2, None)]
    assert peak < 6_000_000


MEMBERS = gzip.compress(b"one\ntw") + gzip.compress(b"") + gzip.compress(b"o\nthree")


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("padding", [b"", b"\x00" * 9])
def test_gzip_may_have_several_members(size: int, padding: bytes) -> None:
    """Chunks may end anywhere; NULs after a member are padding."""
    assert [row["line"] for row in read(*cut(MEMBERS + padding, size))] == ["one", "two", "three"]


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_gzip_that_ends_in_the_middle_keeps_what_was_read(size: int) -> None:
    packed = gzip.compress(b"".join(b"line %d\n" % number for number in range(1000)))

    found = read(*cut(packed[: len(packed) // 2], size))

    assert [row["line"] for row in found[:-1]] == [f"line {n}" for n in range(len(found) - 1)]
    assert len(found) > 100
    assert (found[-1]["record"], found[-1]["reason"]) == (len(found), Reason.BROKEN_GZIP)
    assert found[-1]["detail"] == "the gzip stream ends in the middle"


def test_where_a_broken_gzip_ends_does_not_depend_on_the_network() -> None:
    dice = random.Random(1)  # noqa: S311 - test data
    packed = bytearray(gzip.compress(b"".join(b"%d\n" % dice.randrange(10**9) for _ in range(200_000))))
    packed[600_000] ^= 0xFF

    results = [[row["line"] for row in read(*cut(bytes(packed), size))] for size in (10_000, 300_001, 10**7)]

    assert results[0] == results[1] == results[2]
    assert len(results[0]) > 10_000


def test_other_bytes_after_gzip_are_named() -> None:
    line, rest = read(gzip.compress(b"line\nlast") + b"not gzip")

    assert (line["line"], line["reason"]) == ("line", None)
    assert (rest["record"], rest["line"], rest["reason"]) == (2, None, Reason.BROKEN_GZIP)


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory() -> None:
    import tracemalloc

    bomb = gzip.compress(b"0" * (64 * MIB), 1)
    tracemalloc.start()

    found = read(bomb, limits=Limits(object_megabytes=16, line_megabytes=1))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row["reason"] for row in found] == [Reason.TOO_LARGE]
    assert found[0]["detail"] == "the object unpacks to more than 16,777,216 bytes"
    assert peak < 48 * MIB


def test_an_object_over_the_limit_is_not_read_at_all() -> None:
    (row,) = read(b"never", limits=Limits(object_megabytes=1), size=MIB + 1)

    assert (row["reason"], row["line"]) == (Reason.TOO_LARGE, None)
    assert row["detail"] == "the object has 1,048,577 bytes, more than 1,048,576"
