"""A mistake in a model's configuration: where it stands, and the nearest word that is accepted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

Place = tuple[str | int, ...]
"""Keys and list positions that lead to a value in the YAML."""

Mistake = tuple[Place, str]
"""Where it stands, and the sentence."""


def nearest(word: str, accepted: Iterable[str]) -> str:
    """Return ``, did you mean 'x'?`` for the nearest accepted word, or nothing."""
    found = difflib.get_close_matches(word, list(accepted), n=1, cutoff=0.6)
    return f", did you mean {found[0]!r}?" if found else ""
