"""The drift score of one column from the values of both sides. It is Evidently's number, however it is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from daywatch.config.drift_methods import APPLIES_TO, ROW_LIMITS, ColumnKind, automatic_test
from daywatch.measure.columns.pairs import ColumnPair
from daywatch.measure.drift.kernels import KERNELS
from daywatch.measure.evidently_alone import evidently_alone

if TYPE_CHECKING:
    from daywatch.config.model.columns import DriftMethod
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import SideValues

_FEW = 5
"""Evidently's automatic choice depends on the number of distinct values up to this number."""


@dataclass(frozen=True)
class Score:
    """The drift of one column.

    Attributes:
        column: The column.
        value: A p-value or a distance, None where it could not be computed.
        threshold: The threshold that the value is compared with.
        method: Evidently's name of the drift method.
        title: Evidently's title of the drift method.
        drifted: Whether the value is beyond the threshold, as Evidently decides it; None without a value.
        note: Why there is no value, empty where there is one.
    """

    column: Column
    value: float | None = None
    threshold: float | None = None
    method: str = ""
    title: str = ""
    drifted: bool | None = None
    note: str = ""


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
    try:
        test = _stat_test(column.kind, pair, settings.method)
    except ValueError as error:
        return Score(column, method=settings.method or "", note=_sentence(error))
    threshold = test.default_threshold if settings.threshold is None else settings.threshold
    unscored = Score(column, threshold=threshold, method=test.name, title=test.display_name)
    rows = baseline.size + window.size
    if rows > ROW_LIMITS.get(test.name, rows):
        limit = f"{test.name} is not computed beyond {ROW_LIMITS[test.name]:,} rows, and there are {rows:,}"
        return replace(unscored, note=f"{limit}; choose another method")
    try:
        value, drifted = _computed(test, pair, column, threshold)
    except (ValueError, ArithmeticError, LookupError) as error:
        return replace(unscored, note=f"{test.name} cannot be computed: {_sentence(error)}")
    if not math.isfinite(value):
        return replace(unscored, note=f"{test.name} gives no finite number on this data")
    return replace(unscored, value=value, drifted=drifted)


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


def _computed(test: Any, pair: ColumnPair, column: Column, threshold: float) -> tuple[float, bool]:
    """Return the score and whether it drifted, from our kernel if there is one, else from Evidently's function."""
    import numpy as np

    kernel = KERNELS.get(test.name)
    with np.errstate(all="ignore"):
        if kernel is None:
            return _by_evidently(test, pair, column, threshold)
        value = kernel.score(pair)
    return value, bool(kernel.drifts(value, threshold))


def _by_evidently(test: Any, pair: ColumnPair, column: Column, threshold: float) -> tuple[float, bool]:
    from evidently.legacy.core import ColumnType

    with evidently_alone():
        sides = (values.series(column.name) for values in (pair.baseline, pair.window))
        result = test(*sides, ColumnType(column.kind.value), threshold)
    return float(result.drift_score), bool(result.drifted)


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
