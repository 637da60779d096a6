"""Captured text made harmless: invisible characters are shown as escapes, long text is cut."""

from __future__ import annotations

import unicodedata

NAME_LENGTH = 80
"""Characters of a captured value in a sentence at most."""

LONGEST = 400
"""Characters of one text at most, so that no payload makes a mail too large."""

# Cc, Cf: controls, bidirectional overrides, zero-width marks. Cs, Co, Cn: no character at all.
# Zl, Zp: line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""Return a text with invisible characters written as ``\n``, ``\x1b`` or ``\u202e``, cut where it is long.

    Args:
        text: Captured text.
    """
    cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    if cut.isprintable():  # what is printable has no invisible character, and a look at each would take long
        return cut
    return "".join(_escaped(char) if unicodedata.category(char) in _INVISIBLE else char for char in cut)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def shown(value: str, length: int = NAME_LENGTH) -> str:
    """Return a captured value for a sentence: printable, on one line, shortened.

    Args:
        value: Captured text.
        length: Characters at most.
    """
    text = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value
    )
    return text if len(text) <= length else text[: length - 1] + "…"
