"""The days of a span that ends with a window, and the days of the span's baseline."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from daywatch.results import Against

if TYPE_CHECKING:
    from daywatch.config.model.spans import ProfileDriftSettings
    from daywatch.window import Window

_DAY = timedelta(days=1)
_MOST_LISTED = 8


def span_ending(last: date, over: int) -> tuple[date, ...]:
    """Return the days of a span, in order.

    Args:
        last: The last day of the span.
        over: The number of days.
    """
    return tuple(last - n * _DAY for n in reversed(range(over)))


def baseline_of(span: tuple[date, ...], against: Against, profiles: ProfileDriftSettings) -> tuple[date, ...]:
    """Return the days of a span's baseline, in order; none for the frozen baseline, which has rows of its own.

    Args:
        span: The days of the span, in order.
        against: The kind of baseline.
        profiles: The settings, which say how far a baseline reaches back.
    """
    if against is Against.FROZEN:
        return ()
    if against is Against.MOVING:
        return span_ending(span[0] - _DAY, profiles.moving_days)
    if against is Against.SAME_WEEKDAY:
        weeks = [timedelta(weeks=n) for n in range(1, profiles.weeks + 1)]
        return tuple(sorted({day - week for day in span for week in weeks} - set(span)))
    year, month = span[-1].year - 1, span[-1].month
    return tuple(date(year, month, day + 1) for day in range(calendar.monthrange(year, month)[1]))


def days_before(window: Window, profiles: ProfileDriftSettings) -> tuple[date, ...]:
    """Return all days before a window that its spans and their baselines need, in order."""
    needed: set[date] = set()
    for over in profiles.over:
        span = span_ending(window.last, over)
        needed.update(span, *(baseline_of(span, against, profiles) for against in profiles.against))
    return tuple(sorted(day for day in needed if day < window.first))


def listed_days(days: Iterable[date]) -> str:
    """Return days for a sentence, consecutive days as a range: ``2013-02-01, 2013-02-04 to 2013-02-06``."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and ranges[-1][1] + _DAY == day:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    listed = [f"{first}" if first == last else f"{first} to {last}" for first, last in ranges]
    shown = ", ".join(listed[:_MOST_LISTED])
    return f"{shown} and {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else shown
