"""The days that the page of a model shows, which its address names."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from daywatch.days import MICROSECOND, day_at
from daywatch.window import Window

_DAYS = 90
"""Days that are shown where the address names none."""

LONGEST = 400
"""Days of a page at most: a year, and the same month of the year before."""

PRESETS = (30, _DAYS, 365)

# Farther from the ends of the calendar than any span reaches.
_Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]


class Span(BaseModel):
    """The days in the address; empty for the latest ones.

    Attributes:
        first: The first day.
        last: The last day.
    """

    model_config = ConfigDict(frozen=True)

    first: _Day | None = Field(None, alias="from")
    last: _Day | None = Field(None, alias="to")

    def days(self, judged_until: datetime, zone: tzinfo) -> Window:
        """Return the days: of a span that is too long or ends before it starts, the last ones.

        Args:
            judged_until: End of the last judged window.
            zone: The time zone of the model's windows.
        """
        last = self.last or day_at(judged_until - MICROSECOND, zone)
        first = self.first or last - timedelta(days=_DAYS - 1)
        if not first <= last < first + timedelta(days=LONGEST):
            first = last - timedelta(days=LONGEST - 1)
        return Window.between(first, last, zone)
