"""The drift score of one column from the values of both sides.

It is Evidently's number, however it is computed. Where that number misleads, the score leaves it and keeps it next to
its own (decision 33).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from daywatch.config.drift_methods import APPLIES_TO, ROW_LIMITS, UNCHANGED, ColumnKind, automatic_test
from daywatch.measure.columns.pairs import ColumnPair
from daywatch.measure.drift.kernels import KERNELS
from daywatch.measure.drift.kernels.distance import FLOOR
from daywatch.measure.drift.kernels.l_infinity import L_INFINITY_DISTANCES
from daywatch.measure.drift.kernels.standard import STANDARD_DISTANCES
from daywatch.measure.evidently_alone import evidently_alone

if TYPE_CHECKING:
    from daywatch.config.model.columns import DriftMethod
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import SideValues

_DISTANCES = STANDARD_DISTANCES | L_INFINITY_DISTANCES
"""The distances that Evidently does not have."""

_FEW = 5
"""Evidently's automatic choice depends on the number of distinct values up to this number."""


@dataclass(frozen=True)
class Score:
    """The drift of one column.

    Attributes:
        column: The column.
        value: A p-value or a distance, None where it could not be computed.
        threshold: The threshold that the value is compared with.
        method: The name of the drift method.
        title: The title of the drift method.
        drifted: Whether the value is beyond the threshold, as Evidently decides it; None without a value.
        note: Why there is no value, empty where there is one.
        evidentlys: Evidently's own number where ``value`` leaves it; None where they are the same, or where
            Evidently has no number.
    """

    column: Column
    value: float | None = None
    threshold: float | None = None
    method: str = ""
    title: str = ""
    drifted: bool | None = None
    note: str = ""
    evidentlys: float | None = None


def score_values(column: Column, baseline: SideValues, window: SideValues, settings: DriftMethod) -> Score:
    """Score one column, or one slice of it, as Evidently's ``ValueDrift`` does.

    The choice of the method and of its default threshold follows
    ``evidently.legacy.calculations.data_drift.get_one_column_drift``. Several threads may call this at once.

    Args:
        column: The column that the values belong to.
        baseline: The baseline's values, neither missing nor infinite.
        window: The window's values, neither missing nor infinite.
        settings: Method and threshold; where they are None, Evidently's defaults.
    """
    pair = ColumnPair(baseline, window, categorical=column.kind is ColumnKind.CATEGORICAL)
    if not baseline.size or not window.size:
        side = "window" if baseline.size else "baseline"
        return Score(column, method=settings.method or "", note=f"the {side} has no value")
    if settings.method in _DISTANCES:
        return _own_score(column, pair, settings)
    try:
        test = _stat_test(column.kind, pair, settings.method)
    except ValueError as error:
        return Score(column, method=settings.method or "", note=_sentence(error))
    threshold = test.default_threshold if settings.threshold is None else settings.threshold
    unscored = Score(column, threshold=threshold, method=test.name, title=test.display_name)
    return _scored(unscored, test, pair, threshold)


def _own_score(column: Column, pair: ColumnPair, settings: DriftMethod) -> Score:
    """Return the score by a distance that Evidently does not have."""
    import numpy as np

    method = settings.method or ""
    distance = _DISTANCES[method]
    threshold = FLOOR if settings.threshold is None else settings.threshold
    with np.errstate(all="ignore"):
        value = 0.0 if pair.is_constant else distance.score(pair)
    unscored = Score(column, threshold=threshold, method=method, title=distance.title)
    if not math.isfinite(value):
        return replace(unscored, note=f"{method} gives no finite number on this data")
    return replace(unscored, value=value, drifted=value > threshold)


def _scored(unscored: Score, test: Any, pair: ColumnPair, threshold: float) -> Score:
    """Return the score with its value, or with a note that says why there is none."""
    if pair.is_constant:
        evidentlys = _evidentlys_of_constant(test, pair, unscored.column, threshold)
        return replace(unscored, value=UNCHANGED[test.name], drifted=False, evidentlys=evidentlys)
    rows = pair.baseline.size + pair.window.size
    if rows > ROW_LIMITS.get(test.name, rows):
        limit = f"{test.name} is not computed beyond {ROW_LIMITS[test.name]:,} rows, and there are {rows:,}"
        return replace(unscored, note=f"{limit}; choose another method")
    try:
        value, drifted, evidentlys = _computed(test, pair, unscored.column, threshold)
    except (ValueError, ArithmeticError, LookupError) as error:
        return replace(unscored, note=f"{test.name} cannot be computed: {_sentence(error)}")
    if not math.isfinite(value):
        return replace(unscored, note=f"{test.name} gives no finite number on this data")
    return replace(unscored, value=value, drifted=drifted, evidentlys=evidentlys)


def _evidentlys_of_constant(test: Any, pair: ColumnPair, column: Column, threshold: float) -> float | None:
    """Return Evidently's own number of a column that is the same everywhere; None where it has none, or the same.

    Methods that permute rows or train a classifier are not asked.
    """
    if test.name in ROW_LIMITS or column.kind is ColumnKind.TEXT:
        return None
    import numpy as np

    kernel = KERNELS.get(test.name)
    try:
        with np.errstate(all="ignore"):
            value = kernel.evidentlys(pair) if kernel else _by_evidently(test, pair, column, threshold)[0]
    except (ValueError, ArithmeticError, LookupError):
        return None
    known = value is not None and math.isfinite(value)
    return value if known and value != UNCHANGED[test.name] else None


def _stat_test(kind: ColumnKind, pair: ColumnPair, method: str | None) -> Any:
    """Return Evidently's stat test of that name, or without a name the one that Evidently's rules choose.

    Raises:
        ValueError: There is no test of that name for that kind of column.
    """
    from evidently.legacy.calculations.stattests.registry import get_registered_stattest
    from evidently.legacy.core import ColumnType

    if method is None:
        distinct = 0 if kind is ColumnKind.TEXT else pair.distinct_up_to(_FEW)
        method = automatic_test(kind, pair.baseline.size, distinct)
        # Evidently chooses tests for categories for numeric columns with few values too, but registers them only
        # for categories.
        kind = kind if kind in APPLIES_TO[method] else APPLIES_TO[method][0]
    return get_registered_stattest(method, ColumnType(kind.value))


def _computed(
    test: Any, pair: ColumnPair, column: Column, threshold: float
) -> tuple[float, bool, float | None]:
    """Return the score, whether it drifted, and Evidently's own number where the score leaves it.

    They come from our kernel if there is one, else from Evidently's function.
    """
    import numpy as np

    kernel = KERNELS.get(test.name)
    with np.errstate(all="ignore"):
        if kernel is None:
            return *_by_evidently(test, pair, column, threshold), None
        value = kernel.score(pair)
        evidentlys = kernel.evidentlys(pair)
    known = evidentlys is not None and math.isfinite(evidentlys)
    return value, bool(kernel.drifts(value, kernel.limit(pair, threshold))), evidentlys if known else None


def _by_evidently(test: Any, pair: ColumnPair, column: Column, threshold: float) -> tuple[float, bool]:
    from evidently.legacy.core import ColumnType

    with evidently_alone():
        sides = (values.series(column.name) for values in (pair.baseline, pair.window))
        result = test(*sides, ColumnType(column.kind.value), threshold)
    return float(result.drift_score), bool(result.drifted)


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
