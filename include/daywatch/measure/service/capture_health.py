"""Whether a window's captures look complete: hours without captures, less volume, a changed endpoint."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from daywatch.engine.duck import duckdb_in, text
from daywatch.measure.service.past_windows import PastWindows, Served, Setting, values_of
from daywatch.results import Finding, FindingCode, Metric
from daywatch.text import shown
from daywatch.window import HOUR

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.window import Window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_NAMED = 6
_CHANGES = {
    Setting.MODEL_VERSION: (FindingCode.MODEL_VERSION_CHANGED, "model version"),
    Setting.VARIANT: (FindingCode.VARIANT_CHANGED, "endpoint variant"),
    Setting.SAMPLING_PERCENT: (FindingCode.SAMPLING_CHANGED, "sampling percentage"),
}


def hours_with_captures(file: Path, scratch: Path) -> frozenset[datetime]:
    """Return the hours in which a Parquet file, of inferences or operations, has records."""
    query = f"SELECT DISTINCT epoch_us(inference_time) // 3600000000 FROM read_parquet({text(str(file))})"
    with duckdb_in(scratch) as connection:
        found = connection.execute(query).fetchall()
    return frozenset(_EPOCH + hour * HOUR for (hour,) in found if hour is not None)


def hours_health(
    window: Window, captured: frozenset[datetime], baseline: frozenset[datetime]
) -> tuple[Metric, list[Finding]]:
    """Return the metric of the hours without captures, and a finding about unexpected ones.

    All hours without captures count in the metric. An hour is a finding only if the baseline has captures at that
    time of day on at least half of its days: a shop that is closed at night gets no finding every night.

    Args:
        window: The window.
        captured: The window's hours with captures.
        baseline: The baseline's hours with captures.
    """
    hours = list(window.hours())
    days = {hour.date() for hour in baseline}
    expected = len(hours) - len(hours) / 24 * len(baseline) / len(days) if days else None
    empty = [hour for hour in hours if hour not in captured]
    if len(empty) == len(hours):
        note = "no hour has captures that could be read"
        return Metric(name="hours_without_captures", baseline=expected, note=note), []
    metric = Metric(name="hours_without_captures", value=len(empty), baseline=expected)
    seen_in_baseline = [sum(hour.hour == one.hour for one in baseline) for hour in empty]
    unexpected = [
        hour for hour, seen in zip(empty, seen_in_baseline, strict=True) if days and seen * 2 >= len(days)
    ]
    if not unexpected:
        return metric, []
    detail = (
        f"{len(unexpected)} of {len(hours)} hours have no captures, at times of day when the baseline has some: "
        f"{_spans(unexpected, with_day=len(hours) > 24)} UTC"
    )
    return metric, [Finding(code=FindingCode.HOURS_WITHOUT_CAPTURES, detail=detail, count=len(unexpected))]


def volume_health(records: int, past: PastWindows, volume_fall: float) -> tuple[Metric, list[Finding]]:
    """Compare a window's records with the median of the latest windows of the same weekday.

    Args:
        records: Number of capture records of the window.
        past: The windows before.
        volume_fall: A fall by at least this share is a finding.
    """
    earlier = [one.records for one in past.same_weekday]
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
    listed = ", ".join(f"{one.records:,} on {one.window}" for one in past.same_weekday)
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
