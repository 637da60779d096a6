"""The shares of a baseline's values that are missing, out of the other days' range, or in categories of one day."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from daywatch.ingest.payloads.typed_rows import checked_columns
from daywatch.measure.calibration.limits import ColumnRange, ShareLimit, beyond_days, deviations_of_next

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.measure.columns.pairs import Array

_MARGIN = 0.1
"""Share of the baseline's span by which a range is wider at both ends."""

_LEAST_DAYS = 3

_MOST_EXPLAINED = 0.5
"""More than half is explained by no deviation of days, only by a day that had as much."""


def share_limit(metric: str, column: str, hits: Array, rows: Array) -> ShareLimit:
    """Return from where on a share stands out.

    Args:
        metric: The metric.
        column: Name of the column.
        hits: The hits of each day.
        rows: The rows of each day.
    """
    found = [hit / of for hit, of in zip(hits.tolist(), rows.tolist(), strict=True) if of]
    largest = 0.0
    if len(found) >= _LEAST_DAYS:
        explained = beyond_days(found, deviations_of_next(len(found)))[1]
        largest = min(explained, max(*found, _MOST_EXPLAINED))
    return ShareLimit(
        metric=metric, column=column, hits=int(hits.sum()), rows=int(rows.sum()), largest=largest
    )


def range_of(column: str, low: float, high: float) -> ColumnRange:
    """Return the range of a number: what never was negative stays so.

    Args:
        column: Name of the column.
        low: The baseline's least number.
        high: The baseline's greatest number.
    """
    span = high / 2 - low / 2  # halved, because the difference may overflow
    margin = min(2 * _MARGIN * span or _MARGIN * abs(high) or 1.0, sys.float_info.max / 4)
    least, most = max(low - margin, -sys.float_info.max), min(high + margin, sys.float_info.max)
    return ColumnRange(
        column=column,
        low=0.0 if low >= 0 > least else least,
        high=0.0 if high <= 0 < most else most,
    )


def out_of_range(column: str, values: Array, days: Array, count: int) -> ShareLimit:
    """Return from where on a share of values out of range stands out: each day by the range of the others.

    Args:
        column: Name of the column.
        values: The finite values, at least one.
        days: The number of the day of each.
        count: Number of days.
    """
    import numpy as np

    rows = np.bincount(days, minlength=count)
    hits = np.zeros(count, dtype=np.int64)
    lows, highs = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(lows, days, values)
    np.maximum.at(highs, days, values)
    if (rows > 0).sum() > 1:
        for day in np.flatnonzero(rows):
            others = np.arange(count) != day
            known = range_of(column, float(lows[others].min()), float(highs[others].max()))
            of_day = values[days == day]
            hits[day] = np.count_nonzero((of_day < known.low) | (of_day > known.high))
    return share_limit("out_of_range_share", column, hits, rows)


def new_categories(column: str, values: Array, days: Array, count: int) -> ShareLimit:
    """Return from where on a share of new categories stands out: each day by the categories of the others.

    With one day, it is the share of categories that occur once: so much of the next row's chance is new (Good,
    Biometrika 40, 1953).

    Args:
        column: Name of the column.
        values: The codes of the categories, at least one.
        days: The number of the day of each.
        count: Number of days.
    """
    import numpy as np

    rows = np.bincount(days, minlength=count)
    total = np.bincount(values)
    hits = np.zeros(count, dtype=np.int64)
    for day in np.flatnonzero(rows):
        of_day = np.bincount(values[days == day], minlength=total.size)
        alone = of_day == total if (rows > 0).sum() > 1 else total == 1
        hits[day] = of_day[alone].sum()
    return share_limit("new_category_share", column, hits, rows)


def intake_limits(counts: ExportCounts, model: MonitoredModel) -> list[ShareLimit]:
    """Return from where on shares of the intake stand out.

    Args:
        counts: The counts of the baseline's export.
        model: The model's configuration, for the columns whose values have to fit a type.
    """
    quarantined = counts.quarantined_share or 0.0
    return [
        ShareLimit(metric="quarantined_share", hits=round(quarantined * counts.records), rows=counts.records),
        ShareLimit(metric="duplicates_share", hits=counts.duplicates, rows=counts.records),
        *(
            ShareLimit(
                metric="type_mismatch_share",
                column=name,
                hits=counts.type_mismatches.get(name, 0),
                rows=counts.rows_read,
            )
            for name in checked_columns(model)
        ),
    ]
