"""How long and how often: a state that counts only if it persists, and rules that are reviewed weekly or monthly."""

from __future__ import annotations

import re
from datetime import time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt

from daywatch.config.model.conditions import Condition, parse_condition
from daywatch.days import DAY
from daywatch.window import Window, WindowUnit

ConditionText = Annotated[Condition, BeforeValidator(parse_condition)]

_OF = re.compile(r"^\s*(\d{1,2})\s+of\s+(\d{1,2})(?:\s+windows)?\s*$")
_MOST = 31


class Persistence(BaseModel):
    """In how many of the last windows a condition must be met.

    Attributes:
        windows: The number of windows.
        of: The number of the last windows, this one among them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    windows: NonNegativeInt
    of: NonNegativeInt

    @property
    def text(self) -> str:
        """As written in the YAML: ``2 of 3``."""
        return f"{self.windows} of {self.of}"


def parse_persistence(text: Any) -> Any:
    """Read ``2 of 3``.

    Args:
        text: The text in the YAML; anything but a text is returned as it is.

    Raises:
        ValueError: The text says no number of windows, or one that cannot be.
    """
    if not isinstance(text, str):
        return text
    match = _OF.match(text)
    windows, of = (int(one) for one in match.groups()) if match else (0, 0)
    if not 1 <= windows <= of <= _MOST:
        msg = (
            f"expected a number of the last windows such as '2 of 3', at most {_MOST}, but received {text!r}"
        )
        raise ValueError(msg)
    return Persistence(windows=windows, of=of)


class Every(StrEnum):
    """How often a rule is reviewed."""

    WEEK = "week"
    MONTH = "month"

    def is_due(self, window: Window) -> bool:
        """Return whether a rule is reviewed on a window: the one that ends a week, or a month."""
        if window.unit is WindowUnit.HOUR and window.end.time() != time():
            return False
        after = window.last + DAY
        return after.weekday() == 0 if self is Every.WEEK else after.day == 1


class Persistent(BaseModel):
    """What a rule, and several rules together, say about windows before.

    Attributes:
        persistence: In how many of the last windows a condition must be met until it counts; the key is ``for``.
        every: How often it is reviewed; on other windows it is not judged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    persistence: Annotated[Persistence, BeforeValidator(parse_persistence)] | None = Field(
        default=None, alias="for"
    )
    every: Every | None = None

    @property
    def lasting(self) -> str:
        """How long and how often, for the end of the rule's text: ``, for 2 of 3, every week``; empty for neither."""
        lasts = f", for {self.persistence.text}" if self.persistence else ""
        return f"{lasts}, every {self.every}" if self.every else lasts

    def is_due(self, window: Window | None) -> bool:
        """Return whether the rule is judged on a window.

        Args:
            window: The window, None where nothing says which one it is.
        """
        return self.every is None or window is None or self.every.is_due(window)
