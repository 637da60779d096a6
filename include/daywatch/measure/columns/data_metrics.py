"""Metrics of the counts: rows, labelled rows, shares of missing values, non-finite values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.results import Metric

if TYPE_CHECKING:
    from daywatch.measure.columns.counts import ColumnCounts, CountsByColumn
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.tables import Tables


def data_metrics(tables: Tables, counts: CountsByColumn, null_share_rise: float) -> list[Metric]:
    """Return rows, labelled rows, shares of missing values and counts of non-finite values.

    Args:
        tables: The baseline and the window.
        counts: Counts of each column on both sides.
        null_share_rise: How much a share of missing values may rise before it is an alert. Drift scores do not
            show such a rise, because they leave missing values out.
    """
    features = [column for column in tables.columns if column.role is Role.FEATURE]
    numeric = [column for column in tables.columns if column.kind is ColumnKind.NUMERIC]
    non_finite = [_non_finite(column, counts[column.name]) for column in numeric]
    return [
        *_row_metrics(counts["label"]),
        *(_null_share(column, counts[column.name], null_share_rise) for column in features),
        *(metric for metric in non_finite if metric.value or metric.baseline),
    ]


def _row_metrics(label: dict[Side, ColumnCounts]) -> list[Metric]:
    window, baseline = label[Side.WINDOW], label[Side.BASELINE]
    return [
        Metric(name="rows", value=window.rows, baseline=baseline.rows),
        Metric(name="labelled", value=window.filled, baseline=baseline.filled),
        Metric(
            name="labelled_share",
            value=window.filled / window.rows if window.rows else None,
            baseline=baseline.filled / baseline.rows if baseline.rows else None,
            note="" if window.rows else "the window has no rows",
        ),
    ]


def _null_share(column: Column, sides: dict[Side, ColumnCounts], rise: float) -> Metric:
    window, baseline = sides[Side.WINDOW], sides[Side.BASELINE]
    note = window.unusable(Side.WINDOW) if window.absent or not window.rows else ""
    return null_share_metric(column.name, window.null_share, baseline.null_share, rise, note)


def null_share_metric(
    column: str, value: float | None, baseline: float | None, rise: float, note: str = ""
) -> Metric:
    """Return the metric ``null_share`` of a column, of all rows or of a slice.

    Args:
        column: Name of the column.
        value: Share of missing values in the window, None where there are no rows.
        baseline: Share of missing values in the baseline, None where there are no rows.
        rise: How much the share may rise before it is an alert.
        note: Why there is no value.
    """
    threshold = None if baseline is None else baseline + rise
    return Metric(
        name="null_share",
        column=column,
        value=value,
        baseline=baseline,
        threshold=threshold,
        alert=None if value is None or threshold is None else value > threshold,
        note=note,
    )


def _non_finite(column: Column, sides: dict[Side, ColumnCounts]) -> Metric:
    return Metric(
        name="non_finite",
        column=column.name,
        value=sides[Side.WINDOW].non_finite,
        baseline=sides[Side.BASELINE].non_finite,
    )
