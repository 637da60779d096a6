"""How numbers are written for people; no other module decides it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS

if TYPE_CHECKING:
    from daywatch.results import Against, Metric

NOT_MEASURED = "not measured"

_COUNTS = frozenset(
    {
        "rows",
        "records",
        "duplicates",
        "unanswered",
        "filtered",
        "quarantined",
        "rows_quarantined",
        "labelled",
        "data_faults",
        "expectations_failed",
        "expectations_failed_critical",
        "non_finite",
        "distinct",
        "drifted_columns",
        "hours_without_captures",
        "slow_inferences",
        "true_positives",
        "false_positives",
        "false_negatives",
        "true_negatives",
    }
)

_SHARES = ("volume_change", "identical_predictions")
"""Metrics that are shares, and whose names do not say it."""

_LONGEST = 1e15
"""From here on, whole numbers are written with an exponent: 1.8e+308 has 309 digits."""

_MOST_DIGITS = 9
"""Decimals of numbers that are compared."""

_UNITS = {"latency_": "ms", "_bytes_": "bytes"}
"""Units of metrics whose name contains this text."""


def count(value: float | None) -> str:
    """Return a whole number with thousands separators: ``12,345``."""
    if value is None:
        return NOT_MEASURED
    return f"{value:,.0f}" if abs(value) < _LONGEST else f"{value:.1e}"


def percent(share: float | None) -> str:
    """Return a share as a percentage: ``4.1 %``; two significant digits below 0.1 %."""
    if share is None:
        return NOT_MEASURED
    value = share * 100
    if abs(value) >= _LONGEST:
        return f"{value:.1e} %"
    if value == 0 or abs(value) >= 99.95:
        return f"{value:.0f} %"
    return f"{value:.1f} %" if abs(value) >= 0.1 else f"{value:.2g} %"


def number(value: float | None) -> str:  # noqa: PLR0911 - a table of cases
    """Return a number with about three significant digits: ``0.637``, ``12,345``, ``1.2e-08``."""
    if value is None:
        return NOT_MEASURED
    size = abs(value)
    if value == 0:
        return "0"
    if size < 0.001 or not size < 1e9:
        return f"{value:.1e}"
    if size >= 1000 or (size >= 10 and value == round(value)):
        return f"{value:,.0f}"
    if value == round(value):
        return f"{value:.0f}"
    if size < 1:
        return f"{value:.3f}"
    return f"{value:.2f}" if size < 10 else f"{value:.1f}"


def numbers(*values: float, spread: float) -> tuple[str, ...]:
    """Return numbers that are compared, with as many digits as tell a tenth of their spread apart.

    ``45.012`` and ``45.031`` of a column that varies by 0.02: three significant digits would make both ``45.0``.

    Args:
        values: The numbers.
        spread: How much the numbers' column varies, such as its standard deviation; 0 where nobody knows.
    """
    largest = max(map(abs, values))
    if not (0 < spread < math.inf) or not 1e-3 <= largest < 1e9:
        return tuple(map(number, values))
    digits = min(max(0, 1 - math.floor(math.log10(spread))), _MOST_DIGITS)
    written = tuple(map(number, values))
    fewest = min(len(one.partition(".")[2]) for one in written)
    return written if fewest >= digits else tuple(f"{value:,.{digits}f}" for value in values)


def threshold(value: float) -> str:
    """Return a threshold as people write it, ``0.1`` or ``0.05``, with three digits of a calibrated one."""
    return f"{value:.3g}"


def metric_value(name: str, value: float | None) -> str:
    """Return a metric's value in its unit: shares as percentages, counts as whole numbers, ms, bytes."""
    unit = next((unit for part, unit in _UNITS.items() if part in name), "")
    if unit and value is not None:
        return f"{count(value) if value >= 100 else number(value)} {unit}"
    if name.endswith("_share") or name in _SHARES:
        return percent(value)
    return count(value) if name in _COUNTS else number(value)


def interval(metric: Metric) -> str:
    """Return a metric's interval and rows: ``0.590 to 0.680, 742 rows``; empty if there is no interval."""
    if metric.low is None or metric.high is None:
        return ""
    low, high = (metric_value(metric.name, end) for end in (metric.low, metric.high))
    return f"{low} to {high}, {plural(metric.rows or 0, 'row')}"


def change(metric: Metric) -> str:
    """Return the difference between a metric's value and the baseline's, with its sign: ``-0.175``."""
    if metric.value is None or metric.baseline is None:
        return ""
    return signed(metric.name, metric.value - metric.baseline)


def signed(name: str, difference: float) -> str:
    """Return a difference of a metric's values with its sign."""
    return f"{'+' if difference > 0 else ''}{metric_value(name, difference)}"


def interval_and_baseline(metric: Metric) -> str:
    """Return what follows a value in a sentence: ``0.590 to 0.680, 742 rows; baseline 0.810, -0.175``."""
    spread = interval(metric)
    if metric.baseline is None:
        return spread
    baseline = f"baseline {metric_value(metric.name, metric.baseline)}"
    return f"{spread}; {baseline}, {change(metric)}" if spread else baseline


def metric_title(name: str, column: str = "", slice_: str = "") -> str:
    """Return a metric's title, such as ``Drift score of dep_delay in origin=JFK``."""
    title = METRICS[name].title if name in METRICS else name
    title = f"{title} of {column}" if column else title
    return f"{title} in {slice_}" if slice_ else title


def over_span(title: str, over: int | None, against: Against | None) -> str:
    """Return a metric's title with its days and its baseline, if it has them.

    An example is ``Drift score of amount over 7 days against the days before``.
    """
    if over is None or against is None:
        return title
    return f"{title} over {plural(over, 'day')} against {against.noun}"


def plural(value: int, one: str, many: str = "") -> str:
    """Return a count with its noun: ``1 window``, ``2 windows``."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"
