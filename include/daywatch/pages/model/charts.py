"""Charts as tables: what a screen reader reads, a browser plots, and a download has as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.formatting import metric_title
from daywatch.report.charts.thresholds import threshold_lines

if TYPE_CHECKING:
    from datetime import datetime

    from daywatch.config.model.model import MonitoredModel
    from daywatch.report.figures import ThresholdLine
    from daywatch.warehouse.reading.history import HistoryWindow, Measured

CLASSES = 6
"""Classes with a line of their own; the others share one."""

_CURVES = 14
"""Windows whose labels are shown as they arrived."""


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        name: Its name in addresses.
        title: Its title.
        columns: Headings: of the horizontal axis first, then of the lines.
        rows: The values; a window's key, or a number of days, first.
        unit: Name of a metric, which decides how numbers are written; empty for plain numbers.
        lines: Horizontal lines: thresholds of the plan.
        states: State of each row, where rows are windows.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]
    unit: str = ""
    lines: tuple[ThresholdLine, ...] = ()
    states: tuple[str, ...] = ()


def metric_chart(
    name: str,
    windows: Sequence[HistoryWindow],
    found: Mapping[tuple[datetime, str], Measured],
    model: MonitoredModel | None,
) -> Chart:
    """Return the time series of a metric with its interval, its baseline and its thresholds.

    Args:
        name: Name of the metric.
        windows: The windows.
        found: The metrics of the windows by start and name.
        model: The model's configuration, for the thresholds of its plan; None where it is not known.
    """
    rows: list[tuple[str | float | None, ...]] = []
    baseline = None
    for one in windows:
        value = found.get((one.start, name))
        if value is None:
            rows.append((one.window, None, None, None, None, None))
            continue
        baseline = value.baseline if value.baseline is not None else baseline
        rows.append((one.window, value.value, value.low, value.high, value.baseline, value.threshold))
    columns = ("Window", "Value", "Low", "High", "Baseline", "Threshold")
    # A column without a value says nothing and takes a seventh of the page.
    kept = [
        place for place in range(len(columns)) if place < 2 or any(row[place] is not None for row in rows)
    ]
    return Chart(
        name=name,
        title=metric_title(name),
        columns=tuple(columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in rows),
        unit=name,
        lines=threshold_lines(model.plan.rules, name, baseline) if model else (),
        states=tuple(one.state for one in windows),
    )


def volume_chart(windows: Sequence[HistoryWindow]) -> Chart:
    """Return the numbers of records, rows and labelled rows."""
    rows = tuple((one.window, one.records, one.rows, one.labelled) for one in windows)
    columns = ("Window", "Records", "Rows", "Labelled rows")
    return Chart("volume", "Volume", columns, rows, "records", states=tuple(one.state for one in windows))


def latency_chart(
    windows: Sequence[HistoryWindow], found: Mapping[tuple[datetime, str], Measured]
) -> Chart | None:
    """Return the quantiles of the latency, None where captures do not carry it."""
    names = ("latency_p50", "latency_p95", "latency_p99")
    rows = []
    for one in windows:
        values = [found.get((one.start, name)) for name in names]
        rows.append((one.window, *(value.value if value else None for value in values)))
    if all(value is None for row in rows for value in row[1:]):
        return None
    states = tuple(one.state for one in windows)
    return Chart(
        "latency", "Latency", ("Window", "p50", "p95", "p99"), tuple(rows), "latency_p95", states=states
    )


def keys_of(windows: Sequence[HistoryWindow]) -> dict[datetime, str]:
    """Return the keys of windows by their starts."""
    return {one.start: one.window for one in windows}


def classes_chart(
    answered: Iterable[tuple[datetime, dict[str, int], int]], keys: Mapping[datetime, str]
) -> Chart | None:
    """Return the share of each predicted class by window, None for a regression.

    Args:
        answered: Start, counts by class and rows of each window.
        keys: The keys of the windows by their starts.
    """
    answered = [one for one in answered if one[0] in keys]
    totals: dict[str, int] = {}
    for _, counts, _ in answered:
        for name, number in counts.items():
            totals[name] = totals.get(name, 0) + number
    if not totals:
        return None
    names = sorted(totals, key=lambda name: (-totals[name], name))[:CLASSES]
    rows = []
    for start, counts, number in answered:
        shares = [counts.get(name, 0) / number if number else None for name in names]
        rest = 1 - sum(share or 0 for share in shares) if number else None
        rows.append((keys[start], *shares, *((rest,) if len(totals) > CLASSES else ())))
    columns = ("Window", *names, *(("other classes",) if len(totals) > CLASSES else ()))
    return Chart("classes", "Share of each predicted class", columns, tuple(rows), "labelled_share")


def maturity_chart(windows: Sequence[HistoryWindow]) -> Chart | None:
    """Return how the labels of the latest windows arrived, day by day after the window; None without labels."""
    shown = [one for one in windows if one.share_by_day][-_CURVES:]
    if not shown:
        return None
    days = range(max(len(one.share_by_day) for one in shown))
    rows = tuple(
        (float(day), *(one.share_by_day[day] if day < len(one.share_by_day) else None for one in shown))
        for day in days
    )
    columns = ("Days after the window", *(one.window for one in shown))
    return Chart("maturity", "Labels arrived", columns, rows, "labelled_share")
