"""The rows of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.results import Metric
    from daywatch.warehouse.tables import Row


def status(value: float | None, alert: bool | None) -> str:
    """Return what became of a comparison.

    Args:
        value: The value, None where it was not measured.
        alert: Whether it is beyond its threshold, None where it was not compared.
    """
    if value is None:
        return "not_measured"
    return "alert" if alert else "measured"


def metric_row(metric: Metric) -> Row:
    """Return a row of ``metric_value``, without the window's key."""
    return {
        "slice": metric.slice,
        "column_name": metric.column,
        "class_name": metric.class_name,
        "metric": metric.name,
        "value": metric.value,
        "low": metric.low,
        "high": metric.high,
        "rows": metric.rows,
        "baseline_value": metric.baseline,
        "baseline_low": metric.baseline_low,
        "baseline_high": metric.baseline_high,
        "baseline_rows": metric.baseline_rows,
        "difference_low": metric.difference_low,
        "difference_high": metric.difference_high,
        "threshold": metric.threshold,
        "method": metric.method,
        "status": status(metric.value, metric.alert),
        "note": metric.note,
    }
