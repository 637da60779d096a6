"""Values that stand for a missing one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True)
class MissingValues:
    """What stands for a missing value, next to NULL, NaN and empty text, which always do.

    Attributes:
        texts: Texts, as they are captured.
        numbers: Numbers, in any spelling: -999 is ``-999.0`` too.
    """

    texts: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()

    @classmethod
    def of(cls, values: Iterable[float | str]) -> MissingValues:
        """Return what a list in the configuration names; a text that spells a number is that number."""
        texts, numbers = [], []
        for one in values:
            if isinstance(one, str) and not _NUMBER.fullmatch(one):
                texts.append(one)
            else:
                numbers.append(float(one))
        return cls(tuple(texts), tuple(numbers))


NOTHING_ELSE = MissingValues()
"""Only NULL, NaN and empty text stand for a missing value."""
