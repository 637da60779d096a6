"""The half-open interval of a day, week, month or hour, and its key."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from daywatch.days import DAY, HOUR, start_of_day
from daywatch.window import KEY_FORM, Window, WindowUnit
from hypothesis import given
from hypothesis import strategies as st

BERLIN = ZoneInfo("Europe/Berlin")

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",  # midnight was skipped on the first day of summer time
        "America/Havana",  # midnight comes twice on the last one
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",  # summer time of half an hour
        "Pacific/Auckland",
        "Pacific/Chatham",
        "Pacific/Honolulu",
    ]
).map(ZoneInfo)
DAYS = st.dates(date(1999, 12, 20), date(2037, 1, 10))
UNITS = st.sampled_from([WindowUnit.DAY, WindowUnit.WEEK, WindowUnit.MONTH])


def test_a_day() -> None:
    window = Window.of_day("2013-02-09")

    assert window == Window.of_day(date(2013, 2, 9))
    assert (window.start, window.end) == (datetime(2013, 2, 9, tzinfo=UTC), datetime(2013, 2, 10, tzinfo=UTC))
    assert (window.key, str(window), window.first, window.last) == (
        "2013-02-09",
        "2013-02-09",
        date(2013, 2, 9),
        date(2013, 2, 9),
    )


def test_several_days() -> None:
    window = Window.between("2013-01-31", date(2013, 2, 2))

    assert window.key == "2013-01-31_2013-02-02"
    assert window.end - window.start == timedelta(days=3)


def test_days_of_utc_have_24_hours_whatever_clocks_do() -> None:
    hours = list(Window.of_day("2024-03-31").hours())

    assert len(hours) == 24
    assert {hour.tzinfo for hour in hours} == {UTC}


@pytest.mark.parametrize(
    ("day", "hours", "start"),
    [
        ("2024-03-30", 24, datetime(2024, 3, 29, 23, tzinfo=UTC)),
        ("2024-03-31", 23, datetime(2024, 3, 30, 23, tzinfo=UTC)),
        ("2024-04-01", 24, datetime(2024, 3, 31, 22, tzinfo=UTC)),
        ("2024-10-27", 25, datetime(2024, 10, 26, 22, tzinfo=UTC)),
    ],
)
def test_a_day_is_23_or_25_hours_long_where_the_clocks_are_changed(
    day: str, hours: int, start: datetime
) -> None:
    window = Window.of_day(day, BERLIN)

    assert (window.start, window.end - window.start, window.key) == (start, hours * HOUR, day)
    assert len(list(window.hours())) == hours
    assert window.is_like(Window.of_day("2024-06-01"))


@pytest.mark.parametrize(
    ("key", "unit", "first", "last"),
    [
        ("2013-02-09", WindowUnit.DAY, date(2013, 2, 9), date(2013, 2, 9)),
        ("2013-W06", WindowUnit.WEEK, date(2013, 2, 4), date(2013, 2, 10)),
        ("2020-W53", WindowUnit.WEEK, date(2020, 12, 28), date(2021, 1, 3)),
        ("2024-02", WindowUnit.MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        ("2013-02-05_2013-02-11", None, date(2013, 2, 5), date(2013, 2, 11)),
    ],
)
def test_keys(key: str, unit: WindowUnit | None, first: date, last: date) -> None:
    assert re.fullmatch(KEY_FORM, key)
    for zone in (UTC, BERLIN):
        window = Window.parse(key, zone)

        assert (window.key, window.unit, window.first, window.last) == (key, unit, first, last)
        assert window == Window.between(first, last, zone)


def test_an_hour() -> None:
    window = Window.parse("2024-10-27T23")

    assert window == Window.of_hour(datetime(2024, 10, 27, 23, tzinfo=UTC))
    assert re.fullmatch(KEY_FORM, window.key)
    assert (window.key, window.unit, window.first, window.last) == (
        "2024-10-27T23",
        WindowUnit.HOUR,
        date(2024, 10, 27),
        date(2024, 10, 27),
    )


@given(DAYS, ZONES, UNITS)
def test_the_bounds_of_a_window_say_its_days_in_every_time_zone(
    day: date, zone: ZoneInfo, unit: WindowUnit
) -> None:
    """The days are those of the standard library's time zones, counted minute by minute around the bounds."""
    window = Window.containing(day, unit, zone)
    first, last = window.start.astimezone(zone), (window.end - timedelta(minutes=1)).astimezone(zone)

    assert (first.date(), last.date()) == (window.first, window.last)
    assert (window.start - timedelta(minutes=1)).astimezone(zone).date() == window.first - DAY
    assert window.end.astimezone(zone).date() == window.last + DAY
    assert window.first <= day <= window.last
    assert (window.unit, Window.parse(window.key, zone)) == (unit, window)


@given(DAYS, ZONES, UNITS)
def test_windows_follow_each_other_without_gap_or_overlap(
    day: date, zone: ZoneInfo, unit: WindowUnit
) -> None:
    window = Window.containing(day, unit, zone)
    following = Window.containing(window.last + DAY, unit, zone)

    assert following.start == window.end == start_of_day(window.last + DAY, zone)
    assert (following.steps_after(window), window.steps_after(following)) == (1, -1)
    assert following.is_like(window)
    assert sorted([following, window]) == [window, following]


@pytest.mark.parametrize(
    "text",
    ["", "9.2.2013", "2013-02-30", "2013-02-09T00:00", "../etc", "yesterday", "9999-12-31", "0001-01-01"],
)
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"Expected (a day such as 2013-02-09|days from), but received|Expected days"
    ):
        Window.of_day(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-W54", "a week such as"),
        ("2013-13", "a month such as"),
        ("2013-02-09T24", "an hour in UTC such as"),
    ],
)
def test_what_is_no_key(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=f"Expected {expected}"):
        Window.parse(text)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2013, 2, 9),  # noqa: DTZ001 - the point
        datetime(2013, 2, 9, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_only_times_in_utc(moment: datetime) -> None:
    with pytest.raises(ValueError, match="starts and ends at a time in UTC"):
        Window(moment, datetime(2013, 2, 11, tzinfo=UTC))


def test_it_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Window.between("2013-02-10", "2013-02-09")


def test_windows_are_ordered() -> None:
    days = [Window.of_day(day) for day in ("2013-02-09", "2013-02-08", "2013-02-10")]

    assert [window.key for window in sorted(days)] == ["2013-02-08", "2013-02-09", "2013-02-10"]
