"""Performance that fell against the baseline, beyond what chance and the baseline's days explain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.metrics import LOWER_IS_BETTER
from daywatch.formatting import interval, interval_and_baseline, metric_title, metric_value
from daywatch.judge.opinion import without_baseline
from daywatch.judge.standard.view import AT_ONCE, outcome
from daywatch.measure.calibration.limits import JUDGED_PERFORMANCE
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome, Topic

if TYPE_CHECKING:
    from daywatch.judge.standard.view import StandardView

_CHANCE = {"roc_auc": 0.5}
"""What a model without any knowledge has; 0 for the others."""

_LOST = {"roc_auc": 0.5, "accuracy": 1 / 3, "mae": 1.0}
"""The share of what the baseline has beyond chance that is lost at RED; of an error, by which it grew."""


def performance_outcomes(view: StandardView) -> Iterator[RuleOutcome]:
    """Yield the metrics that fell; else the first one, as it is, or why there is none."""
    if not view.counts.label_source:
        return
    known = {one.name: one for one in view.metrics if not (one.class_name or one.column)}
    judged = [known[name] for name in JUDGED_PERFORMANCE if name in known and not view.replaced(name, "")]
    if not judged:
        return
    if lacking := view.empty or view.unlabelled:
        title = metric_title(judged[0].name)
        reason = f"{title} is not judged: {lacking.reason}"
        yield outcome(judged[0], Topic.PERFORMANCE, State.GREY, reason, lacking.short)
        return
    enough = [one for one in judged if one.value is not None and (one.rows or 0) >= view.least_labels]
    if not enough:
        title = metric_title(judged[0].name)
        why = (
            judged[0].note or f"it is of {judged[0].rows} rows, and the plan's minimum is {view.least_labels}"
        )
        yield outcome(
            judged[0], Topic.PERFORMANCE, State.GREY, f"{title} is unknown: {why}", f"{title} unknown"
        )
        return
    compared = [one for one in enough if one.baseline is not None]
    if not compared:
        title, value = metric_title(enough[0].name), metric_value(enough[0].name, enough[0].value)
        reason = without_baseline(f"{title} is {value}, and", view.no_performance)
        yield outcome(enough[0], Topic.PERFORMANCE, State.GREY, reason, f"{title} without baseline")
        return
    certain = [one for one in compared if one.difference_low is not None]
    if not certain:
        title, value = metric_title(compared[0].name), metric_value(compared[0].name, compared[0].value)
        reason = f"{title} is {value}, and cannot be compared with the baseline: of too few rows there is no interval"
        yield outcome(compared[0], Topic.PERFORMANCE, State.GREY, reason, f"{title} without interval")
        return
    fallen = [one for one in certain if one.alert and (_is_far(one) or view.is_repeated(one))]
    for metric in fallen:
        yield outcome(metric, Topic.PERFORMANCE, _state(metric), *_words(metric))
    if not fallen:
        title, value = metric_title(certain[0].name), metric_value(certain[0].name, certain[0].value)
        context = interval_and_baseline(certain[0])
        reason = f"{title} is {value} ({context})" if context else f"{title} is {value}"
        yield outcome(certain[0], Topic.PERFORMANCE, State.GREEN, reason, f"{title} {value}")


def _fall(metric: Metric) -> float:
    change = (metric.value or 0.0) - (metric.baseline or 0.0)
    return change if metric.name in LOWER_IS_BETTER else -change


def _is_far(metric: Metric) -> bool:
    """Return whether a fall is so many times as wide as its interval reaches towards no change."""
    near = metric.difference_low if metric.name in LOWER_IS_BETTER else metric.difference_high
    if near is None:
        return False
    beyond = near if metric.name in LOWER_IS_BETTER else -near
    return _fall(metric) >= AT_ONCE * (_fall(metric) - beyond)


def _state(metric: Metric) -> State:
    known = abs((metric.baseline or 0.0) - _CHANCE.get(metric.name, 0.0))
    return State.RED if _fall(metric) >= _LOST[metric.name] * known else State.AMBER


def _words(metric: Metric) -> tuple[str, str]:
    title = metric_title(metric.name)
    value, baseline = (metric_value(metric.name, one) for one in (metric.value, metric.baseline))
    verb = "rose" if metric.name in LOWER_IS_BETTER else "fell"
    spread = interval(metric)
    reason = f"{title} {verb} from {baseline} to {value}{f' ({spread})' if spread else ''}, more than chance explains"
    return reason, f"{title} {value} (baseline {baseline})"
