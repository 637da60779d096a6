"""Longer windows and other baselines, compared by stored profiles: which of them a model wants."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from daywatch.config.base import Frozen
from daywatch.results import Against

Days = Annotated[int, Field(ge=1, le=92)]
"""A span is at most a quarter, so that it never reaches into the same month last year."""


class Profiles(Frozen):
    """Drift of spans of days, computed from the profiles in the warehouse.

    Attributes:
        over: Lengths of the spans in days, each ending with the window; none: no drift of profiles.
        against: Which baselines.
        moving_days: ``moving``: this many days before the span.
        weeks: ``same_weekday``: the span's weekdays of this many weeks before.
    """

    over: tuple[Days, ...] = ()
    against: tuple[Against, ...] = (Against.FROZEN,)
    moving_days: int = Field(default=28, ge=1, le=366)
    weeks: int = Field(default=4, ge=1, le=52)

    @field_validator("over", "against")
    @classmethod
    def _each_once(cls, value: tuple[int | Against, ...]) -> tuple[int | Against, ...]:
        if len(set(value)) < len(value):
            msg = "expected each of them once"
            raise ValueError(msg)
        return value
