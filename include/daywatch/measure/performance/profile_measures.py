"""Metrics of values, from a stored profile: means, quantiles, shares of classes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, QUANTILES
from daywatch.measure.performance.intervals import Measure, missing, normal, share
from daywatch.profiles.numeric import QUANTILES as STORED

if TYPE_CHECKING:
    from daywatch.profiles.profile import ColumnProfile, Profile

OF_CLASSES = {"prediction_class_share": "prediction", "label_class_share": "label"}
"""Metrics of one class, with the column whose values they count."""

_NO_VALUE = "the column has no values"


def is_of_profiles(name: str) -> bool:
    """Return whether a metric is one of values, which profiles give."""
    return (
        name in OF_CLASSES
        or name == "identical_predictions"
        or (name in METRICS and METRICS[name].of_answers)
    )


def profile_measure(name: str, about: str, profile: Profile) -> Measure:
    """Return a metric of values.

    Args:
        name: The metric.
        about: Its column or class, empty for neither.
        profile: The profile of a window or of a baseline.
    """
    if name in OF_CLASSES:
        return _class_share(profile.column(OF_CLASSES[name]), about)
    if name == "identical_predictions":
        return _identical(profile.column("probability") or profile.column("prediction"))
    column = profile.column(about)
    return _statistic(name, column) if column is not None and column.count else missing(_NO_VALUE)


def _statistic(name: str, column: ColumnProfile) -> Measure:
    """Return a statistic of a column that has values."""
    if name == "distinct":
        return Measure(column.distinct, rows=column.count)
    shares = {one: at for at, one in QUANTILES.items()}
    if name in shares:
        return Measure(column.quantiles[STORED.index(shares[name])], rows=column.count)
    value = {"mean": column.mean, "std": column.std, "min": column.min, "max": column.max}[name]
    if value is None:
        return missing("the values are too large to compute with", column.count)
    if name == "mean" and column.std is not None and column.count > 1:
        error = column.std / math.sqrt(column.count - 1)  # std is that of the population
        return Measure(value, *normal(value, error, (-math.inf, math.inf)), column.count, "normal")
    return Measure(value, rows=column.count)


def _class_share(column: ColumnProfile | None, name: str) -> Measure:
    if column is None or not column.count:
        return missing("there are no predictions or labels")
    found = next((one.count for one in column.frequent if one.value == name), None)
    if found is None and column.other:
        return missing(f"it is none of the {len(column.frequent)} most frequent classes", column.count)
    return share(found or 0, column.count)


def _identical(column: ColumnProfile | None) -> Measure:
    """Return the share of the most frequent value.

    A sketch lists each value that makes up at least ``RANK_ERROR`` of a column. If all are rarer, the share is that
    of the most frequent listed one, which is below it.
    """
    if column is None or not column.count:
        return missing("there are no predictions")
    listed = [one.count for one in column.frequent] or [n for one in column.sketches for n in one.equal]
    return share(max(listed, default=0), column.count)
