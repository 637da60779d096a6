"""Hold the plan's rules against what was measured; the worst outcome is the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, MetricKind
from daywatch.config.model.slices import ANY
from daywatch.formatting import beside, metric_title, metric_value, over_span, plural
from daywatch.judge.conditions import holds
from daywatch.judge.slices import badness, slice_metrics
from daywatch.judge.spans import span_metric
from daywatch.results import Metric, RuleOutcome, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.model.plan import Minimum, Plan, Rule
    from daywatch.ingest.labels.counts import ExpectedLabels
    from daywatch.measure.drift.profile_drift import ProfileDrift

_ALWAYS_JUDGED = (MetricKind.INTAKE, MetricKind.OPERATIONS)
"""Kinds that say something on any number of rows."""

_WORST_FIRST = (State.RED, State.AMBER, State.GREY, State.GREEN)
"""GREY is worse than GREEN: what was not measured is not well."""

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class _Said:
    """A state with its reason, in a sentence and in a few words."""

    state: State
    reason: str
    short: str


def judge(
    plan: Plan,
    metrics: Iterable[Metric],
    source: str,
    expected: ExpectedLabels | None = None,
    drifts: Iterable[ProfileDrift] = (),
) -> Verdict:
    """Judge a window.

    Args:
        plan: The model's plan.
        metrics: What was measured; ``rows``, ``records``, ``labelled`` and ``labelled_share`` are among them.
        source: Where captures were looked for, for the sentence of an empty day.
        expected: By when earlier windows had their labels, where those of this one are not mature.
        drifts: Drift of longer windows and against other baselines.
    """
    spans, all_metrics = tuple(drifts), tuple(metrics)
    measured = {
        (metric.name, metric.column or metric.class_name): metric
        for metric in all_metrics
        if not metric.slice
    }
    empty = _too_few_rows(plan.minimum, measured, source)
    outcomes = tuple(
        _span_outcome(rule, plan.minimum, spans)
        if rule.span
        else _slice_outcome(rule, slice_metrics(rule, all_metrics), empty)
        if rule.slice
        else _outcome(rule, plan.minimum, measured, empty, expected)
        for rule in plan.rules
    )
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


def _too_few_labels(
    minimum: Minimum, measured: dict[tuple[str, str], Metric], expected: ExpectedLabels | None
) -> _Said | None:
    """Return why performance cannot be judged, None where there are labels enough."""
    labelled = int(measured["labelled", ""].value or 0)
    share = measured["labelled_share", ""].value or 0.0
    if share < minimum.label_share:
        # Cut, not rounded: 79.6 % is not the 80 % that the plan asks for.
        mature = f"{math.floor(share * 100)} %"
        reason = f"labels {mature} mature, {_expectation(minimum.label_share, expected)}"
        return _Said(State.GREY, reason, f"labels {mature} mature" if labelled else "no labels")
    if labelled < minimum.labels:
        reason = f"{labelled} labelled rows, fewer than the plan's minimum of {minimum.labels}"
        return _Said(State.GREY, reason, f"{labelled} labels < {minimum.labels}" if labelled else "no labels")
    return None


def _expectation(floor: float, expected: ExpectedLabels | None) -> str:
    """Say by when earlier windows had the share that the plan asks for."""
    asked = f"the plan's minimum is {floor * 100:g} %"
    if expected is None:
        return f"{asked}; no earlier window tells by when to expect that"
    day = f"{expected.by.day} {_MONTHS[expected.by.month - 1]}"
    told = f"expected {math.floor(expected.share * 100)} % by {day}"
    if expected.share < floor:
        return f"{told}, and no more than that; {asked}"
    return f"{told}; {asked}"


def _outcome(
    rule: Rule,
    minimum: Minimum,
    measured: dict[tuple[str, str], Metric],
    empty: _Said | None,
    expected: ExpectedLabels | None,
) -> RuleOutcome:
    """Hold one rule against the metrics, or say what evidence it lacks."""
    definition = METRICS[rule.metric]
    about = rule.column or rule.class_name
    metric = measured.get((rule.metric, about)) or _named_by_metric_alone(rule, measured)
    title = metric_title(rule.metric, about)
    lacking = None if definition.kind in _ALWAYS_JUDGED else empty
    if lacking is None and definition.kind in (MetricKind.PERFORMANCE, MetricKind.TARGET):
        lacking = _too_few_labels(minimum, measured, expected)
    if lacking is not None:
        said = _Said(State.GREY, f"{title} is not judged: {lacking.reason}", lacking.short)
    else:
        said = _compare(rule, metric, title)
    return RuleOutcome(
        rule=rule.text,
        metric=rule.metric,
        column=rule.column,
        class_name=rule.class_name,
        value=metric.value if metric else None,
        baseline=metric.baseline if metric else None,
        state=said.state,
        reason=said.reason,
        short=said.short,
    )


def _span_outcome(rule: Rule, minimum: Minimum, drifts: tuple[ProfileDrift, ...]) -> RuleOutcome:
    """Hold a rule on longer windows or other baselines against what profiles tell."""
    over, against = rule.span or (None, None)
    metric = span_metric(rule, minimum, drifts)
    said = _compare(rule, metric, over_span(metric_title(rule.metric, rule.column), over, against))
    return RuleOutcome(
        rule=rule.text,
        metric=rule.metric,
        column=rule.column,
        over=over,
        against=against,
        value=metric.value,
        baseline=metric.baseline,
        state=said.state,
        reason=said.reason,
        short=said.short,
    )


def _slice_outcome(rule: Rule, metrics: list[Metric], empty: _Said | None) -> RuleOutcome:
    """Hold a rule against one slice, or against all of them: the worst that has evidence then counts."""
    said = [(_compare(rule, metric, _title_in(rule, metric.slice)), metric) for metric in metrics]
    judged = [one for one in said if one[0].state is not State.GREY] or said
    worst, metric = min(judged, key=lambda one: (_WORST_FIRST.index(one[0].state), -badness(rule, one[1])))
    others = sum(one.state is worst.state for one, _ in judged) - 1
    if empty is not None:
        reason = f"{_title_in(rule, rule.slice)} is not judged: {empty.reason}"
        worst = _Said(State.GREY, reason, empty.short)
    elif others and worst.state in (State.RED, State.AMBER):
        reason = f"{worst.reason}; {plural(others, 'other slice')} {worst.state} too"
        worst = _Said(worst.state, reason, worst.short)
    return RuleOutcome(
        rule=rule.text,
        metric=rule.metric,
        column=rule.column,
        class_name=rule.class_name,
        slice=metric.slice,
        value=metric.value,
        baseline=metric.baseline,
        state=worst.state,
        reason=worst.reason,
        short=worst.short,
    )


def _title_in(rule: Rule, slice_: str) -> str:
    return metric_title(rule.metric, rule.column or rule.class_name, "any slice" if slice_ == ANY else slice_)


def _named_by_metric_alone(rule: Rule, measured: dict[tuple[str, str], Metric]) -> Metric | None:
    """Return a metric of the whole window that says from which column it was taken: prediction drift."""
    if rule.column or rule.class_name:
        return None
    return next((metric for (name, _), metric in measured.items() if name == rule.metric), None)


def _compare(rule: Rule, metric: Metric | None, title: str) -> _Said:
    """Return what a rule says about its metric; RED is looked at first."""
    if metric is None or metric.value is None:
        why = metric.note if metric is not None and metric.note else "it was not measured"
        return _Said(State.GREY, f"{title} is unknown: {why}", f"{title} unknown")
    value = metric_value(rule.metric, metric.value)
    told = beside(metric)
    shown = f"{value} ({told})" if told else value
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
            return _Said(state, f"{title} is {shown}: {limit}", f"{title} {value} ({limit})")
    return _Said(State.GREEN, f"{title} is {shown}", f"{title} {value}")
