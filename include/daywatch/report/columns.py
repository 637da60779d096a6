"""The worst columns, each compared between the baseline and this window as bars."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import in_thresholds
from daywatch.formatting import count, number, numbers, percent
from daywatch.report.content import WORST_COLUMNS
from daywatch.report.figures import ColumnComparison
from daywatch.results import Metric

if TYPE_CHECKING:
    from daywatch.profiles.profile import ColumnProfile, Profile

NUMERIC_BARS = 10
"""Bins of a histogram are merged into at most so many bars; more are not readable on a phone."""

CATEGORY_BARS = 7
"""Categories with a bar of their own; the others share one."""


def worst_columns(
    metrics: Iterable[Metric],
    baseline: Profile,
    current: Profile,
    unlisted: Mapping[str, Mapping[str, int]] | None = None,
    blamed: Sequence[str] = (),
    limit: int = WORST_COLUMNS,
) -> tuple[ColumnComparison, ...]:
    """Return the worst columns, worst first.

    Columns of failing rules come first, then those without a single value, then those with an alert, by
    how far their score is beyond its threshold: the ratio for distances, the ratio of the logarithms for
    p-values, which alert when they fall below. Ties are broken by name.

    Args:
        metrics: Metrics of the window; those of columns over all rows are used.
        baseline: Profile of the baseline.
        current: Profile of the window, counted on the baseline's edges.
        unlisted: By column and category, rows of the baseline for categories that its profile does not list.
        blamed: Columns of the rules that made the verdict, in the plan's order.
        limit: Number of columns at most.
    """
    of_column: dict[str, list[Metric]] = {}
    for metric in metrics:
        if metric.column and not metric.slice:
            of_column.setdefault(metric.column, []).append(metric)
    ranked = []
    for name, measured in of_column.items():
        empty = _is_empty(current.column(name)) and not _is_empty(baseline.column(name))
        severity = max((_severity(metric) for metric in measured if metric.alert), default=0.0)
        if empty or severity or name in blamed:
            place = blamed.index(name) if name in blamed else len(blamed)
            ranked.append((place, not empty, -severity, name))
    return tuple(
        _comparison(
            name,
            of_column[name],
            _Pair(baseline.column(name), current.column(name), (unlisted or {}).get(name, {})),
        )
        for *_, name in sorted(ranked)[:limit]
    )


def _is_empty(column: ColumnProfile | None) -> bool:
    return column is None or not column.present or column.rows == column.nulls


def _severity(metric: Metric) -> float:
    """Return how far a value lies beyond its threshold, 1 for just there; an alert is never below 1."""
    if metric.value is None or not metric.threshold:
        return 1.0
    return max(in_thresholds(metric.method, metric.value, metric.threshold), 1.0)


@dataclass(frozen=True)
class _Pair:
    """A column's profiles, and the baseline's rows of categories that its profile does not list."""

    baseline: ColumnProfile | None
    current: ColumnProfile | None
    unlisted: Mapping[str, int]


def _comparison(name: str, measured: Sequence[Metric], pair: _Pair) -> ColumnComparison:
    baseline, current = pair.baseline, pair.current
    drift = next((metric for metric in measured if metric.name == "drift_score"), None)
    labels, baseline_shares, current_shares = _bars(pair)
    described = baseline or current
    return ColumnComparison(
        column=name,
        type=described.type if described else None,
        score=drift.value if drift else None,
        threshold=drift.threshold if drift else None,
        method=drift.method if drift else "",
        baseline_bars=tuple(zip(labels, baseline_shares, strict=True)),
        current_bars=tuple(zip(labels, current_shares, strict=True)),
        sentence=_sentence(pair),
    )


def _sentence(pair: _Pair) -> str:
    """Put the change of the missing values and of the mean into words."""
    baseline, current = pair.baseline, pair.current
    if current is None or not current.present:
        return "The column is missing from this window."
    if not current.rows:
        return "There are no rows in this window."
    before = _missing_share(baseline)
    now = _missing_share(current)
    was = f", {percent(before)} in the baseline" if before is not None else ""
    if now == 1:
        return f"All of {count(current.rows)} values are missing{was}."
    parts = []
    if now and now != before:
        parts.append(f"{percent(now)} of the values are missing{was}.")
    if current.non_finite:
        parts.append(f"{count(current.non_finite)} values are NaN or infinite.")
    if current.mean is not None and baseline is not None and baseline.mean is not None:
        spread = baseline.std or abs(current.mean - baseline.mean)
        now_mean, mean = numbers(current.mean, baseline.mean, spread=spread)
        parts.append(f"Mean {now_mean}, {mean} in the baseline.")
    return " ".join(parts) or _largest_change(pair)


def _missing_share(column: ColumnProfile | None) -> float | None:
    return column.nulls / column.rows if column is not None and column.rows else None


def _largest_change(pair: _Pair) -> str:
    """Name the category whose share changed most."""
    labels, before, now = _bars(pair)
    changes = [(-abs(b - a), i) for i, (a, b) in enumerate(zip(before, now, strict=True))]
    if not changes or pair.baseline is None:
        return "There is no baseline to compare with."
    largest = min(changes)[1]
    if changes[largest][0] == 0:
        return "The shares of its values are the same as in the baseline."
    return (
        f"Largest change: {labels[largest]}, {percent(now[largest])} of the rows, "
        f"{percent(before[largest])} in the baseline."
    )


def _bars(pair: _Pair) -> tuple[list[str], list[float], list[float]]:
    """Return labels and shares of the rows, of the baseline and of this window."""
    baseline, current = pair.baseline, pair.current
    described = baseline or current
    if described is None:
        return [], [], []
    labelled = _bins(baseline, current) if described.type.is_numeric else _categories(pair)
    for label, field in (("NaN, inf", "non_finite"), ("missing", "nulls")):
        labelled.append((label, _counted(baseline, field), _counted(current, field)))
    kept = [bar for bar in labelled if bar[1] or bar[2] or not _is_rest(bar[0])]
    before = _shares([bar[1] for bar in kept], baseline)
    now = _shares([bar[2] for bar in kept], current)
    return [bar[0] for bar in kept], before, now


def _counted(column: ColumnProfile | None, field: str) -> int:
    return int(getattr(column, field)) if column is not None else 0


def _is_rest(label: str) -> bool:
    """Return whether a bar is left out where it is empty."""
    return label in ("NaN, inf", "missing", "other values") or label.startswith(("below ", "above "))


def _shares(counts: Sequence[int], column: ColumnProfile | None) -> list[float]:
    rows = column.rows if column is not None else 0
    return [value / rows if rows else 0.0 for value in counts]


def _bins(baseline: ColumnProfile | None, current: ColumnProfile | None) -> list[tuple[str, int, int]]:
    """Merge neighbouring bins of the baseline's histogram; values outside have bars of their own."""
    edges = next((column.edges for column in (baseline, current) if column and column.edges), ())
    bins = len(edges) - 1
    if bins < 1:
        return []
    step = max(1, math.ceil(bins / NUMERIC_BARS))
    inside = []
    for low in range(0, bins, step):
        high = min(low + step, bins)
        label = f"{number(edges[low])} to {number(edges[high])}"
        inside.append((label, _sum(baseline, low, high), _sum(current, low, high)))
    below = (f"below {number(edges[0])}", _counted(baseline, "underflow"), _counted(current, "underflow"))
    above = (f"above {number(edges[-1])}", _counted(baseline, "overflow"), _counted(current, "overflow"))
    return [below, *inside, above]


