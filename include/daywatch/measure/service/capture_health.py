"""Whether a window's captures look whole: hours without any, fallen volume, a changed endpoint."""

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
    """Return the hours in which the records of a Parquet file, inferences or operations, lie."""
    query = f"SELECT DISTINCT epoch_us(inference_time) // 3600000000 FROM read_parquet({text(str(file))})"
    with duckdb_in(scratch) as connection:
        found = connection.execute(query).fetchall()
    return frozenset(_EPOCH + hour * HOUR for (hour,) in found if hour is not None)


def hours_health(
    window: Window, captured: frozenset[datetime], baseline: frozenset[datetime]
) -> tuple[Metric, list[Finding]]:
    """Return the hours of a window without captures while others have them.

    All of them count in the metric. An hour is a finding only where the baseline has captures at that time
    of day on half of its days or more: a shop that is closed at night has nothing to find every night.

    Args:
        window: Whose hours.
        captured: Its hours with captures.
        baseline: The baseline's hours with captures.
    """
    hours = list(window.hours())
    days = {hour.date() for hour in baseline}
    usual = len(hours) - len(hours) / 24 * len(baseline) / len(days) if days else None
    empty = [hour for hour in hours if hour not in captured]
    if len(empty) == len(hours):
        note = "no hour has captures that could be read"
        return Metric(name="hours_without_captures", baseline=usual, note=note), []
    metric = Metric(name="hours_without_captures", value=len(empty), baseline=usual)
    at_that_time = [sum(hour.hour == one.hour for one in baseline) for hour in empty]
    odd = [hour for hour, seen in zip(empty, at_that_time, strict=True) if days and seen * 2 >= len(days)]
    if not odd:
        return metric, []
    detail = (
        f"{len(odd)} of {len(hours)} hours have no captures, at times of day when the baseline has some: "
        f"{_spans(odd, with_day=len(hours) > 24)} UTC"
    )
    return metric, [Finding(code=FindingCode.HOURS_WITHOUT_CAPTURES, detail=detail, count=len(odd))]


def volume_health(records: int, past: PastWindows, volume_fall: float) -> tuple[Metric, list[Finding]]:
    """Hold a window's records against the median of the latest windows of the same weekday.

    Args:
        records: Capture records of the window.
        past: What is known of those before.
        volume_fall: From this fall on, as a share, it is a finding.
    """
    before = [one.records for one in past.same_weekday]
    if not before:
        return Metric(name="volume_change", note="no window of the same weekday was judged before"), []
    usual = median(before)
    method = f"against the median of {len(before)} of the same weekday"
    if not usual:
        return Metric(name="volume_change", method=method, note="the same weekday had no records before"), []
    change = (records - usual) / usual
    fallen = change <= -volume_fall
    metric = Metric(name="volume_change", value=change, threshold=-volume_fall, method=method, alert=fallen)
    if not fallen:
        return metric, []
    told = ", ".join(f"{one.records:,} on {one.window}" for one in past.same_weekday)
    detail = (
        f"{records:,} records, {-change:.0%} fewer than the same weekday's median of {usual:,.0f} ({told}); "
        f"a fall of {volume_fall:.0%} or more is reported"
    )
    return metric, [Finding(code=FindingCode.VOLUME_FALL, detail=detail, count=records)]


def serving_changes(served: tuple[Served, ...], past: PastWindows) -> list[Finding]:
    """Say which version, variant or sampling percentage is not what it was in the last judged window.

    Where either window's source does not say, nothing is compared.
    """
    findings = []
    for setting, (code, noun) in _CHANGES.items():
        now, before = values_of(served, setting), values_of(past.served, setting)
        if not now or not before or now.keys() == before.keys():
            continue
        count = sum(records for value, records in now.items() if value not in before)
        detail = f"the {noun} was {_told(before)} in {past.last} and is {_told(now)} now"
        findings.append(Finding(code=code, detail=detail, count=count))
    return findings


def _told(values: dict[str, int]) -> str:
    """Return values with their records: ``'v1' (120 records), 'v2' (3 records)``."""
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
    told = [f"{start:{form}} to {_end(end, form)}" for start, end in spans[:_MOST_NAMED]]
    more = len(spans) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def _end(moment: datetime, form: str) -> str:
    """Return the end of a span; midnight belongs to the day that it ends."""
    return f"{moment - timedelta(hours=1):{form}}"[:-5] + "24:00" if moment.hour == 0 else f"{moment:{form}}"
