"""Days of time zones: when they start in UTC, and which day starts at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EAST, WEST = timedelta(hours=14), timedelta(hours=-10)
"""Offsets from UTC of time zones that windows may be in: less than ``EAST``, at least ``WEST``, so 24 hours apart.

With offsets farther apart, one start would be the midnight of two days.
"""


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins, in UTC; where the clocks skip midnight, that is when they are changed.

    Args:
        day: The day.
        zone: The time zone.
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def times_of_day(zone: tzinfo) -> timedelta:
    """Return how long the parts are, counted from ``EPOCH``, of which each is in one day of a time zone."""
    return DAY if zone is UTC else timedelta(minutes=15)


def day_at(at: datetime, zone: tzinfo) -> date:
    """Return the day of a time zone at a time.

    Args:
        at: The time, in UTC.
        zone: The time zone.
    """
    return at.astimezone(zone).date()


def day_of_start(start: datetime) -> date:
    """Return the day that begins at a time, in whichever time zone it does.

    Args:
        start: Midnight of a time zone, in UTC.
    """
    return (start + EAST - MICROSECOND).date()
