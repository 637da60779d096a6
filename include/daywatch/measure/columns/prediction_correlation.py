"""Correlation of each feature with the prediction, now against the baseline."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.association import correlation_ratio, cramers_v, pearson
from daywatch.measure.columns.tables import Role, Side
from daywatch.measure.columns.values import usable
from daywatch.results import Finding, FindingCode, Metric

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Column

LEAST_CHANGE = 0.1
"""A smaller change of a correlation is not told."""
_STANDARD_ERRORS = 3
_NAMED = 3


class Correlation(NamedTuple):
    """A correlation and the rows that it was computed from."""

    value: float | None
    rows: int


@dataclass(frozen=True)
class PredictionCorrelation:
    """A feature's correlation with the prediction, on both sides.

    Attributes:
        column: The feature.
        method: ``pearson``, ``correlation_ratio`` or ``cramers_v``.
        current: The window's.
        reference: The baseline's.
    """

    column: str
    method: str
    current: Correlation
    reference: Correlation

    @property
    def change(self) -> float:
        """By how much it changed, 0 where a side has none."""
        if self.current.value is None or self.reference.value is None:
            return 0.0
        return self.current.value - self.reference.value

    @property
    def changed(self) -> bool:
        """Whether it changed by more than chance explains, and by enough to matter.

        The standard error is that of Fisher's z, where it is greatest: at a correlation of 0.
        """
        if not (self.current.rows and self.reference.rows):
            return False
        error = math.sqrt(1 / self.current.rows + 1 / self.reference.rows)
        return abs(self.change) >= max(LEAST_CHANGE, _STANDARD_ERRORS * error)


def answer_of(columns: Iterable[Column]) -> Column:
    """Return what features are correlated with: the probability, where there is one, else the prediction."""
    by_role = {column.role: column for column in columns}
    return by_role.get(Role.PROBABILITY) or by_role[Role.PREDICTION]


def correlate(
    column: Column, sides: dict[Side, Array], answer: Column, answers: dict[Side, Array]
) -> PredictionCorrelation:
    """Correlate a feature that is no text with the answer, row by row.

    Two numbers: Pearson. A number and a category: correlation ratio. Two categories: Cramér's V.

    Args:
        column: The feature.
        sides: Its values, with a place for each row.
        answer: Of ``answer_of``.
        answers: Its values, likewise.
    """
    found = {side: _correlation(column, sides[side], answer, answers[side]) for side in Side}
    return PredictionCorrelation(
        column.name, _method(column, answer), found[Side.CURRENT], found[Side.REFERENCE]
    )


def _method(column: Column, answer: Column) -> str:
    categories = (column.kind, answer.kind).count(ColumnKind.CATEGORICAL)
    return ("pearson", "correlation_ratio", "cramers_v")[categories]


def _correlation(column: Column, values: Array, answer: Column, answers: Array) -> Correlation:
    import numpy as np

    kept = usable(column, values) & usable(answer, answers)
    if not kept.all():  # (a copy only where it is needed)
        values, answers = values[kept], answers[kept]
    if column.kind is not answer.kind and answer.kind is ColumnKind.CATEGORICAL:
        values, answers = answers, values  # the correlation ratio takes the category first
    method = {"pearson": pearson, "correlation_ratio": correlation_ratio, "cramers_v": cramers_v}
    with np.errstate(all="ignore"):
        return Correlation(method[_method(column, answer)](values, answers), int(values.size))


def correlation_metrics(correlations: list[PredictionCorrelation]) -> list[Metric]:
    """Return the metric ``prediction_correlation`` of each column."""
    return [
        Metric(
            name="prediction_correlation",
            column=one.column,
            value=one.current.value,
            baseline=one.reference.value,
            method=one.method,
            note=""
            if one.current.value is not None
            else f"not defined on the {one.current.rows:,} rows of the window that have column and prediction",
        )
        for one in correlations
    ]


def correlation_findings(correlations: list[PredictionCorrelation]) -> list[Finding]:
    """Name the columns whose correlation with the prediction changed most."""
    changed = sorted(
        (one for one in correlations if one.changed), key=lambda one: (-abs(one.change), one.column)
    )
    if not changed:
        return []
    named = ", ".join(
        f"{one.column} {one.reference.value:.2f} → {one.current.value:.2f}" for one in changed[:_NAMED]
    )
    more = f" and {len(changed) - _NAMED:,} more" if len(changed) > _NAMED else ""
    noun = "column is" if len(changed) == 1 else "columns are"
    detail = f"{len(changed):,} {noun} correlated with the prediction otherwise than in the baseline: {named}{more}"
    return [Finding(code=FindingCode.PREDICTION_CORRELATION_CHANGED, detail=detail, count=len(changed))]
