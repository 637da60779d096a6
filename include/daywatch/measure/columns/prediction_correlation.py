"""Correlation of each feature with the prediction, compared with the baseline."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.association import correlation_ratio, cramers_v, pearson
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.measure.columns.values import usable_mask
from daywatch.results import Finding, FindingCode, Metric

if TYPE_CHECKING:
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array

LEAST_CHANGE = 0.1
"""A smaller change of a correlation is not reported."""
_STANDARD_ERRORS = 3
_NAMED = 3


class Correlation(NamedTuple):
    """A correlation, None where it is not defined, and the number of rows that it was computed from."""

    value: float | None
    rows: int


@dataclass(frozen=True)
class PredictionCorrelation:
    """A feature's correlation with the prediction, on both sides.

    Attributes:
        column: Name of the feature.
        method: ``pearson``, ``correlation_ratio`` or ``cramers_v``.
        window: The correlation in the window.
        baseline: The correlation in the baseline.
    """

    column: str
    method: str
    window: Correlation
    baseline: Correlation

    @property
    def change(self) -> float:
        """The correlation in the window minus that in the baseline, 0 where one of them is not defined."""
        if self.window.value is None or self.baseline.value is None:
            return 0.0
        return self.window.value - self.baseline.value

    @property
    def changed(self) -> bool:
        """Whether the correlation changed by more than chance explains, and by at least ``LEAST_CHANGE``.

        The standard error is that of Fisher's z at a correlation of 0, where it is greatest.
        """
        if not (self.window.rows and self.baseline.rows):
            return False
        error = math.sqrt(1 / self.window.rows + 1 / self.baseline.rows)
        return abs(self.change) >= max(LEAST_CHANGE, _STANDARD_ERRORS * error)


def output_column(columns: Iterable[Column]) -> Column:
    """Return the column that features are correlated with: the probability if there is one, else the prediction."""
    by_role = {column.role: column for column in columns}
    return by_role.get(Role.PROBABILITY) or by_role[Role.PREDICTION]


def correlate(
    feature: Column, values: dict[Side, Array], output: Column, outputs: dict[Side, Array]
) -> PredictionCorrelation:
    """Correlate a feature with the model's output, row by row.

    The method is Pearson's correlation for two numbers, the correlation ratio for a number and a category, and
    Cramér's V for two categories.

    Args:
        feature: The feature, which must not be a text column.
        values: Its values on each side, one for each row.
        output: The column that ``output_column`` returns.
        outputs: The values of that column on each side, one for each row.
    """
    found = {side: _correlation(feature, values[side], output, outputs[side]) for side in Side}
    return PredictionCorrelation(
        feature.name, _method(feature, output), found[Side.WINDOW], found[Side.BASELINE]
    )


def _method(feature: Column, output: Column) -> str:
    categories = (feature.kind, output.kind).count(ColumnKind.CATEGORICAL)
    return ("pearson", "correlation_ratio", "cramers_v")[categories]


def _correlation(feature: Column, values: Array, output: Column, outputs: Array) -> Correlation:
    import numpy as np

    kept = usable_mask(feature, values) & usable_mask(output, outputs)
    if not kept.all():  # (a copy only where it is needed)
        values, outputs = values[kept], outputs[kept]
    if feature.kind is not output.kind and output.kind is ColumnKind.CATEGORICAL:
        values, outputs = outputs, values  # the correlation ratio takes the category first
    method = {"pearson": pearson, "correlation_ratio": correlation_ratio, "cramers_v": cramers_v}
    with np.errstate(all="ignore"):
        return Correlation(method[_method(feature, output)](values, outputs), int(values.size))


def correlation_metrics(correlations: list[PredictionCorrelation]) -> list[Metric]:
    """Return the metric ``prediction_correlation`` of each feature."""
    return [
        Metric(
            name="prediction_correlation",
            column=one.column,
            value=one.window.value,
            baseline=one.baseline.value,
            method=one.method,
            note=""
            if one.window.value is not None
            else f"not defined on the {one.window.rows:,} rows of the window that have column and prediction",
        )
        for one in correlations
    ]


def correlation_findings(correlations: list[PredictionCorrelation]) -> list[Finding]:
    """Return one finding that names the features whose correlation changed most, none if no correlation changed."""
    changed = sorted(
        (one for one in correlations if one.changed), key=lambda one: (-abs(one.change), one.column)
    )
    if not changed:
        return []
    named = ", ".join(
        f"{one.column} {one.baseline.value:.2f} → {one.window.value:.2f}" for one in changed[:_NAMED]
    )
    more = f" and {len(changed) - _NAMED:,} more" if len(changed) > _NAMED else ""
    features = (
        "the correlation of 1 column"
        if len(changed) == 1
        else f"the correlations of {len(changed):,} columns"
    )
    detail = f"{features} with the prediction changed from the baseline: {named}{more}"
    return [Finding(code=FindingCode.PREDICTION_CORRELATION_CHANGED, detail=detail, count=len(changed))]
