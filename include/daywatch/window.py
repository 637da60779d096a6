"""The window: the half-open interval ``[start, end)`` in UTC that one verdict is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, order=True)
class Window:
    """A half-open interval of whole UTC days.

    Attributes:
        start: Inclusive start, midnight UTC.
        end: Exclusive end, midnight UTC.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for bound in (self.start, self.end):
            if bound.tzinfo is not UTC or bound.time() != datetime.min.time():
                msg = f"A window starts and ends at midnight UTC, but received {bound!r}."
                raise ValueError(msg)
        if self.end <= self.start:
            msg = f"A window ends after it starts, but received {self.start} to {self.end}."
            raise ValueError(msg)

    @classmethod
    def of_day(cls, day: date | str) -> Window:
        """Return the window of one UTC day.

        Args:
            day: A date, or its ISO form ``2013-02-09``.

        Raises:
            ValueError: The text is not an ISO date, or it is 9999-12-31, whose end no date can say.
        """
        if isinstance(day, str):
            try:
                day = date.fromisoformat(day)
            except ValueError as error:
                msg = f"Expected a day such as 2013-02-09, but received {day!r}."
                raise ValueError(msg) from error
        if day == date.max:
            msg = f"Expected a day before {day}, which is the last one that can be written."
            raise ValueError(msg)
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return cls(start, start + DAY)

    @classmethod
    def between(cls, first: date | str, last: date | str) -> Window:
        """Return the window from the first day to the last, both included.

        Args:
            first: First day, a date or its ISO form.
            last: Last day, a date or its ISO form.

        Raises:
            ValueError: A text is not an ISO date, or the last day is before the first.
        """
        return cls(cls.of_day(first).start, cls.of_day(last).end)

    @property
    def first(self) -> date:
        """The first day."""
        return self.start.date()

    @property
    def last(self) -> date:
        """The last day."""
        return (self.end - DAY).date()

    @property
    def key(self) -> str:
        """The window's name in paths, run ids and pages: the day, or ``first_last`` for a longer window."""
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first.isoformat()}_{self.last.isoformat()}"

    def has_ended(self, at: datetime) -> bool:
        """Return whether the window is over at a time."""
        return self.end <= at

    def hours(self, *, before: int = 0, after: int = 0) -> Iterator[datetime]:
        """Yield the start of each hour of the window.

        Args:
            before: Number of hours to add before the window.
            after: Number of hours to add after it.
        """
        hour = self.start - before * HOUR
        while hour < self.end + after * HOUR:
            yield hour
            hour += HOUR

    def __str__(self) -> str:
        return self.key
