"""Which days a window is compared with."""

from __future__ import annotations

from datetime import date

import pytest
from daywatch.config.model.spans import ProfileDriftSettings
from daywatch.measure.drift.spans import baseline_of, days_before, listed_days, span_ending
from daywatch.results import Against
from daywatch.window import Window

LAST = date(2024, 3, 10)


def days(*numbers: int, month: int = 3, year: int = 2024) -> tuple[date, ...]:
    return tuple(date(year, month, number) for number in numbers)


def test_a_span_ends_with_the_window() -> None:
    assert span_ending(LAST, 3) == days(8, 9, 10)
    assert span_ending(date(2024, 3, 1), 2) == (date(2024, 2, 29), date(2024, 3, 1))


@pytest.mark.parametrize(
    ("over", "against", "expected"),
    [
        (1, Against.FROZEN, ()),
        (1, Against.MOVING, days(5, 6, 7, 8, 9)),
        (3, Against.MOVING, days(3, 4, 5, 6, 7)),
        (1, Against.SAME_WEEKDAY, (date(2024, 2, 25), date(2024, 3, 3))),
        (2, Against.SAME_WEEKDAY, (date(2024, 2, 24), date(2024, 2, 25), *days(2, 3))),
        (1, Against.SAME_MONTH, days(*range(1, 32), year=2023)),
    ],
)
def test_baselines(over: int, against: Against, expected: tuple[date, ...]) -> None:
    settings = ProfileDriftSettings(over=(over,), moving_days=5, weeks=2)

    assert baseline_of(span_ending(LAST, over), against, settings) == expected


def test_a_long_span_is_not_its_own_baseline() -> None:
    span = span_ending(LAST, 28)

    found = baseline_of(span, Against.SAME_WEEKDAY, ProfileDriftSettings(weeks=4))

    assert found == span_ending(date(2024, 2, 11), 28)


def test_february_last_year_has_its_own_length() -> None:
    assert len(baseline_of((date(2024, 2, 29),), Against.SAME_MONTH, ProfileDriftSettings())) == 28


def test_days_before_are_all_that_is_needed_once() -> None:
    settings = ProfileDriftSettings(over=(1, 3), against=(Against.FROZEN, Against.MOVING), moving_days=2)

    assert days_before(Window.of_day(LAST), settings) == days(6, 7, 8, 9)
    assert days_before(Window.between(date(2024, 3, 9), LAST), settings) == days(6, 7, 8)
    assert days_before(Window.of_day(LAST), ProfileDriftSettings()) == ()


def test_days_in_a_row_are_listed_as_a_range() -> None:
    assert listed_days(days(4, 1, 5, 6)) == "2024-03-01, 2024-03-04 to 2024-03-06"
    assert listed_days(days(*range(1, 31, 2))).endswith("2024-03-15 and 7 more")
