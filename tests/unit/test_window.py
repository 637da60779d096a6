"""The half-open interval of whole UTC days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from daywatch.window import Window


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


def test_days_are_utc_and_have_24_hours_whatever_clocks_do() -> None:
    hours = list(Window.of_day("2024-03-31").hours())

    assert len(hours) == 24
    assert {hour.tzinfo for hour in hours} == {UTC}
    assert len(list(Window.of_day("2024-03-31").hours(before=1, after=2))) == 27
    assert next(Window.of_day("2024-03-01").hours(before=1)) == datetime(2024, 2, 29, 23, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "9.2.2013", "2013-02-30", "2013-02-09T00:00", "../etc", "yesterday"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match="Expected a day such as 2013-02-09, but received"):
        Window.of_day(text)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2013, 2, 9),  # noqa: DTZ001 - the point
        datetime(2013, 2, 9, 1, tzinfo=UTC),
        datetime(2013, 2, 9, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_only_midnights_in_utc(moment: datetime) -> None:
    with pytest.raises(ValueError, match="starts and ends at midnight UTC"):
        Window(moment, datetime(2013, 2, 11, tzinfo=UTC))


def test_it_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Window.between("2013-02-10", "2013-02-09")


def test_windows_are_ordered() -> None:
    days = [Window.of_day(day) for day in ("2013-02-09", "2013-02-08", "2013-02-10")]

    assert [window.key for window in sorted(days)] == ["2013-02-08", "2013-02-09", "2013-02-10"]
