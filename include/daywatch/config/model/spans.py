"""Longer windows and other baselines, which are compared by stored profiles."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from daywatch.config.base import Frozen
from daywatch.results import Against

SpanDays = Annotated[int, Field(ge=1, le=92)]
"""Days of a span: at most a quarter, so that a span never overlaps its baseline of the same month last year."""


class ProfileDriftSettings(Frozen):
    """Which drift is computed from the profiles in the warehouse, over spans of days.

    Attributes:
        over: Lengths of the spans in days, each ending with the window; empty for no drift from profiles.
        against: The baselines that each span is compared with.
        moving_days: For ``moving``, the number of days before the span.
        weeks: For ``same_weekday``, the number of weeks before the span.
    """

    over: tuple[SpanDays, ...] = ()
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
