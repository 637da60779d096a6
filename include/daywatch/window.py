"""The window: the half-open interval ``[start, end)`` in UTC that one verdict is about.

Its name follows from its bounds alone (docs/decisions/0044-keys-of-windows.md).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from daywatch.days import DAY, HOUR, MICROSECOND, day_of_start, start_of_day


class WindowUnit(StrEnum):
    """How long the windows of a model are."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


KEY_FORM = r"\d{4}-(\d{2}(-\d{2}(T\d{2}|_\d{4}-\d{2}-\d{2})?)?|W\d{2})"
"""The forms of keys, for addresses and parameters."""

_KEYS = {
    WindowUnit.HOUR: re.compile(r"\d{4}-\d\d-\d\dT\d\d"),
    WindowUnit.WEEK: re.compile(r"\d{4}-W\d\d"),
    WindowUnit.MONTH: re.compile(r"\d{4}-\d\d"),
}
EXAMPLES = {
    WindowUnit.HOUR: "an hour in UTC such as 2013-02-09T14",
    WindowUnit.DAY: "a day such as 2013-02-09",
    WindowUnit.WEEK: "a week such as 2013-W06",
    WindowUnit.MONTH: "a month such as 2013-02",
}
"""How the keys of windows look, for sentences."""


@dataclass(frozen=True, order=True)
class Window:
    """A half-open interval of whole days of a time zone, or an hour.

    Attributes:
        start: Inclusive start in UTC: midnight of the time zone, or a full hour.
        end: Exclusive end in UTC, the same.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for bound in (self.start, self.end):
            if bound.tzinfo is not UTC:
                msg = f"A window starts and ends at a time in UTC, but received {bound!r}."
                raise ValueError(msg)
        if self.end <= self.start:
            msg = f"A window ends after it starts, but received {self.start} to {self.end}."
            raise ValueError(msg)

    @classmethod
    def of_day(cls, day: date | str, zone: tzinfo = UTC) -> Window:
        """Return the window of one day.

        Args:
            day: A date, or its ISO form ``2013-02-09``.
            zone: The time zone whose day it is. The day has 23 or 25 hours where its clocks are changed.

        Raises:
            ValueError: The text is not an ISO date, or the day is one of the calendar's last, whose end no date can
                say, or the time zone has no such day.
        """
        return cls.between(day, day, zone)

    @classmethod
    def between(cls, first: date | str, last: date | str, zone: tzinfo = UTC) -> Window:
        """Return the window from the first day to the last, both included.

        Args:
            first: First day, a date or its ISO form.
            last: Last day, a date or its ISO form.
            zone: The time zone whose days they are.

        Raises:
            ValueError: A text is not an ISO date, or the last day is before the first.
        """
        first, last = (_day(one) for one in (first, last))
        if last > _LAST or first < _FIRST:
            msg = f"Expected days from {_FIRST} to {_LAST}, but received {first if first < _FIRST else last}."
            raise ValueError(msg)
        return cls(start_of_day(first, zone), start_of_day(last + DAY, zone))

    @classmethod
    def of_hour(cls, start: datetime) -> Window:
        """Return the window of an hour.

        Args:
            start: A full hour, in UTC.
        """
        return cls(start, start + HOUR)

    @classmethod
    def parse(cls, key: str, zone: tzinfo = UTC) -> Window:
        """Return the window of a key.

        Args:
            key: A day ``2013-02-09``, a week ``2013-W06`` from Monday to Sunday, a month ``2013-02``, days
                ``2013-02-04_2013-02-06``, or an hour ``2013-02-09T14`` in UTC.
            zone: The time zone of its days.

        Raises:
            ValueError: The text is no such key.
        """
        unit = next((one for one, form in _KEYS.items() if form.fullmatch(key)), WindowUnit.DAY)
        if unit is WindowUnit.DAY:
            first, _, last = key.partition("_")
            return cls.between(first, last or first, zone)
        try:
            if unit is WindowUnit.HOUR:
                return cls.of_hour(datetime.fromisoformat(key).replace(tzinfo=UTC))
            first_day = f"{key}-1" if unit is WindowUnit.WEEK else f"{key}-01"
            return cls.containing(date.fromisoformat(first_day), unit, zone)
        except ValueError as error:
            msg = f"Expected {EXAMPLES[unit]}, but received {key!r}."
            raise ValueError(msg) from error

    @classmethod
    def containing(cls, day: date, unit: WindowUnit, zone: tzinfo = UTC) -> Window:
        """Return the day, week or month that contains a day; where the windows are hours, the day itself.

        Args:
            day: The day.
            unit: How long the window is.
            zone: The time zone whose day it is.
        """
        first = last = day
        if unit is WindowUnit.WEEK:
            first = day - day.weekday() * DAY
            last = first + 6 * DAY
        elif unit is WindowUnit.MONTH:
            first = day.replace(day=1)
            last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return cls.between(first, last, zone)

    @property
    def unit(self) -> WindowUnit | None:
        """Whether it is an hour, a day, a week from Monday to Sunday, or a month; None for other days."""
        if self._is_short:
            return WindowUnit.HOUR
        if self.first == self.last:
            return WindowUnit.DAY
        if self.days == 7 and self.first.weekday() == 0:
            return WindowUnit.WEEK
        is_month = (
            self.first.day == 1 and self.days == calendar.monthrange(self.first.year, self.first.month)[1]
        )
        return WindowUnit.MONTH if is_month else None

    @property
    def _is_short(self) -> bool:
        return self.end - self.start < 12 * HOUR

    @property
    def first(self) -> date:
        """The first day, in the window's time zone; of an hour, its day in UTC."""
        return self.start.date() if self._is_short else day_of_start(self.start)

    @property
    def last(self) -> date:
        """The last day, in the window's time zone; of an hour, its day in UTC."""
        return self.start.date() if self._is_short else day_of_start(self.end) - DAY

    @property
    def offset(self) -> timedelta:
        """How far its time zone is ahead of UTC when it starts; 0 for an hour."""
        return timedelta() if self._is_short else datetime.combine(self.first, time(), UTC) - self.start

    @property
    def last_in_utc(self) -> date:
        """The last day of UTC in it: folders of labels are named by such days."""
        return (self.end - MICROSECOND).date()

    @property
    def days(self) -> int:
        """The number of days, each of 23 to 25 hours."""
        return (self.last - self.first).days + 1

    @property
    def key(self) -> str:
        """The window's name in paths, run ids and pages; ``parse`` lists the forms."""
        match self.unit:
            case WindowUnit.HOUR:
                return f"{self.start:%Y-%m-%dT%H}"
            case WindowUnit.DAY:
                return self.first.isoformat()
            case WindowUnit.WEEK:
                return f"{self.first:%G-W%V}"
            case WindowUnit.MONTH:
                return f"{self.first:%Y-%m}"
        return f"{self.first.isoformat()}_{self.last.isoformat()}"

    def is_like(self, other: Window) -> bool:
        """Return whether another window is as long: hours, days, weeks and months are, whatever the clocks do."""
        return self.unit is other.unit and (self.unit is not None or self.days == other.days)

    def steps_after(self, other: Window) -> int:
        """Return how many windows after another one, which is as long, this one is: 1 for the next."""
        if self.unit is WindowUnit.HOUR:
            return (self.start - other.start) // HOUR
        if self.unit is WindowUnit.MONTH:
            return 12 * (self.first.year - other.first.year) + self.first.month - other.first.month
        return (self.first - other.first).days // self.days

    def has_weekday_of(self, other: Window) -> bool:
        """Return whether it starts on the weekday of another window, an hour at its hour; true of weeks and months."""
        if self.unit in (WindowUnit.WEEK, WindowUnit.MONTH):
            return True
        same_time = self.unit is not WindowUnit.HOUR or self.start.hour == other.start.hour
        return self.first.weekday() == other.first.weekday() and same_time

    def has_ended(self, at: datetime) -> bool:
        """Return whether it is over at a time."""
        return self.end <= at

    def hours(self) -> Iterator[datetime]:
        """Yield the start of each hour of UTC that is in the window, if only with its last minutes."""
        hour = self.start.replace(minute=0)
        while hour < self.end:
            yield hour
            hour += HOUR

    def __str__(self) -> str:
        return self.key


_FIRST, _LAST = date.min + 2 * DAY, date.max - 2 * DAY


def _day(day: date | str) -> date:
    if not isinstance(day, str):
        return day
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        msg = f"Expected a day such as 2013-02-09, but received {day!r}."
        raise ValueError(msg) from error
