"""Drift metrics of the columns, from the scores on all rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ROW_LIMITS, ColumnKind
from daywatch.config.model.columns import DriftMethod
from daywatch.config.model.model import MonitoredModel
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.measure.drift.kernels.standard import FOLDED_JENSENSHANNON, ROBUST_WASSERSTEIN
from daywatch.measure.drift.scoring import Score, score_values
from daywatch.results import Metric

if TYPE_CHECKING:
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import SideValues

_ORDER_MATTERS = ROW_LIMITS["empirical_mmd"]
"""Up to so many numbers, Evidently has a test whose result depends on their order: it permutes them."""


def drift_settings(model: MonitoredModel, column: Column) -> DriftMethod:
    """Return the column's own method and threshold, or those of its kind.

    A threshold belongs to a method. So a column with a method of its own does not inherit a threshold.
    """
    common = {
        ColumnKind.NUMERIC: model.drift.numeric,
        ColumnKind.CATEGORICAL: model.drift.categorical,
        ColumnKind.TEXT: model.drift.text,
    }[column.kind]
    own = model.feature(column.name).drift if column.role is Role.FEATURE else model.output.drift
    inherited = common.threshold if own.method is None else None
    return DriftMethod(
        method=own.method or common.method,
        threshold=own.threshold if own.threshold is not None else inherited,
    )


def standard_settings(model: MonitoredModel, column: Column) -> DriftMethod:
    """Return how a column of the whole window is scored: where no method is named, as the standard plan does.

    Texts have no such distance; Evidently's own rules choose their method.
    """
    settings = drift_settings(model, column)
    if settings.method is not None or not model.plan.is_standard or column.kind is ColumnKind.TEXT:
        return settings
    is_number = column.kind is ColumnKind.NUMERIC
    return DriftMethod(
        method=ROBUST_WASSERSTEIN if is_number else FOLDED_JENSENSHANNON, threshold=settings.threshold
    )


def score_sides(column: Column, values: dict[Side, SideValues], settings: DriftMethod) -> Score:
    """Score a column, or a slice of it. The values may be sorted in place."""
    sides = in_order(column, values)
    return score_values(column, sides[Side.BASELINE], sides[Side.WINDOW], settings)


def in_order(column: Column, values: dict[Side, SideValues]) -> dict[Side, SideValues]:
    """Sort numbers in place, unless there are so few that a test depends on their order in the file."""
    if column.kind is ColumnKind.NUMERIC and min(one.size for one in values.values()) > _ORDER_MATTERS:
        return {side: one.sorted_in_place() for side, one in values.items()}
    return values


def drift_metrics(scores: list[Score], model: MonitoredModel) -> list[Metric]:
    """Return the drift metrics: one for each feature, their count and share, prediction drift and target drift.

    Evidently's own number of a column follows where its score leaves it, or where a rule names it.

    Args:
        scores: The scores of all compared columns.
        model: The model, which sets the share of drifted columns that is an alert.
    """
    features = [score for score in scores if score.column.role is Role.FEATURE]
    scored = [score for score in features if score.value is not None]
    drifted = sum(bool(score.drifted) for score in scored)
    left_out = len(features) - len(scored)
    note = f"{left_out} of {len(features)} columns could not be scored" if left_out else ""
    (output,) = (score for score in scores if score.column.role in (Role.PROBABILITY, Role.PREDICTION))
    (label,) = (score for score in scores if score.column.role is Role.LABEL)
    share = drifted / len(scored) if scored else None
    return [
        *(_metric("drift_score", score) for score in features),
        Metric(name="drifted_columns", value=drifted if scored else None, note=note),
        Metric(
            name="drifted_share",
            value=share,
            threshold=model.drift.drifted_share,
            alert=None if share is None else share >= model.drift.drifted_share,
            note=note,
        ),
        _metric("prediction_drift", output),
        _metric("target_drift", label),
        *_evidentlys(scores, model),
    ]


def _evidentlys(scores: list[Score], model: MonitoredModel) -> Iterator[Metric]:
    """Yield Evidently's own numbers: where the scores leave them, and where a rule names them."""
    named = {rule.column for rule in model.plan.all_rules if rule.metric == "evidently_drift_score"}
    for score in scores:
        if score.evidentlys is not None or score.column.name in named:
            value = score.value if score.evidentlys is None else score.evidentlys
            yield Metric(
                name="evidently_drift_score",
                column=score.column.name,
                value=value,
                method=score.method,
                note=score.note,
            )


def _metric(name: str, score: Score) -> Metric:
    return Metric(
        name=name,
        column=score.column.name,
        value=score.value,
        threshold=score.threshold,
        method=score.method,
        alert=score.drifted,
        note=score.note,
    )
