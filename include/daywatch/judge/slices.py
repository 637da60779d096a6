"""The metrics that a rule about slices or classes is applied to: of one, or of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.config.model.slices import ANY, OF_VERSIONS
from daywatch.results import Metric

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.model.plan import Minimum
    from daywatch.config.model.rule import Rule


def slice_metrics(rule: Rule, metrics: Iterable[Metric]) -> list[Metric]:
    """Return a rule's metric of its slice, or of all slices in their order; without a value where it is missing.

    Args:
        rule: A rule with a slice.
        metrics: All metrics of the window.
    """
    of_slices: dict[str, list[Metric]] = {}
    for metric in metrics:
        if metric.slice and not metric.slice.startswith(OF_VERSIONS):
            of_slices.setdefault(metric.slice, []).append(metric)
    wanted = list(of_slices) if rule.slice == ANY else [rule.slice]
    if not wanted:
        return [Metric(name=rule.metric, slice=ANY, note="no slice was measured")]
    return [_metric(rule, name, of_slices.get(name, [])) for name in wanted]


def class_metrics(rule: Rule, metrics: Iterable[Metric]) -> list[Metric]:
    """Return a rule's metric of each class of the whole window; one without a value if no class was measured.

    Args:
        rule: A rule with ``class_name: any``.
        metrics: The metrics of the whole window.
    """
    found = [one for one in metrics if one.name == rule.metric and one.class_name]
    return found or [Metric(name=rule.metric, class_name=ANY, note="no class was measured")]


def least_labels(slice_: str, metrics: Iterable[Metric], minimum: Minimum) -> int:
    """Return the fewest rows that a performance metric of a slice may come from, as its count of labels says.

    Args:
        slice_: Name of the slice.
        metrics: All metrics of the window.
        minimum: The plan's minimum, for slices that were measured without one.
    """
    found = (one.threshold for one in metrics if one.name == "labelled" and one.slice == slice_)
    return int(next(found, None) or minimum.labels)


def _metric(rule: Rule, name: str, metrics: list[Metric]) -> Metric:
    per_column = METRICS[rule.metric].per_column
    for metric in metrics:
        if (metric.name, metric.class_name) == (rule.metric, rule.class_name) and (
            metric.column == rule.column or not per_column
        ):
            return metric
    if not metrics:
        note = "no row of the baseline or of the window is in such a slice"
    else:
        labels = METRICS[rule.metric].kind in (MetricKind.PERFORMANCE, MetricKind.TARGET)
        notes = {metric.name: metric.note for metric in metrics}
        note = (labels and notes.get("labelled")) or notes.get("rows") or "it was not measured"
    return Metric(name=rule.metric, column=rule.column, class_name=rule.class_name, slice=name, note=note)


def severity(rule: Rule, metric: Metric) -> float:
    """Return how bad a value is by the rule's conditions, to compare slices: the greater, the worse.

    Args:
        rule: The rule.
        metric: The rule's metric of a slice.
    """
    value, baseline = metric.value or 0.0, metric.baseline or 0.0
    condition = rule.red or rule.amber
    if condition is not None:
        return condition.excess(value, baseline)
    return -rule.green.excess(value, baseline) if rule.green else 0.0
