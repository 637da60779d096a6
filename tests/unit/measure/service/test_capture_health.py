"""Captures that stay away, and an endpoint that is another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.measure.service.capture_health import (
    hours_health,
    records_by_hour,
    serving_changes,
    volume_health,
    volumes_of,
)
from daywatch.measure.service.past_windows import PastVolume, PastWindows, Served, Setting
from daywatch.results import FindingCode
from daywatch.window import Window
from operations import write_operations

DAY = Window.of_day("2024-03-03")
TWO_DAYS = Window.between("2024-03-03", "2024-03-04")


def hours(day: str, *without: int, records: int = 20) -> dict[datetime, int]:
    """Return the records of each hour of a day but those."""
    start = Window.of_day(day).start
    return {start + timedelta(hours=n): records for n in range(24) if n not in without}


BASELINE = hours("2024-03-01") | hours("2024-03-02", 4)


def test_hours_of_a_file(tmp_path: Path) -> None:
    times = [datetime(2024, 3, 3, 5, 59, 59, 999999, tzinfo=UTC), datetime(2024, 3, 3, 6, tzinfo=UTC), None]

    found = records_by_hour(write_operations(tmp_path / "o.parquet", inference_time=times), tmp_path)

    assert found == {datetime(2024, 3, 3, 5, tzinfo=UTC): 1, datetime(2024, 3, 3, 6, tzinfo=UTC): 1}


def test_hours_without_captures() -> None:
    metric, (finding,) = hours_health(DAY, hours("2024-03-03", 2, 3, 4, 23), BASELINE)

    assert (metric.name, metric.value, metric.baseline) == ("hours_without_captures", 4, 0.5)
    assert finding.code is FindingCode.HOURS_WITHOUT_CAPTURES
    assert finding.count == 3  # on one of the baseline's two days, there are none at 04:00 either
    assert finding.detail.startswith(
        "3 of 24 hours have no captures, at times of day when the baseline has 60 records"
    )
    assert finding.detail.endswith(": 02:00 to 04:00, 23:00 to 24:00 UTC")


@pytest.mark.parametrize(("records", "reported"), [(3, True), (2, False), (0, False)])
def test_empty_hours_are_reported_if_the_baseline_has_more_records_there_than_chance_leaves_out(
    records: int, reported: bool
) -> None:
    """Four hours of three records are missed by chance in one of 160,000 days, of two in one of 3,000."""
    usual = hours("2024-03-01") | {one: records for one in hours("2024-03-01", *range(4, 24)) if records}
    if not records:
        usual = hours("2024-03-01", 0, 1, 2, 3)

    metric, findings = hours_health(DAY, hours("2024-03-03", 0, 1, 2, 3), usual)

    assert (metric.value, bool(findings), metric.alert) == (4, reported, reported)


def test_the_days_of_the_same_weekday_say_what_to_expect() -> None:
    """The Sunday of the baseline is silent in the morning, as the window is."""
    weekdays = hours("2024-02-26") | hours("2024-02-27") | hours("2024-02-28")
    sunday = hours("2024-02-25", *range(12))

    assert not hours_health(DAY, hours("2024-03-03", *range(12)), weekdays | sunday)[1]
    assert hours_health(DAY, hours("2024-03-03", *range(12)), weekdays)[1]


def test_one_day_of_the_weekday_does_not_say_more_than_all_days() -> None:
    """On the baseline's one Sunday, two night hours had more records than they usually have."""
    weekdays = hours("2024-02-26") | hours("2024-02-27") | hours("2024-02-28")
    quiet = {one: 1 if one.hour in (3, 4) else records for one, records in weekdays.items()}
    sunday = hours("2024-02-25", records=12)

    assert not hours_health(DAY, hours("2024-03-03", 3, 4), quiet | sunday)[1]
    assert hours_health(DAY, hours("2024-03-03", 3, 4), weekdays | sunday)[1]


def test_a_whole_day_is_no_finding() -> None:
    metric, findings = hours_health(DAY, hours("2024-03-03"), BASELINE)

    assert (metric.value, findings) == (0, [])


def test_hours_when_the_baseline_has_none_either_are_counted_and_not_reported() -> None:
    nights = (0, 1, 2)
    quiet = hours("2024-03-01", *nights) | hours("2024-03-02", *nights)

    metric, findings = hours_health(DAY, hours("2024-03-03", *nights), quiet)

    assert (metric.value, metric.baseline, findings) == (3, 3, [])


