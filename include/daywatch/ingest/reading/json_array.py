"""An object that is one JSON array of records, as lines: one for each element."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from daywatch.engine.budget import PLAIN_PIECE

_BEGINS = re.compile(rb"\s*\[\s*\{")
_LONGEST_BEGINNING = 1 << 16
_UNDECIDED = re.compile(rb"\s*(\[\s*)?")
_BETWEEN = " \t\r\n,"


def lines_of_array(chunks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """Yield an array of objects as lines; any other bytes as they are.

    What follows an element that is not whole JSON is one line, because nobody can tell where the next one begins.

    Args:
        chunks: The bytes of an object.
        longest: Bytes of the longest element.
    """
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) > _LONGEST_BEGINNING or not _UNDECIDED.fullmatch(head):
            break
    if _BEGINS.match(head):
        yield from _elements(chain([head], stream), longest)
    else:
        yield head
        yield from stream


def lines_of_only_array(chunks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """Yield an array of objects as lines if it is all that there is; lines of which each may be an array stay lines.

    Args:
        chunks: The bytes of an object.
        longest: Bytes of the longest element.
    """
    stream = iter(chunks)
    head, first, rest = b"", b"", b""
    for chunk in stream:
        head += chunk
        first, _, rest = head.lstrip().partition(b"\n")
        if rest.strip() or len(first) > longest:
            break
    whole = chain([head], stream)
    yield from whole if rest.strip() and _is_json(first) else lines_of_array(whole, longest)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _elements(chunks: Iterator[bytes], longest: int) -> Iterator[bytes]:
    """Yield the elements as lines, some at once."""
    decoder = json.JSONDecoder()
    unpack = getincrementaldecoder("utf-8")("surrogateescape")
    text, is_whole = _more(chunks, unpack.decode, 1)
    at = text.index("[") + 1
    lines: list[str] = []
    size = 0
    while True:
        while text[at : at + 1] and text[at] in _BETWEEN:
            at += 1
        if text.startswith("]", at):
            yield _joined([*lines, text[at + 1 :]])
            yield from (unpack.decode(chunk).encode("utf-8", "surrogateescape") for chunk in chunks)
            return
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = 0
        if end and (is_whole or end < len(text)):
            lines.append(_one_line(text[at:end]))
            size += end - at
            at = end
            if size >= PLAIN_PIECE:
                yield _joined([*lines, ""])
                lines, size = [], 0
        elif is_whole or len(text) - at > longest:
            yield _joined([*lines, _one_line(text[at : at + longest + 1])])
            return
        else:
            further, is_whole = _more(chunks, unpack.decode, len(text) - at)
            text, at = text[at:] + further, 0


def _more(chunks: Iterator[bytes], decode: Callable[[bytes], str], least: int) -> tuple[str, bool]:
    """Return at least so many characters, and whether they are the last: an element is not parsed for each chunk."""
    parts: list[str] = []
    size = 0
    for chunk in chunks:
        parts.append(decode(chunk))
        size += len(parts[-1])
        if size >= least:
            return "".join(parts), False
    return "".join(parts), True


def _one_line(element: str) -> str:
    """Return an element without line ends, which are between its tokens: in its strings they would be escaped."""
    return element.replace("\r", " ").replace("\n", " ")


def _joined(lines: list[str]) -> bytes:
    return "\n".join(lines).encode("utf-8", "surrogateescape")
