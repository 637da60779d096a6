"""What all of the configuration builds on: frozen sections, and errors with their place in the YAML."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from pydantic import AfterValidator, BaseModel, ConfigDict

Place = tuple[str | int, ...]
"""The keys and list positions that lead to a value in the YAML, such as ``("plan", "rules", 0, "metric")``."""

PlacedError = tuple[Place, str]
"""An error in a configuration: the place of the wrong value, and a sentence."""


class Frozen(BaseModel):
    """Base of all sections: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def one_line(text: str) -> str:
    """Check that a text has no line breaks and other control characters.

    Raises:
        ValueError: It has one.
    """
    if not text.isprintable():
        msg = f"expected a name without line breaks and other control characters, but received {text!r}"
        raise ValueError(msg)
    return text


def shaped(pattern: str, expected: str) -> AfterValidator:
    """Return a check that a text has a form.

    Args:
        pattern: The form.
        expected: The form in words, with an example.
    """
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text) or ".." in text.split("/"):
            msg = f"expected {expected}, but received {text!r:.120}"
            raise ValueError(msg)
        return text

    return AfterValidator(check)


def nearest(word: str, accepted: Iterable[str]) -> str:
    """Return a hint for a misspelt word, to be added to an error.

    Args:
        word: The word that was given.
        accepted: The words that are accepted.

    Returns:
        ``, did you mean 'x'?`` with the most similar accepted word; empty where none is similar.
    """
    found = difflib.get_close_matches(word, list(accepted), n=1, cutoff=0.6)
    return f", did you mean {found[0]!r}?" if found else ""


def dotted(where: Place) -> str:
    """Return ``plan.rules[0].metric`` for a path."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.lstrip(".")
