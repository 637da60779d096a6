"""Calibrate a baseline: what its own days and rows say is normal, computed once when it is built."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.days import EPOCH, MICROSECOND, day_at, times_of_day
from daywatch.engine.duck import identifier
from daywatch.measure.calibration.distances import distance_limit
from daywatch.measure.calibration.limits import (
    JUDGED_PERFORMANCE,
    Calibration,
    ColumnRange,
    DistanceLimit,
    PerformanceLimit,
    ShareLimit,
    beyond_days,
)
from daywatch.measure.calibration.shares import (
    intake_limits,
    new_categories,
    out_of_range,
    range_of,
    share_limit,
)
from daywatch.measure.columns.counts import count_columns
from daywatch.measure.columns.measured_columns import Role, measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.columns.values import read_aligned, usable_mask
from daywatch.measure.performance.performance import PerformanceEvaluator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables

_LEAST_DAYS = 5
"""From so many days on, the range of a performance metric over days says something."""

_LEAST_LABELS = 30

_Limits = DistanceLimit | ShareLimit | ColumnRange


def calibrate(rows: Path, model: MonitoredModel, counts: ExportCounts, scratch: Path) -> Calibration:
    """Calibrate a baseline; the same rows give the same thresholds.

    Args:
        rows: Canonical Parquet of the baseline, with labels joined.
        model: The model's configuration.
        counts: The counts of the baseline's export.
        scratch: Folder that DuckDB may spill into.
    """
    with open_tables(rows, rows, measured_columns(model), scratch) as tables:
        days = _days(tables, "true", model.schedule.zone)
        count = int(days.max()) + 1 if days.size else 0
        found: list[_Limits] = [*intake_limits(counts, model)]
        counted = count_columns(tables)
        for column in tables.columns:
            if days.size and column.kind is not ColumnKind.TEXT:
                found += _column(column, read_aligned(tables, column, Side.BASELINE, counted), days, count)
        return Calibration(
            days=len(set(days.tolist())),
            distances=tuple(one for one in found if isinstance(one, DistanceLimit)),
            shares=tuple(one for one in found if isinstance(one, ShareLimit)),
            ranges=tuple(one for one in found if isinstance(one, ColumnRange)),
            performance=tuple(_performance(tables, model)),
        )


def _days(tables: Tables, condition: str, zone: tzinfo) -> Array:
    """Return the number of the day of each row, from 0, in file order; rows without a time are of the first day."""
    step = times_of_day(zone)
    part = f"coalesce(epoch_us(inference_time) // {step // MICROSECOND}, 0)"
    found = tables.array(f"SELECT {part} AS v FROM {identifier(Side.BASELINE)} WHERE {condition}")
    import numpy as np

    parts, number_of_part = np.unique(found, return_inverse=True)
    days = [day_at(EPOCH + int(one) * step, zone).toordinal() for one in parts]
    return np.unique(np.array(days, dtype=np.int64), return_inverse=True)[1][number_of_part]


def _column(column: Column, values: Array, days: Array, count: int) -> Iterator[_Limits]:
    """Yield the limits of one column."""
    import numpy as np

    is_number = column.kind is ColumnKind.NUMERIC
    missing = np.isnan(values) if is_number and values.dtype.kind == "f" else values < 0
    if is_number and values.dtype.kind != "f":
        missing = np.zeros(values.size, dtype=bool)
    if column.role is Role.FEATURE:
        of_days = np.bincount(days, minlength=count)
        yield share_limit("null_share", column.name, np.bincount(days[missing], minlength=count), of_days)
    usable = usable_mask(column, values)
    values, days = values[usable], days[usable]
    if not values.size:
        return
    if (limit := distance_limit(column, values, days)) is not None:
        yield limit
    if column.role is Role.LABEL:
        return
    if is_number and column.role is Role.FEATURE:
        yield range_of(column.name, float(values.min()), float(values.max()))
        yield out_of_range(column.name, values, days, count)
    elif not is_number:
        yield new_categories(column.name, values, days, count)


def _performance(tables: Tables, model: MonitoredModel) -> Iterator[PerformanceLimit]:
    """Yield what each performance metric that is judged was on the days with enough labels."""
    import numpy as np

    days = _days(tables, "label IS NOT NULL", model.schedule.zone)
    counts = np.bincount(days)
    evaluator = PerformanceEvaluator(tables, model)
    if (counts >= _LEAST_LABELS).sum() < _LEAST_DAYS:
        return
    rows = evaluator.labelled_rows(Side.BASELINE)
    by_day = [evaluator.measures(rows.take(days == day)) for day in np.flatnonzero(counts >= _LEAST_LABELS)]
    for name in JUDGED_PERFORMANCE:
        measured = (one.get((name, "")) for one in by_day)
        values = [one.value for one in measured if one is not None and one.value is not None]
        if len(values) >= _LEAST_DAYS:
            low, high = beyond_days(values)
            yield PerformanceLimit(metric=name, low=low, high=high, days=len(values))
