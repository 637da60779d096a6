"""A state with its reason, and how a rule's conditions give one for a metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.formatting import interval_and_baseline, metric_value
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.model.conditions import Condition
    from daywatch.config.model.rule import Rule
    from daywatch.results import Metric


@dataclass(frozen=True)
class Opinion:
    """A state with its reason.

    Attributes:
        state: The state.
        reason: The reason in one sentence with the numbers.
        short: The reason in a few words.
    """

    state: State
    reason: str
    short: str


def opinion_on(rule: Rule, metric: Metric | None, title: str, no_baseline: str = "") -> Opinion:
    """Return the state of a metric by the conditions of a rule; RED is checked first.

    Args:
        rule: The rule.
        metric: The rule's metric, None if it was not measured.
        title: The metric's name for the sentence.
        no_baseline: Why the baseline does not have the metric, empty where nothing more is known.
    """
    if metric is None or metric.value is None:
        why = metric.note if metric is not None and metric.note else "it was not measured"
        return Opinion(State.GREY, f"{title} is unknown: {why}", f"{title} unknown")
    value = metric_value(rule.metric, metric.value)
    context = interval_and_baseline(metric)
    value_in_context = f"{value} ({context})" if context else value
    checks = (
        (State.RED, rule.red, True, "red"),
        (State.AMBER, rule.amber, True, "amber"),
        (State.AMBER, rule.green, False, "green"),
    )
    unknown: Opinion | None = None
    for state, condition, decisive, name in checks:
        if condition is None:
            continue
        met = condition.is_met(metric.value, metric.baseline)
        if met is None:
            unknown = unknown or _without_baseline(title, condition, metric, value, no_baseline)
        elif met is decisive:
            limit = f"{name} {condition.text}" if decisive else f"{name} only {condition.text}"
            return Opinion(state, f"{title} is {value_in_context}: {limit}", f"{title} {value} ({limit})")
    return unknown or Opinion(State.GREEN, f"{title} is {value_in_context}", f"{title} {value}")


def without_baseline(title: str, why: str) -> str:
    """Return the sentence about a metric that nothing can be compared with.

    Args:
        title: The metric's name, as the start of a sentence.
        why: Why the baseline does not have it, empty where nothing more is known.
    """
    return f"{title} has no baseline to compare with{f': {why}' if why else ''}"


def _without_baseline(
    title: str, condition: Condition, metric: Metric, value: str, no_baseline: str
) -> Opinion:
    """Return GREY for a condition that compares with nothing, or with 0 in per cent."""
    if metric.baseline is None:
        return Opinion(State.GREY, without_baseline(title, no_baseline), f"{title} without baseline")
    reason = (
        f"{title} is {value}, and 0 in the baseline: '{condition.text}' says nothing of 0; write it without %, "
        "or build a baseline that has a value"
    )
    return Opinion(State.GREY, reason, f"{title} 0 in the baseline")
