"""Which days a window is compared with: the span that ends with it, and the baseline of that span."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from daywatch.results import Against

if TYPE_CHECKING:
    from daywatch.config.model.spans import Profiles
    from daywatch.window import Window

_DAY = timedelta(days=1)
_MOST_TOLD = 8


def span_ending(last: date, over: int) -> tuple[date, ...]:
    """Return so many days up to and including the last, in order."""
    return tuple(last - n * _DAY for n in reversed(range(over)))


def baseline_of(span: tuple[date, ...], against: Against, profiles: Profiles) -> tuple[date, ...]:
    """Return the days that a span is held against, in order; none for the frozen baseline, which has its own."""
    if against is Against.FROZEN:
        return ()
    if against is Against.MOVING:
        return span_ending(span[0] - _DAY, profiles.moving_days)
    if against is Against.SAME_WEEKDAY:
        weeks = [timedelta(weeks=n) for n in range(1, profiles.weeks + 1)]
        return tuple(sorted({day - week for day in span for week in weeks} - set(span)))
    year, month = span[-1].year - 1, span[-1].month
    return tuple(date(year, month, day + 1) for day in range(calendar.monthrange(year, month)[1]))


def days_before(window: Window, profiles: Profiles) -> tuple[date, ...]:
    """Return every day before a window that its spans and their baselines need, in order."""
    needed: set[date] = set()
    for over in profiles.over:
        span = span_ending(window.last, over)
        needed.update(span, *(baseline_of(span, against, profiles) for against in profiles.against))
    return tuple(sorted(day for day in needed if day < window.first))


def told_days(days: Iterable[date]) -> str:
    """Return days for a sentence, those in a row as a range: ``2013-02-01, 2013-02-04 to 2013-02-06``."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and ranges[-1][1] + _DAY == day:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    told = [f"{first}" if first == last else f"{first} to {last}" for first, last in ranges]
    shown = ", ".join(told[:_MOST_TOLD])
    return f"{shown} and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else shown
