"""Rules that can never be RED or AMBER: they would look like a watch and see nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator

from daywatch.config.base import nearest
from daywatch.config.drift_methods import KIND_OF_TYPE, P_VALUES, ColumnKind
from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS, QUANTILES
from daywatch.config.model.conditions import Condition
from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.rule import Rule
from daywatch.config.performance_metrics import BEST_CONSTANT

_OF_CLASSES = ("precision", "recall", "f1", "f0_5", "f2")

_SHARES = (
    *("accuracy", "roc_auc", "pr_auc", "calibration_error", "identical_predictions"),
    *("false_positive_rate", "false_negative_rate", "true_negative_rate"),
    *(f"{name}{of}" for name in _OF_CLASSES for of in ("", "_macro", "_weighted")),
)
"""Metrics from 0 to 1 whose names do not end in ``_share``."""

_UNBOUNDED = (
    *("me", "value_per_row", "value_total", "volume_change", "mean", "min", "max", *QUANTILES.values()),
    *(name for name in METRICS if name.startswith("residual_")),
)

_FROM_0_TO_1 = frozenset({"jensenshannon", "hellinger", "perc_text_content_drift", "abs_text_content_drift"})
"""Drift methods, besides p-values, whose scores are from 0 to 1."""


def rule_errors(model: MonitoredModel, rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the errors of one rule, each with the key of the rule that it is about.

    Args:
        model: The rule's model, whose sections are valid, each by itself.
        rule: A rule on a metric that exists.
    """
    definition = METRICS[rule.metric]
    needs_labels = definition.kind in (MetricKind.TARGET, MetricKind.PERFORMANCE)
    if model.labels is None and (needs_labels or rule.metric in ("labelled", "labelled_share")):
        yield "metric", f"{rule.metric} needs labels: add the section 'labels', or leave this rule out"
    low, high = _range(model, rule)
    for name in ("amber", "red"):
        condition = getattr(rule, name)
        if condition is not None and not _can_be_met(condition, low, high):
            yield name, f"{condition.text!r} is never met: {rule.metric} is {_in_words(low, high)}"
    if rule.amber and rule.red and _implies(rule.amber, rule.red):
        yield (
            "amber",
            f"the rule is never AMBER, because {rule.amber.text!r} is met only where red, {rule.red.text!r}, is met:"
            " expected a condition that is met earlier",
        )
    if rule.green and rule.red and _overlap(rule.green, rule.red):
        yield (
            "green",
            f"the rule is never AMBER, because every value meets green, {rule.green.text!r}, or red,"
            f" {rule.red.text!r}, and some meet both: expected values between them",
        )


def column_errors(model: MonitoredModel, rule: Rule, features: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the errors of a rule's column: missing, unknown, not allowed, or of another type.

    Args:
        model: The rule's model.
        rule: A rule on a metric that exists.
        features: Names of the stored features.
    """
    definition = METRICS[rule.metric]
    columns = [*features, *(_answers(model) if definition.of_answers else ())]
    if not definition.per_column:
        if rule.column:
            yield "column", f"{rule.metric} is about the whole window and takes no column"
    elif rule.column not in columns:
        also = f", or {', '.join(_answers(model))}" if definition.of_answers else ""
        yield (
            "column" if rule.column else "metric",
            f"{rule.metric} is about one column, expected 'column' to be one of the features{also}"
            f"{nearest(rule.column, columns)}, but received {rule.column!r}",
        )
    elif definition.of_numbers and not _is_numeric(model, rule.column):
        yield (
            "column",
            f"{rule.metric} is of numbers, and {rule.column!r} is of a type with categories or text",
        )


def _answers(model: MonitoredModel) -> tuple[str, ...]:
    """Return the columns of the answer and of the label that the model has."""
    probability = ("probability",) if model.output.has_probability else ()
    return ("prediction", *probability, *(("label",) if model.labels is not None else ()))


def _is_numeric(model: MonitoredModel, column: str) -> bool:
    types = {feature.name: feature.type for feature in model.stored_features}
    if column in types:
        return types[column].is_numeric
    return column == "probability" or model.output.answer_type.is_numeric


def _range(model: MonitoredModel, rule: Rule) -> tuple[float, float]:
    """Return the least and the greatest value that a metric can have."""
    metric = rule.metric.removesuffix(BEST_CONSTANT)
    if metric in ("drift_score", "prediction_drift", "target_drift"):
        method = _method(model, rule)
        return 0.0, 1.0 if method in P_VALUES or method in _FROM_0_TO_1 else math.inf
    if metric == "prediction_correlation":
        return -1.0, 1.0
    if metric == "r2":
        return -math.inf, 1.0
    if metric in _UNBOUNDED or metric not in METRICS:
        return -math.inf, math.inf
    return 0.0, 1.0 if metric.endswith("_share") or metric in _SHARES else math.inf


def _method(model: MonitoredModel, rule: Rule) -> str | None:
    """Return the drift method that the YAML names for the rule's column; None for Evidently's own choice."""
    if rule.span is not None:
        return None  # profiles have distances of their own
    if rule.metric != "drift_score":
        return model.output.drift.method
    column = next((one for one in model.features if one.name == rule.column), None)
    if column is None:
        return None
    by_kind = {
        ColumnKind.NUMERIC: model.drift.numeric,
        ColumnKind.CATEGORICAL: model.drift.categorical,
        ColumnKind.TEXT: model.drift.text,
    }
    return column.drift.method or by_kind[KIND_OF_TYPE[column.type]].method


def _can_be_met(condition: Condition, low: float, high: float) -> bool:
    """Return whether a value between two bounds can meet a condition."""
    if condition.of_band:
        return True
    if condition.relative:
        return condition.percent or condition.bound <= high - low
    return {
        ">": condition.bound < high,
        ">=": condition.bound <= high,
        "<": condition.bound > low,
        "<=": condition.bound >= low,
    }[condition.comparison]


def _upwards(condition: Condition) -> bool:
    return condition.comparison in (">", ">=")


def _implies(first: Condition, second: Condition) -> bool:
    """Return whether the second condition is met wherever the first is."""
    if first.of_band or second.of_band:
        same = second.comparison in (first.comparison, "outside")
        return first.of_band and second.of_band and same and first.bound >= second.bound
    if first.relative or second.relative:
        same = second.comparison in (first.comparison, "changes")
        return (
            first.relative
            and second.relative
            and same
            and first.percent == second.percent
            and first.bound >= second.bound
            and first.beyond_chance >= second.beyond_chance
        )
    if _upwards(first) != _upwards(second):
        return False
    if first.bound == second.bound:
        return first.comparison == second.comparison or second.comparison in (">=", "<=")
    return first.bound > second.bound if _upwards(first) else first.bound < second.bound


def _overlap(green: Condition, red: Condition) -> bool:
    """Return whether every value meets one of two conditions, and some values both."""
    if green.of_band or red.of_band or green.relative or red.relative or _upwards(green) == _upwards(red):
        return False
    upper, lower = (green, red) if _upwards(green) else (red, green)
    return upper.bound < lower.bound


def _in_words(low: float, high: float) -> str:
    """Return a range in words."""
    if math.isinf(low):
        return f"at most {high:g}"
    return f"at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
