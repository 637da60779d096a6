"""The columns of a window by drift times importance, each with its distribution in baseline and window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import in_thresholds
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.drift.priority import ranked_columns
from daywatch.measure.drift.scoring import Score
from daywatch.report.columns import worst_columns

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.pages.window.evidence import StoredEvidence
    from daywatch.report.figures import ColumnComparison
    from daywatch.results import Metric

_SHOWN = 40
"""Columns of the table at most: with their distributions they take about 150 KB."""


@dataclass(frozen=True)
class ColumnRow:
    """A column of the table.

    Attributes:
        comparison: Its score and its distributions.
        drifted: Whether its score is beyond its threshold.
        importance: From 0 to 1, None for a column that is no feature or whose importance is not known.
        bars: Of each bar the label, the baseline's share and the window's share.
    """

    comparison: ColumnComparison
    drifted: bool
    importance: float | None
    bars: tuple[tuple[str, float, float], ...]


def column_rows(evidence: StoredEvidence, model: MonitoredModel | None) -> tuple[tuple[ColumnRow, ...], int]:
    """Return the columns, those to look at first first, and how many are left out.

    Args:
        evidence: The stored results.
        model: The model's configuration, for the importance of features; None to go by drift alone.
    """
    scores = {
        one.column: one
        for one in evidence.measurement.metrics
        if one.name == "drift_score" and one.column and not one.slice
    }
    importance = _importance(evidence, model, scores)
    order = sorted(scores, key=lambda name: _place(scores[name], importance.get(name)))
    unlisted: dict[str, dict[str, int]] = {}
    for one in evidence.measurement.unlisted_categories:
        unlisted.setdefault(one.column, {})[one.category] = one.rows
    shown = order[:_SHOWN]
    compared = worst_columns(
        evidence.measurement.metrics, evidence.baseline_profile, evidence.profile, unlisted, shown, len(shown)
    )
    rows = tuple(
        ColumnRow(one, bool(scores[one.column].alert), importance.get(one.column), _bars(one))
        for one in compared
        if one.column in scores
    )
    return rows, len(order) - len(shown)


def _place(score: Metric, importance: float | None) -> tuple[bool, float, str]:
    drift = 0.0
    if score.value is not None and score.threshold is not None:
        drift = in_thresholds(score.method, score.value, score.threshold)
    return not score.alert, -drift * (1.0 if importance is None else importance), score.column


def _importance(
    evidence: StoredEvidence, model: MonitoredModel | None, scores: dict[str, Metric]
) -> dict[str, float]:
    if model is None:
        return {}
    correlations = [one for one in evidence.measurement.metrics if one.name == "prediction_correlation"]
    measured = [Score(column) for column in measured_columns(model) if column.name in scores]
    return {one.column: one.importance for one in ranked_columns(measured, model, correlations)}


def _bars(column: ColumnComparison) -> tuple[tuple[str, float, float], ...]:
    pairs = zip(column.baseline_bars, column.current_bars, strict=True)
    return tuple((label, before, now) for (label, before), (_, now) in pairs)
