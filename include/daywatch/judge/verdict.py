"""Hold the plan's rules against what was measured; the worst outcome is the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, Kind
from daywatch.judge.conditions import holds
from daywatch.numbers import metric_value
from daywatch.results import Metric, RuleOutcome, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.plan import Minimum, Plan, Rule

_ALWAYS_JUDGED = (Kind.INTAKE, Kind.OPERATIONS)
"""Kinds that say something on any number of rows."""

_WORST_FIRST = (State.RED, State.AMBER, State.GREY, State.GREEN)
"""GREY is worse than GREEN: what was not measured is not well."""


@dataclass(frozen=True)
class _Said:
    """A state with its reason, in a sentence and in a few words."""

    state: State
    reason: str
    short: str


def judge(plan: Plan, metrics: Iterable[Metric], source: str) -> Verdict:
    """Judge a window.

    Args:
        plan: The model's plan.
        metrics: What was measured; ``rows``, ``records``, ``labelled`` and ``labelled_share`` are among them.
        source: Where captures were looked for, for the sentence of an empty day.
    """
    measured = {(metric.name, metric.column): metric for metric in metrics if not metric.slice}
    empty = _too_few_rows(plan.minimum, measured, source)
    outcomes = tuple(_outcome(rule, plan.minimum, measured, empty) for rule in plan.rules)
    worst = sorted(outcomes, key=lambda outcome: _WORST_FIRST.index(outcome.state))
    state = worst[0].state
    if empty is not None and state in (State.GREY, State.GREEN):
        return Verdict(state=State.GREY, reasons=(empty.reason,), short=empty.short, rules=outcomes)
    telling = [outcome for outcome in worst if outcome.state is not State.GREEN] or worst
    reasons = tuple(dict.fromkeys(outcome.reason for outcome in telling))
    return Verdict(state=state, reasons=reasons, short=telling[0].short, rules=outcomes)


def _too_few_rows(minimum: Minimum, measured: dict[tuple[str, str], Metric], source: str) -> _Said | None:
    """Return why nothing can be judged, None where there are rows enough."""
    rows = int(measured["rows", ""].value or 0)
    if not measured["records", ""].value:
        return _Said(State.GREY, f"no captures under {source}", "no captures")
    if rows < minimum.rows:
        reason = f"{rows} rows, fewer than the plan's minimum of {minimum.rows}"
        return _Said(State.GREY, reason, f"{rows} rows < {minimum.rows}")
    return None


def _too_few_labels(minimum: Minimum, measured: dict[tuple[str, str], Metric]) -> _Said | None:
    """Return why performance cannot be judged, None where there are labels enough."""
    labelled = int(measured["labelled", ""].value or 0)
    share = measured["labelled_share", ""].value or 0.0
    if labelled < minimum.labels:
        reason = f"{labelled} labelled rows, fewer than the plan's minimum of {minimum.labels}"
        return _Said(State.GREY, reason, f"{labelled} labels < {minimum.labels}" if labelled else "no labels")
    if share < minimum.label_share:
        reason = (
            f"{share:.0%} of rows are labelled, less than the plan's minimum of {minimum.label_share:.0%}"
        )
        return _Said(State.GREY, reason, f"labels {share:.0%}")
    return None


def _outcome(
    rule: Rule, minimum: Minimum, measured: dict[tuple[str, str], Metric], empty: _Said | None
) -> RuleOutcome:
    """Hold one rule against the metrics, or say what evidence it lacks."""
    definition = METRICS[rule.metric]
    metric = measured.get((rule.metric, rule.column)) or _named_by_metric_alone(rule, measured)
    title = f"{definition.title} of {rule.column}" if rule.column else definition.title
    lacking = None if definition.kind in _ALWAYS_JUDGED else empty
    if lacking is None and definition.kind in (Kind.PERFORMANCE, Kind.TARGET):
        lacking = _too_few_labels(minimum, measured)
    if lacking is not None:
        said = _Said(State.GREY, f"{title} is not judged: {lacking.reason}", lacking.short)
    else:
        said = _compare(rule, metric, title)
    return RuleOutcome(
        rule=rule.text,
        metric=rule.metric,
        column=rule.column,
        value=metric.value if metric else None,
        baseline=metric.baseline if metric else None,
        state=said.state,
        reason=said.reason,
        short=said.short,
    )


def _named_by_metric_alone(rule: Rule, measured: dict[tuple[str, str], Metric]) -> Metric | None:
    """Return a metric of the whole window that says from which column it was taken: prediction drift."""
    if rule.column:
        return None
    return next((metric for (name, _), metric in measured.items() if name == rule.metric), None)


def _compare(rule: Rule, metric: Metric | None, title: str) -> _Said:
    """Return what a rule says about its metric; RED is looked at first."""
    if metric is None or metric.value is None:
        why = metric.note if metric is not None and metric.note else "it was not measured"
        return _Said(State.GREY, f"{title} is unknown: {why}", f"{title} unknown")
    value = metric_value(rule.metric, metric.value)
    beside = (
        f" (baseline {metric_value(rule.metric, metric.baseline)})" if metric.baseline is not None else ""
    )
    tried = (
        (State.RED, rule.red, True, "red"),
        (State.AMBER, rule.amber, True, "amber"),
        (State.AMBER, rule.green, False, "green"),
    )
    for state, condition, wanted, name in tried:
        if condition is None:
            continue
        met = holds(condition, metric)
        if met is None:
            return _Said(State.GREY, f"{title} has no baseline to compare with", f"{title} without baseline")
        if met is wanted:
            limit = f"{name} {condition.text}" if wanted else f"{name} only {condition.text}"
            return _Said(state, f"{title} is {value}{beside}: {limit}", f"{title} {value} ({limit})")
    return _Said(State.GREEN, f"{title} is {value}{beside}", f"{title} {value}")
