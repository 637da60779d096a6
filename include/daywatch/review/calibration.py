"""The thresholds of a plan on stored quiet windows: how often each would have been an alarm, and what would be rare."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import P_VALUES
from daywatch.judge.faults import data_faults
from daywatch.judge.reference import robust_deviation
from daywatch.results import Record, State
from daywatch.review.proposals import Threshold, proposed, rounded
from daywatch.review.stored import judged_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.conditions import Condition
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.rule import Rule
    from daywatch.judge.evidence import Evidence
    from daywatch.verdicts import RuleOutcome, Verdict

_RARER = 10
"""A RED threshold is met so many times more rarely than an AMBER one."""

LEAST = 10
"""With fewer quiet windows, nothing is proposed."""


class Calibrated(Record):
    """The thresholds of a plan on stored history.

    Attributes:
        model: Name of the model.
        windows: Windows of the history.
        quiet: Those without a fault of the data that were not RED: the thresholds are compared with them.
        false_alarms: The share of quiet windows in which one threshold may be an alarm.
        thresholds: The thresholds, those of people's rules first.
    """

    model: str
    windows: int
    quiet: int
    false_alarms: float
    thresholds: tuple[Threshold, ...]


def calibrate_plan(
    model: MonitoredModel, last: int, false_alarms: float, deployment: Deployment
) -> Calibrated:
    """Compare each threshold of a model's plan with its stored quiet windows. Writes nothing.

    Args:
        model: The model's configuration.
        last: Number of windows at most.
        false_alarms: The share of quiet windows in which one threshold may be AMBER; a tenth of it for RED.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        SetupError: No window of the model was judged.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    windows = list(judged_again(model, last, deployment))
    quiet = [
        (one.evidence, now)
        for one, now in windows
        if now is not None
        and one.evidence is not None
        and one.was.state is not State.RED
        and not data_faults(one.evidence.findings)
    ]
    written = thresholds_of(model.plan.rules, [now for _, now in quiet], false_alarms)
    found = [*written, *_of_baseline(model, quiet)]
    return Calibrated(
        model=model.model,
        windows=len(windows),
        quiet=len(quiet),
        false_alarms=false_alarms,
        thresholds=tuple(found),
    )


def thresholds_of(rules: Sequence[Rule], verdicts: Sequence[Verdict], false_alarms: float) -> list[Threshold]:
    """Return the thresholds of rules on quiet windows; bands learn by themselves and are left out.

    Args:
        rules: The rules.
        verdicts: The verdicts of the quiet windows by these rules.
        false_alarms: The share of quiet windows in which one threshold may be AMBER; a tenth of it for RED.
    """
    found = []
    for rule in rules:
        outcomes = [one for now in verdicts for one in now.rules if one.rule == rule.text]
        for level, condition in rule.conditions.items():
            if not condition.of_band:
                rate = false_alarms / _RARER if level == "red" else false_alarms
                found.append(_of_condition(rule, str(level), condition, outcomes, rate))
    return found


def _of_condition(
    rule: Rule, level: str, condition: Condition, outcomes: Sequence[RuleOutcome], rate: float
) -> Threshold:
    """Compare one condition with the quiet windows, by how far each value is in its direction."""
    found = [(_distance(condition, one), one.found or one.state) for one in outcomes]
    distances = [one for one, _ in found if one is not None]
    alarm = level != "green"
    if condition.beyond_chance:  # only the verdict knows the interval
        worst = State.RED if level == "red" else State.AMBER
        now = sum(state >= worst for one, state in found if one is not None)
    else:
        bound = condition.bound if _is_upward(condition) else -condition.bound
        strict = condition.comparison in (">", "<")
        beyond = sum(one > bound if strict else one >= bound for one in distances)
        now = beyond if alarm else len(distances) - beyond
    threshold = Threshold(
        target=rule.target,
        level=level,
        condition=condition.text,
        windows=len(distances),
        alarms=now,
    )
    if len(distances) < LEAST:
        return threshold
    limit = rarely(distances if alarm else [-one for one in distances], rate)
    limit = rounded(limit if alarm else -limit, up=alarm)
    rare = proposed(condition, limit if _is_upward(condition) else -limit)
    too_often = now > rate * len(distances)
    return threshold.model_copy(update={"rare": rare, "proposed": rare if too_often else ""})


def _is_upward(condition: Condition) -> bool:
    """Return whether a greater number is further in the condition's direction: changes always are."""
    return condition.relative or condition.comparison in (">", ">=")


def _distance(condition: Condition, outcome: RuleOutcome) -> float | None:
    """Return how far a value is in a condition's direction, None where there is nothing to compare."""
    if outcome.value is None:
        return None
    if condition.beyond_chance and outcome.state is State.GREY:
        return None
    if not condition.relative:
        return outcome.value if _is_upward(condition) else -outcome.value
    if outcome.baseline is None or (condition.percent and outcome.baseline == 0):
        return None
    change = condition.change(outcome.value, outcome.baseline)
    return change / abs(outcome.baseline) if condition.percent else change


def rarely(values: Sequence[float], rate: float) -> float:
    """Return the number that a normal window exceeds as rarely as wanted.

    It is the greater of the quantile of the values and of the median plus as many robust standard deviations as a
    normal distribution has at that quantile: few windows say little of what is rare.

    Args:
        values: The values of quiet windows, at least one.
        rate: The share of windows that may exceed it.
    """
    from scipy.stats import norm

    middle = median(values)
    spread = robust_deviation([abs(one - middle) for one in values])
    allowed = math.floor(rate * len(values))
    quantile = sorted(values, reverse=True)[allowed]
    return max(quantile, middle + float(norm.isf(rate)) * spread)


def _of_baseline(model: MonitoredModel, quiet: Sequence[tuple[Evidence, Verdict]]) -> list[Threshold]:
    """Return the thresholds that the baseline gives, of a plan with the standard rules."""
    if not model.plan.is_standard:
        return []
    values: dict[tuple[str, str], list[tuple[float, float, bool, str]]] = {}
    for evidence, _ in quiet:
        for one in evidence.metrics:
            if one.slice or one.class_name or one.threshold is None or one.value is None:
                continue
            if not model.plan.replaces(one.name, one.column):
                known = values.setdefault((one.name, one.column), [])
                known.append((one.value, one.threshold, bool(one.alert), one.method))
    found = []
    for (name, column), measured in values.items():
        alarms = sum(alert for _, _, alert, _ in measured)
        method = measured[-1][3]
        sign = "<" if method in P_VALUES or name in ("roc_auc", "accuracy", "volume_change") else ">"
        found.append(
            Threshold(
                target=f"{name}({column})" if column else name,
                level="standard",
                condition=f"{sign} {median(limit for _, limit, _, _ in measured):.3g}",
                windows=len(measured),
                alarms=alarms,
            )
        )
    return sorted(found, key=lambda one: (-one.alarms, one.target))
