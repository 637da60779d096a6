"""The plan's thresholds of a metric as heights in its trend chart."""

from __future__ import annotations

from collections.abc import Iterable

from daywatch.config.model.rule import Rule
from daywatch.report.figures import ThresholdLine
from daywatch.results import State


def threshold_lines(rules: Iterable[Rule], metric: str, baseline: float | None) -> tuple[ThresholdLine, ...]:
    """Return the thresholds of a metric of the whole window, in the order of the plan.

    Args:
        rules: The plan's rules.
        metric: Name of the metric that the trend shows.
        baseline: Value on the baseline; without it, conditions relative to the baseline have no height.
    """
    lines = []
    for rule in rules:
        if rule.metric != metric or rule.column or rule.class_name or rule.slice or rule.span:
            continue
        named = ((State.GREEN, rule.green), (State.AMBER, rule.amber), (State.RED, rule.red))
        for state, condition in named:
            if condition:
                limits = condition.limits(baseline)
                lines += [ThresholdLine(state=state, value=value, text=condition.text) for value in limits]
    return tuple(lines)
