"""What the stored results of a window hold for another plan than that of its day, and what they lack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.config.model.slices import ANY
from daywatch.measure.calibration.compared import performance_alerts
from daywatch.measure.drift.kernels.standard import FOLDED_JENSENSHANNON, ROBUST_WASSERSTEIN
from daywatch.measure.performance.performance import with_baseline_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daywatch.config.model.plan import Plan, Rule
    from daywatch.judge.evidence import Evidence
    from daywatch.results import Metric

_OF_STANDARD = "on this window it was measured as the standard rules need it"
_COUNTED = ("drifted_columns", "drifted_share")
_METHODS = (ROBUST_WASSERSTEIN, FOLDED_JENSENSHANNON)


def for_plan(evidence: Evidence, plan: Plan, *, was_standard: bool) -> Evidence:
    """Return a window's evidence as another plan would have had it, without what only the plan of its day gave it.

    Args:
        evidence: The stored evidence.
        plan: The other plan.
        was_standard: Whether the plan of its day had the standard rules.
    """
    metrics = [_without_plans_baseline(one) for one in evidence.measurement.metrics]
    metrics = with_baseline_values(metrics, plan.baseline_values)
    if evidence.calibration is not None:
        metrics = list(performance_alerts(metrics, evidence.calibration))
    if was_standard and not plan.is_standard:
        metrics = [_without_standard_method(one) for one in metrics]
    measurement = evidence.measurement.model_copy(update={"metrics": tuple(metrics)})
    return replace(evidence, measurement=measurement)


def lost_baselines(stored: Evidence, evidence: Evidence) -> Iterator[str]:
    """Yield the metrics whose baseline's value only the plan of the day gave.

    Args:
        stored: The stored evidence.
        evidence: The same for the other plan.
    """
    for one, other in zip(stored.measurement.metrics, evidence.measurement.metrics, strict=True):
        if one.baseline is not None and other.baseline is None:
            yield f"the baseline's own {one.name}"


def is_held(rule: Rule, evidence: Evidence) -> bool:
    """Return whether a rule's metric was measured, or tried to be, when the window was.

    Args:
        rule: A rule of the other plan.
        evidence: The evidence for that plan.
    """
    if rule.metric == FAULTS_METRIC:
        return True
    if rule.span:
        return any((one.over, one.against) == rule.span for one in evidence.profile_drifts)
    column = rule.column if METRICS[rule.metric].per_column else None
    return any(
        one.name == rule.metric
        and one.class_name == rule.class_name
        and (column is None or one.column == column)
        and (bool(one.slice) if rule.slice == ANY else one.slice == rule.slice)
        and one.note != _OF_STANDARD
        for one in evidence.metrics
    )


def _without_plans_baseline(metric: Metric) -> Metric:
    """Return a metric without a baseline's value that the plan of its day named: the baseline's own is not stored."""
    of_performance = metric.name in METRICS and METRICS[metric.name].kind is MetricKind.PERFORMANCE
    if not of_performance or metric.slice or metric.class_name or metric.baseline_rows is not None:
        return metric
    return metric.model_copy(update={"baseline": None, "difference_low": None, "difference_high": None})


def _without_standard_method(metric: Metric) -> Metric:
    """Return a drift without its value where the standard rules chose its method or the thresholds it counts by."""
    if metric.slice or not (metric.method in _METHODS or metric.name in _COUNTED):
        return metric
    return metric.model_copy(update={"value": None, "alert": None, "note": _OF_STANDARD})
