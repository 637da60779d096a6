"""A state with its reason, and how a rule's conditions give one for a metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.formatting import metric_value
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.model.conditions import Condition
    from daywatch.config.model.rule import Rule
    from daywatch.judge.reference import Reference
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


def opinion_on(rule: Rule, metric: Metric | None, title: str, reference: Reference) -> Opinion:
    """Return the state of a metric by the conditions of a rule; RED is checked first.

    Args:
        rule: The rule.
        metric: The rule's metric, None if it was not measured.
        title: The metric's name for the sentence.
        reference: What it is compared with.
    """
    if metric is None or metric.value is None:
        why = metric.note if metric is not None and metric.note else "it was not measured"
        return Opinion(State.GREY, f"{title} is unknown: {why}", f"{title} unknown")
    value = metric_value(rule.metric, metric.value)
    value_in_context = f"{value} ({reference.context})" if reference.context else value
    unknown: Opinion | None = None
    for name, condition in rule.conditions.items():
        state = State.RED if name == "red" else State.AMBER
        decisive = name != "green"
        met = condition.is_met(metric.value, reference.expected)
        if met is None:
            unknown = unknown or _unknown(title, condition, value, reference)
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


def _unknown(title: str, condition: Condition, value: str, reference: Reference) -> Opinion:
    """Return GREY for a condition that compares with nothing, with 0 in per cent, or without an interval."""
    expected = reference.expected
    if condition.of_band or (expected.value is None and reference.of_history):
        return Opinion(
            State.GREY,
            f"{title} is {value}, and cannot be compared: {reference.lacking}",
            f"{title} without history",
        )
    if expected.value is None:
        return Opinion(State.GREY, without_baseline(title, reference.lacking), f"{title} without baseline")
    if condition.percent and expected.value == 0:
        where = "before" if reference.of_history else "in the baseline"
        reason = (
            f"{title} is {value}, and 0 {where}: '{condition.text}' says nothing of 0; write it without %, "
            "or build a baseline that has a value"
        )
        return Opinion(State.GREY, reason, f"{title} 0 {where}")
    reason = f"{title} is {value}, and whether chance explains its change is unknown: there is no interval"
    return Opinion(State.GREY, reason, f"{title} without interval")
