"""Metrics that people define: an aggregate expression on the rows of the window, of the baseline, and of each slice."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.loading.aggregates import aggregate_sql
from daywatch.engine.duck import identifier
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.results import Metric
from daywatch.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from daywatch.config.model.custom_metrics import CustomMetric
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.slices.partition import Partition
    from daywatch.measure.slices.volume import SliceCounts

_SLICES = "slice_rows_of_metrics"
_NO_ROWS = "there are no rows"

Value = tuple[float | None, int, str]
"""The value, None where there is none; the rows that it comes from; and why there is none."""


@contextmanager
def open_custom_metrics(
    baseline: Path, window: Path, model: MonitoredModel, scratch: Path
) -> Iterator[CustomMetrics]:
    """Open both files for custom metrics; without any, nothing is opened.

    Args:
        baseline: Canonical Parquet of the baseline.
        window: Canonical Parquet of the window.
        model: The model, which defines the metrics.
        scratch: Folder that DuckDB may spill into.
    """
    if not model.custom_metrics:
        yield CustomMetrics(None, (), 0)
        return
    folder = scratch / "custom_metrics"  # two DuckDBs may not spill into one folder
    folder.mkdir(exist_ok=True)
    columns = measured_columns(model)
    with open_tables(baseline, window, columns, folder, one_thread=True) as tables:
        metrics = tuple((one, aggregate_sql(one.expression)) for one in model.custom_metrics)
        yield CustomMetrics(tables, metrics, model.plan.minimum.labels)


@dataclass(frozen=True)
class CustomMetrics:
    """The custom metrics of a model, on a window and its baseline.

    Attributes:
        tables: Both files, None if there are no metrics.
        metrics: The metrics, each with its SQL.
        least_labels: The fewest labelled rows of a metric that needs them.
    """

    tables: Tables | None
    metrics: tuple[tuple[CustomMetric, str], ...]
    least_labels: int

    def of_window(self) -> list[Metric]:
        """Return the metrics of the whole window, each with the baseline's number."""
        if self.tables is None:
            return []
        sides = (Side.WINDOW, Side.BASELINE)
        return [
            _metric(one, *(self._value(self.tables, one, sql, side) for side in sides))
            for one, sql in self.metrics
        ]

    def of_slices(
        self, partitions: Iterable[Partition], slices: Iterable[SliceCounts]
    ) -> dict[str, list[Metric]]:
        """Return the metrics of each slice that has enough rows in the window, by slice name.

        Args:
            partitions: The rows of each slice.
            slices: The counts of each slice.
        """
        found: dict[str, list[Metric]] = {one.name: [] for one in slices}
        if self.tables is None:
            return found
        for position, partition in enumerate(partitions):
            values = {side: self._values(self.tables, partition, side) for side in Side}
            for one in slices:
                if one.partition != position or one.lacks_rows(Side.WINDOW):
                    continue
                for place, (metric, _) in enumerate(self.metrics):
                    window, baseline = (
                        values[side].get((place, one.number), (None, 0, _NO_ROWS))
                        for side in (Side.WINDOW, Side.BASELINE)
                    )
                    found[one.name].append(_metric(metric, window, baseline))
        return found

    def _value(self, tables: Tables, metric: CustomMetric, sql: str, side: Side) -> Value:
        import duckdb

        query = f"SELECT CAST({sql} AS DOUBLE), count(*) FROM {identifier(side)} WHERE {_condition(metric)}"
        try:
            ((value, rows),) = tables.rows(query)
        except duckdb.Error as error:
            return None, 0, _why(error)
        return self._checked(value, rows, metric)

    def _values(self, tables: Tables, partition: Partition, side: Side) -> dict[tuple[int, int], Value]:
        """Return the values of one side by the place of the metric and the number of the slice."""
        import duckdb
        import numpy as np

        index = partition.index[side]
        numbers = np.repeat(np.arange(len(index.counts)), index.counts)
        found: dict[tuple[int, int], Value] = {}
        with tables.registered(_SLICES, {"position": index.order, "slice_number": numbers}):
            for place, (metric, sql) in enumerate(self.metrics):
                query = (
                    f"SELECT slice_number, CAST({sql} AS DOUBLE), count(*) FROM {_SLICES} JOIN {identifier(side)}"
                    f" ON file_row_number = position WHERE {_condition(metric)} GROUP BY 1 ORDER BY 1"
                )
                try:
                    rows = tables.rows(query)
                except duckdb.Error as error:
                    rows = []
                    found |= {(place, n): (None, 0, _why(error)) for n in range(len(index.counts))}
                found |= {(place, n): self._checked(value, count, metric) for n, value, count in rows}
        return found

    def _checked(self, value: float | None, rows: int, metric: CustomMetric) -> Value:
        """Return a value, and why there is none."""
        if metric.needs_labels and rows < self.least_labels:
            return (
                None,
                rows,
                f"{rows:,} labelled rows, fewer than the plan's minimum of {self.least_labels:,}",
            )
        if not rows:
            return None, 0, _NO_ROWS
        if value is None or not math.isfinite(value):
            return None, rows, "the expression has no value on these rows"
        return value, rows, ""


def _condition(metric: CustomMetric) -> str:
    return "label IS NOT NULL" if metric.needs_labels else "TRUE"


def _why(error: Exception) -> str:
    return f"it cannot be computed: {shown(str(error).splitlines()[0], 200)}"


def _metric(one: CustomMetric, window: Value, baseline: Value) -> Metric:
    return Metric(
        name=one.name,
        value=window[0],
        rows=window[1],
        baseline=baseline[0],
        baseline_rows=baseline[1],
        method=one.method,
        note=window[2],
    )
