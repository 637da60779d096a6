"""The order in which to look at drifted columns: by drift times importance."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import in_thresholds
from daywatch.measure.columns.measured_columns import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.drift.scoring import Score
    from daywatch.results import Metric


@dataclass(frozen=True)
class RankedColumn:
    """A feature with what decides its place in the order.

    Attributes:
        column: Name of the feature.
        drifted: Whether its score is beyond its threshold.
        drift: Its score in thresholds: 1 at the threshold, 0 without a score.
        importance: From 0 to 1: the importance in the YAML divided by the greatest one there; else the absolute
            correlation with the prediction in the baseline; else the median of the others.
    """

    column: str
    drifted: bool
    drift: float
    importance: float

    @property
    def priority(self) -> float:
        """Drift times importance."""
        return self.drift * self.importance


def ranked_columns(
    scores: Iterable[Score], model: MonitoredModel, correlations: Iterable[Metric]
) -> list[RankedColumn]:
    """Return the features, the drifted ones first, and within each part by drift times importance, greatest first.

    Args:
        scores: The scores of all columns.
        model: The model, whose YAML may give the importance of a feature.
        correlations: The metrics ``prediction_correlation``.
    """
    important = _importance(model, correlations)
    features = [score for score in scores if score.column.role is Role.FEATURE]
    ranked = [
        RankedColumn(score.column.name, bool(score.drifted), _drift(score), important[score.column.name])
        for score in features
    ]
    return sorted(ranked, key=lambda one: (not one.drifted, -one.priority, -one.drift, one.column))


def _drift(score: Score) -> float:
    if score.value is None or score.threshold is None:
        return 0.0
    return in_thresholds(score.method, score.value, score.threshold)


def _importance(model: MonitoredModel, correlations: Iterable[Metric]) -> dict[str, float]:
    given = {one.name: one.importance for one in model.features if one.importance is not None}
    greatest = max(given.values(), default=0.0) or 1.0
    known = {
        metric.column: min(abs(metric.baseline), 1.0)
        for metric in correlations
        if metric.baseline is not None
    }
    known |= {name: value / greatest for name, value in given.items()}
    typical = median(known.values()) if known else 1.0
    return {one.name: known.get(one.name, typical) for one in model.features}
