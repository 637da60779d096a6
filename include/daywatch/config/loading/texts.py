"""Texts with characters that databases, mails and terminals refuse or obey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from daywatch.config.base import Place, PlacedError

_ALLOWED = "\n\t"


def text_errors(value: Any, where: Place = ()) -> Iterator[PlacedError]:
    """Yield an error for each text with a control character, or with half of a surrogate pair.

    Args:
        value: The content of a file, or a part of it.
        where: The place of that part.
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from text_errors(inner, (*where, str(key)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from text_errors(inner, (*where, number))
    elif isinstance(value, str) and any(not one.isprintable() and _refused(one) for one in value):
        yield where, f"expected text without control characters, but received {value!r:.120}"


def _refused(one: str) -> bool:
    """Return whether a character that is not printable is refused: controls and surrogates, not odd spaces."""
    return one not in _ALLOWED and (ord(one) < 0x20 or 0x7F <= ord(one) < 0xA0 or 0xD800 <= ord(one) < 0xE000)
