"""Which drifted column to look at first: drift times importance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import P_VALUES
from daywatch.measure.columns.tables import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.drift.scoring import Score
    from daywatch.results import Metric

_LEAST = 1e-300
"""Smaller p-values are taken for this one, whose logarithm is a number."""


@dataclass(frozen=True)
class RankedColumn:
    """A feature in the order in which to look at them.

    Attributes:
        column: Its name.
        drifted: Whether its score is beyond its threshold.
        drift: How far, in thresholds: 1 at the threshold, 0 without a score.
        importance: 0 to 1: the YAML's, where the greatest one is 1, else the size of the column's correlation
            with the prediction in the baseline, else the median of the others.
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
    """Return the features, drifted ones first, each part by drift times importance, the greatest first.

    Args:
        scores: Of all columns.
        model: Says what is important.
        correlations: The metrics ``prediction_correlation``.
    """
    important = _importance(model, correlations)
    features = [score for score in scores if score.column.role is Role.FEATURE]
    ranked = [
        RankedColumn(
            score.column.name, bool(score.drifted), drift_in_thresholds(score), important[score.column.name]
        )
        for score in features
    ]
    return sorted(ranked, key=lambda one: (not one.drifted, -one.priority, -one.drift, one.column))


def drift_in_thresholds(score: Score) -> float:
    """Return a score on one scale for distances and p-values: 1 at the threshold, more beyond it.

    A distance is divided by its threshold. Of a p-value and its threshold it is the logarithms, for p-values
    fall exponentially with the evidence.
    """
    if score.value is None or score.threshold is None:
        return 0.0
    if score.method in P_VALUES:
        threshold = min(max(score.threshold, _LEAST), 0.999)
        return math.log(max(score.value, _LEAST)) / math.log(threshold)
    return score.value / max(score.threshold, 1e-9)


def _importance(model: MonitoredModel, correlations: Iterable[Metric]) -> dict[str, float]:
    given = {one.name: one.importance for one in model.features if one.importance is not None}
    greatest = max(given.values(), default=0.0) or 1.0
    known = {
        metric.column: min(abs(metric.baseline), 1.0)
        for metric in correlations
        if metric.baseline is not None
    }
    known |= {name: value / greatest for name, value in given.items()}
    usual = median(known.values()) if known else 1.0
    return {one.name: known.get(one.name, usual) for one in model.features}