def _sum(column: ColumnProfile | None, low: int, high: int) -> int:
    return sum(column.histogram[low:high]) if column else 0


def _categories(pair: _Pair) -> list[tuple[str, int, int]]:
    """Take the categories with the largest share in either, and merge the others into one bar."""
    baseline, current = pair.baseline, pair.current
    before = {entry.value: entry.count for entry in baseline.frequent} if baseline else {}
    now = {entry.value: entry.count for entry in current.frequent} if current else {}
    rows = (max(baseline.rows, 1) if baseline else 1, max(current.rows, 1) if current else 1)

    def size(value: str) -> tuple[float, str]:
        return (-max(before.get(value, 0) / rows[0], now.get(value, 0) / rows[1]), value)

    values = sorted({*before, *now}, key=size)
    shown, folded = values[:CATEGORY_BARS], values[CATEGORY_BARS:]
    unlisted = {value: rows for value, rows in pair.unlisted.items() if value in shown}
    rest = [
        (column.other if column else 0) + sum(counts.get(value, 0) for value in folded)
        for column, counts in ((baseline, before), (current, now))
    ]
    before |= unlisted
    rest[0] -= sum(unlisted.values())
    bars = [(value or "(empty text)", before.get(value, 0), now.get(value, 0)) for value in shown]
    return [*bars, ("other values", rest[0], rest[1])]
