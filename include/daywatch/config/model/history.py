"""What a rule may compare a metric with, of the windows before."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from daywatch.config.base import Frozen
from daywatch.results import Against


class History(StrEnum):
    """What a rule may compare a metric with, of the windows before."""

    PREVIOUS = "previous"
    MEAN = "mean"
    MEDIAN = "median"


class Season(StrEnum):
    """What recurs in a metric's history."""

    WEEKDAY = "weekday"


class BandSettings(Frozen):
    """The values that are normal by a metric's own history.

    Attributes:
        windows: Number of windows before that it is made of; half of them are enough.
        sensitivity: Robust standard deviations from the median to both ends.
        season: What recurs: with ``weekday``, each weekday has a median of its own.
    """

    windows: int = Field(default=28, ge=10, le=366)
    sensitivity: float = Field(default=3.0, gt=0, allow_inf_nan=False)
    season: Season | None = None


DEFAULT_WINDOWS = {History.MEAN: 7, History.MEDIAN: 7, Against.SAME_WEEKDAY: 4}
"""Of how many windows before a value is, if the rule does not say it."""