def test_a_window_without_captures_is_the_verdicts_matter() -> None:
    metric, findings = hours_health(DAY, {}, BASELINE)

    assert (metric.value, metric.note, findings) == (None, "no hour has captures that could be read", [])


def test_hours_of_another_day_do_not_count() -> None:
    assert hours_health(DAY, hours("2024-03-04"), BASELINE)[0].value is None


def test_a_window_of_two_days_names_them() -> None:
    captured = hours("2024-03-03", 22, 23) | hours("2024-03-04", 0, 7)

    metric, (finding,) = hours_health(TWO_DAYS, captured, BASELINE)

    assert (metric.value, metric.baseline) == (4, 1)
    assert "4 of 48 hours" in finding.detail
    assert "2024-03-03 22:00 to 2024-03-04 01:00, 2024-03-04 07:00 to 2024-03-04 08:00" in finding.detail


def past(*records: int) -> PastWindows:
    days = ("2024-02-25", "2024-02-18", "2024-02-11", "2024-02-04")
    volumes = [PastVolume(window=day, records=n) for day, n in zip(days, records, strict=False)]
    return PastWindows(same_weekday=tuple(volumes))


@pytest.mark.parametrize("before", [(100,), (100, 300), (90, 110, 5000), (80, 90, 110, 120)])
@pytest.mark.parametrize("records", [0, 20, 49, 50, 51, 100, 400])
def test_volume_against_the_median(before: tuple[int, ...], records: int) -> None:
    metric, findings = volume_health(records, past(*before), 0.5)

    expected = float(np.median(before))
    assert metric.value == pytest.approx(records / expected - 1)
    assert (metric.threshold, metric.alert) == (-0.5, records <= expected / 2)
    assert [finding.code for finding in findings] == [FindingCode.VOLUME_FALL] * (records <= expected / 2)


def test_the_baselines_weekdays_stand_for_the_windows_before_the_first() -> None:
    baseline = hours("2024-02-25", records=10) | hours("2024-02-26", records=99)
    usual = volumes_of(DAY, baseline)

    assert usual == (PastVolume(window="2024-02-25", records=240),)
    assert volume_health(120, past(), 0.5, usual)[0].value == -0.5
    assert volume_health(120, past(120), 0.5, usual)[0].value == 0
    assert volumes_of(TWO_DAYS, baseline) == ()


def test_a_fall_is_reported_with_its_numbers() -> None:
    _, (finding,) = volume_health(25, past(100, 120), 0.5)

    assert finding.detail.startswith("25 records, 77% fewer than the same weekday's median of 110 ")
    assert "(100 on 2024-02-25, 120 on 2024-02-18)" in finding.detail


@pytest.mark.parametrize(
    ("before", "note"),
    [((), "no window of the same weekday was judged before"), ((0, 0), "the same weekday had no records")],
)
def test_volume_without_anything_to_compare_with(before: tuple[int, ...], note: str) -> None:
    metric, findings = volume_health(10, past(*before), 0.5)

    assert metric.value is None
    assert metric.note.startswith(note)
    assert findings == []


def served(setting: Setting, **records: int) -> tuple[Served, ...]:
    return tuple(Served(setting=setting, value=name, records=n, rows=n) for name, n in records.items())


CODES = {
    Setting.MODEL_VERSION: FindingCode.MODEL_VERSION_CHANGED,
    Setting.VARIANT: FindingCode.VARIANT_CHANGED,
    Setting.SAMPLING_PERCENT: FindingCode.SAMPLING_CHANGED,
}


@pytest.mark.parametrize("setting", Setting)
def test_a_change_of_what_served(setting: Setting) -> None:
    before = PastWindows(last="2024-03-02", served=served(setting, a=120))

    (finding,) = serving_changes(served(setting, a=80, b=40), before)

    assert finding.code is CODES[setting]
    assert finding.count == 40
    assert (
        "was 'a' (120 records) in 2024-03-02 and is 'a' (80 records), 'b' (40 records) now" in finding.detail
    )


@pytest.mark.parametrize(
    ("now", "before"),
    [({"a": 1}, {"a": 900}), ({"a": 1}, {}), ({}, {"a": 1}), ({"b": 1, "a": 1}, {"a": 1, "b": 2})],
)
def test_no_change_or_nothing_known(now: dict[str, Any], before: dict[str, Any]) -> None:
    known = PastWindows(last="2024-03-02", served=served(Setting.VARIANT, **before))

    assert serving_changes(served(Setting.VARIANT, **now), known) == []
