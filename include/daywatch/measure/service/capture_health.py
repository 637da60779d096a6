"""Whether a window's captures look complete: hours without captures, less volume, a changed endpoint."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from daywatch.days import HOUR
from daywatch.engine.duck import duckdb_in, text
from daywatch.measure.service.past_windows import PastVolume, PastWindows, Served, Setting, values_of
from daywatch.results import Finding, FindingCode, Metric
from daywatch.text import shown
from daywatch.window import Window, WindowUnit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_NAMED = 6
_LEAST_EXPECTED = 10
"""If so many records are expected, chance gives none in one of 22,000 cases."""
_SELDOM = 0.2
"""An hour is silent in the baseline on so many more of its days than chance explains: silence is expected then."""
_CHANGES = {
    Setting.MODEL_VERSION: (FindingCode.MODEL_VERSION_CHANGED, "model version"),
    Setting.VARIANT: (FindingCode.VARIANT_CHANGED, "endpoint variant"),
    Setting.SAMPLING_PERCENT: (FindingCode.SAMPLING_CHANGED, "sampling percentage"),
}


def records_by_hour(file: Path, scratch: Path) -> dict[datetime, int]:
    """Return the number of records of each hour that has any, of a Parquet file of operations."""
    query = (
        "SELECT epoch_us(inference_time) // 3600000000 AS hour, count(*)"
        f" FROM read_parquet({text(str(file))}) GROUP BY 1 ORDER BY 1"
    )
    with duckdb_in(scratch) as connection:
        found = connection.execute(query).fetchall()
    return {_EPOCH + hour * HOUR: records for hour, records in found if hour is not None}


def hours_health(
    window: Window, captured: Mapping[datetime, int], baseline: Mapping[datetime, int]
) -> tuple[Metric, list[Finding]]:
    """Return the metric of the hours without captures, and a finding about unexpected ones.

    All hours without captures count in the metric. They are a finding only where the baseline has so many records at
    these times of day that chance would not leave all of them out, if records come independently of each other
    (Poisson): at least ``_LEAST_EXPECTED`` in all empty hours together, and four standard deviations more than such
    a window's empty hours have on average. A shop that is closed at night gets no finding every night, nor does one
    with an order in three hours; days of the same weekday count more than others.

    Args:
        window: The window.
        captured: Records of each of the window's hours that has any.
        baseline: Records of each of the baseline's hours that has any.
    """
    hours = list(window.hours())
    days = {hour.date() for hour in baseline}
    expected = len(hours) - len(hours) / 24 * len(baseline) / len(days) if days else None
    empty = [hour for hour in hours if hour not in captured]
    if len(empty) == len(hours):
        note = "no hour has captures that could be read"
        return Metric(name="hours_without_captures", baseline=expected, note=note), []
    to_expect = {hour: _to_expect(hour, baseline, days) for hour in hours}
    unexpected = [hour for hour in empty if to_expect[hour] > 0]
    records = sum(to_expect[hour] for hour in unexpected)
    found = records >= max(_LEAST_EXPECTED, _most_by_chance(to_expect.values()))
    metric = Metric(
        name="hours_without_captures", value=len(empty), baseline=expected, rows=len(hours), alert=found
    )
    if not found:
        return metric, []
    detail = (
        f"{len(unexpected)} of {len(hours)} hours have no captures, at times of day when the baseline has "
        f"{records:,.0f} records: {_spans(unexpected, with_day=len(hours) > 24)} UTC"
    )
    return metric, [Finding(code=FindingCode.HOURS_WITHOUT_CAPTURES, detail=detail, count=len(unexpected))]


def _most_by_chance(means: Iterable[float]) -> float:
    """Return the most records that a window's empty hours stand for by chance.

    An hour with a mean of m records is empty with the probability exp(-m), and then stands for m records.
    """
    mean = variance = 0.0
    for records in means:
        empty = math.exp(-records)
        mean += records * empty
        variance += records**2 * empty * (1 - empty)
    return mean + 4 * math.sqrt(variance)


def _to_expect(hour: datetime, baseline: Mapping[datetime, int], days: set[date]) -> float:
    """Return the records to expect in an hour, 0 where the baseline leaves it out more often than chance would.

    It is the mean of the days of the same weekday or of all days, whichever is less: of one weekday there are few.
    """
    alike = {day for day in days if day.weekday() == hour.weekday()} or days
    means = []
    for among in (alike, days):
        records = [
            baseline.get(hour.replace(year=day.year, month=day.month, day=day.day), 0) for day in among
        ]
        mean = sum(records) / len(records) if records else 0.0
        is_open = bool(records) and records.count(0) / len(records) <= math.exp(-mean) + _SELDOM
        means.append(mean if is_open else 0.0)
    return min(means)


def volumes_of(window: Window, baseline: Mapping[datetime, int]) -> tuple[PastVolume, ...]:
    """Return the volumes of the baseline's days, or hours, that have the window's weekday; none for a longer window.

    Args:
        window: The window.
        baseline: Records of each of the baseline's hours that has any.
    """
    if window.unit is WindowUnit.HOUR:
        hours = [Window.of_hour(one) for one in sorted(baseline, reverse=True)]
        alike = [one for one in hours if one.has_weekday_of(window)]
        return tuple(PastVolume(window=one.key, records=baseline[one.start]) for one in alike)
    if window.unit is not WindowUnit.DAY:
        return ()
    volumes: dict[date, int] = {}
    for hour, records in baseline.items():
        day = (hour + window.offset).date()
        if day.weekday() == window.first.weekday():
            volumes[day] = volumes.get(day, 0) + records
    return tuple(PastVolume(window=f"{day}", records=volumes[day]) for day in sorted(volumes, reverse=True))


def volume_health(
    records: int, past: PastWindows, volume_fall: float, baseline_volumes: tuple[PastVolume, ...] = ()
) -> tuple[Metric, list[Finding]]:
    """Compare a window's records with the median of the latest windows of the same weekday.

    Args:
        records: Number of capture records of the window.
        past: The windows before.
        volume_fall: A fall by at least this share is a finding.
        baseline_volumes: Volumes of the baseline's days of the same weekday, for want of windows before.
    """
    same_weekday = past.same_weekday or baseline_volumes
    earlier = [one.records for one in same_weekday]
    if not earlier:
        return Metric(name="volume_change", note="no window of the same weekday was judged before"), []
    expected = median(earlier)
    method = f"against the median of {len(earlier)} of the same weekday"
    if not expected:
        return Metric(name="volume_change", method=method, note="the same weekday had no records before"), []
    change = (records - expected) / expected
    fallen = change <= -volume_fall
    metric = Metric(name="volume_change", value=change, threshold=-volume_fall, method=method, alert=fallen)
    if not fallen:
        return metric, []
    listed = ", ".join(f"{one.records:,} on {one.window}" for one in same_weekday)
    detail = (
        f"{records:,} records, {-change:.0%} fewer than the same weekday's median of {expected:,.0f} ({listed}); "
        f"a fall of {volume_fall:.0%} or more is reported"
    )
    return metric, [Finding(code=FindingCode.VOLUME_FALL, detail=detail, count=records)]


def serving_changes(served: tuple[Served, ...], past: PastWindows) -> list[Finding]:
    """Return a finding for each version, variant or sampling percentage that changed since the last judged window.

    Nothing is compared if the source of either window does not carry the setting.

    Args:
        served: What served the window.
        past: The windows before.
    """
    findings = []
    for setting, (code, noun) in _CHANGES.items():
        now, earlier = values_of(served, setting), values_of(past.served, setting)
        if not now or not earlier or now.keys() == earlier.keys():
            continue
        count = sum(records for value, records in now.items() if value not in earlier)
        detail = f"the {noun} was {_listed(earlier)} in {past.last} and is {_listed(now)} now"
        findings.append(Finding(code=code, detail=detail, count=count))
    return findings


def _listed(values: dict[str, int]) -> str:
    """Return values with their numbers of records: ``'v1' (120 records), 'v2' (3 records)``."""
    named = [
        f"'{shown(value)}' ({records:,} records)" for value, records in list(values.items())[:_MOST_NAMED]
    ]
    more = len(values) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _spans(hours: list[datetime], *, with_day: bool) -> str:
    """Return hours as spans: ``03:00 to 05:00, 07:00 to 08:00``."""
    spans: list[tuple[datetime, datetime]] = []
    for hour in hours:
        if spans and spans[-1][1] == hour:
            spans[-1] = (spans[-1][0], hour + HOUR)
        else:
            spans.append((hour, hour + HOUR))
    form = "%Y-%m-%d %H:%M" if with_day else "%H:%M"
    listed = [f"{start:{form}} to {_end(end, form)}" for start, end in spans[:_MOST_NAMED]]
    more = len(spans) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more else "")


def _end(end: datetime, form: str) -> str:
    """Return the end of a span; midnight is 24:00 of the day before."""
    return f"{end - timedelta(hours=1):{form}}"[:-5] + "24:00" if end.hour == 0 else f"{end:{form}}"
