"""Apply the plan's rules to the metrics; the worst outcome is the verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, MetricKind
from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.config.model.slices import ANY
from daywatch.formatting import metric_title, over_span, plural
from daywatch.ingest.intake_sentences import lost_records
from daywatch.judge.causes.rank import Lacking, ranked_causes
from daywatch.judge.faults import BY_DEFAULT, data_faults, opinion_on_faults
from daywatch.judge.minimum import too_few_labels, too_few_rows, too_few_rows_behind
from daywatch.judge.opinion import Opinion, opinion_on
from daywatch.judge.slices import severity, slice_metrics
from daywatch.judge.spans import span_metric
from daywatch.judge.standard.outcomes import standard_outcomes
from daywatch.judge.standard.view import StandardView
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome, Topic, Verdict, causes_first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.model.plan import Minimum, Plan, Rule
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.judge.minimum import Measured
    from daywatch.measure.drift.profile_drift import ProfileDrift
    from daywatch.results import Finding

_ALWAYS_JUDGED = (MetricKind.INTAKE, MetricKind.OPERATIONS)
"""Kinds of metrics that are judged with any number of rows."""

_TOPICS = {
    MetricKind.INTAKE: Topic.DATA,
    MetricKind.DATA: Topic.DATA,
    MetricKind.DRIFT: Topic.DRIFT,
    MetricKind.TARGET: Topic.DRIFT,
    MetricKind.PERFORMANCE: Topic.PERFORMANCE,
    MetricKind.OPERATIONS: Topic.SERVICE,
}

_OF_QUARANTINE = ("quarantined", "quarantined_share")
"""Metrics whose reason also says why records were quarantined."""


def judge(
    plan: Plan,
    metrics: Iterable[Metric],
    counts: ExportCounts,
    drifts: Iterable[ProfileDrift] = (),
    findings: Iterable[Finding] = (),
    alerts_before: tuple[tuple[str, ...], ...] = (),
    no_performance: str = "",
) -> Verdict:
    """Judge a window.

    Args:
        plan: The model's plan.
        metrics: The metrics, with ``rows``, ``records``, ``labelled`` and ``labelled_share`` among them.
        counts: Counts of the export: where it looked, and what became of the records and labels.
        drifts: Drift of longer windows and against other baselines.
        findings: The findings, of which the faults of the data are judged, whether the plan has a rule on them or not.
        alerts_before: What stood out in each of the two windows before, for the standard rules.
        no_performance: Why the baseline has no performance, empty where it has one.
    """
    findings = tuple(findings)
    faults = data_faults(findings)
    spans, all_metrics = tuple(drifts), tuple(metrics)
    measured = {
        (metric.name, metric.column or metric.class_name): metric
        for metric in all_metrics
        if not metric.slice
    }
    empty = too_few_rows(plan.minimum, measured, counts)
    unlabelled = too_few_labels(plan.minimum, measured, counts)
    outcomes = tuple(
        _faults_outcome(rule, faults, empty)
        if rule.metric == FAULTS_METRIC
        else _span_outcome(rule, plan.minimum, spans)
        if rule.span
        else _slice_outcome(rule, slice_metrics(rule, all_metrics), empty, no_performance)
        if rule.slice
        else _window_outcome(rule, plan.minimum, measured, empty, counts, no_performance)
        for rule in (*plan.rules, *_implied(plan, faults))
    )
    if plan.is_standard:
        view = StandardView(
            metrics=tuple(measured.values()),
            findings=findings,
            counts=counts,
            alerts_before=alerts_before,
            empty=empty,
            unlabelled=unlabelled,
            replaced=plan.replaces,
            least_labels=plan.minimum.labels,
            no_performance=no_performance,
        )
        outcomes += standard_outcomes(view)
    state = max((outcome.state for outcome in outcomes), default=State.GREY)
    causes = ranked_causes(outcomes, faults, Lacking(empty, unlabelled))
    if empty is not None and state <= State.GREY:
        return Verdict(
            state=State.GREY, reasons=(empty.reason,), short=empty.short, rules=outcomes, causes=causes
        )
    leading = causes_first(outcomes) or list(outcomes)
    reasons = tuple(dict.fromkeys(outcome.reason for outcome in leading))
    return Verdict(state=state, reasons=reasons, short=leading[0].short, rules=outcomes, causes=causes)


def _implied(plan: Plan, faults: list[Finding]) -> tuple[Rule, ...]:
    """Return the rule on faults of the data where the plan has none and there are faults."""
    return (BY_DEFAULT,) if faults and not any(rule.metric == FAULTS_METRIC for rule in plan.rules) else ()


def _faults_outcome(rule: Rule, faults: list[Finding], empty: Opinion | None) -> RuleOutcome:
    title = metric_title(FAULTS_METRIC)
    opinion = opinion_on_faults(rule, faults)
    if empty is not None:
        opinion = Opinion(State.GREY, f"{title} is not judged: {empty.reason}", empty.short)
    return _outcome(rule, Metric(name=FAULTS_METRIC, value=len(faults)), opinion)


def _window_outcome(
    rule: Rule,
    minimum: Minimum,
    measured: Measured,
    empty: Opinion | None,
    counts: ExportCounts,
    no_performance: str,
) -> RuleOutcome:
    """Apply a rule on the whole window, or say which evidence it lacks."""
    kind = METRICS[rule.metric].kind
    about = rule.column or rule.class_name
    metric = measured.get((rule.metric, about)) or _by_name_alone(rule, measured)
    title = metric_title(rule.metric, about)
    lacking = None if kind in _ALWAYS_JUDGED else empty
    if lacking is None and kind in (MetricKind.PERFORMANCE, MetricKind.TARGET):
        lacking = too_few_labels(minimum, measured, counts)
    if lacking is None and kind is MetricKind.PERFORMANCE:
        lacking = too_few_rows_behind(minimum, metric)
    if lacking is not None:
        opinion = Opinion(State.GREY, f"{title} is not judged: {lacking.reason}", lacking.short)
    else:
        opinion = opinion_on(rule, metric, title, no_performance if kind is MetricKind.PERFORMANCE else "")
    lost = lost_records(counts)
    if rule.metric in _OF_QUARANTINE and opinion.state is not State.GREEN and lost:
        opinion = replace(opinion, reason=f"{opinion.reason}; {lost}")
    return _outcome(rule, metric, opinion)


def _span_outcome(rule: Rule, minimum: Minimum, drifts: tuple[ProfileDrift, ...]) -> RuleOutcome:
    """Apply a rule on longer windows or other baselines to the drift of profiles."""
    over, against = rule.span or (None, None)
    metric = span_metric(rule, minimum, drifts)
    opinion = opinion_on(rule, metric, over_span(metric_title(rule.metric, rule.column), over, against))
    return _outcome(rule, metric, opinion).model_copy(update={"over": over, "against": against})


def _slice_outcome(
    rule: Rule, metrics: list[Metric], empty: Opinion | None, no_performance: str
) -> RuleOutcome:
    """Apply a rule to one slice, or to each of all slices: the worst slice that has evidence counts then."""
    why = no_performance if METRICS[rule.metric].kind is MetricKind.PERFORMANCE else ""
    opinions = [(opinion_on(rule, metric, _title_in(rule, metric.slice), why), metric) for metric in metrics]
    judged = [one for one in opinions if one[0].state is not State.GREY] or opinions
    worst, metric = max(judged, key=lambda one: (one[0].state, severity(rule, one[1])))
    others = sum(opinion.state is worst.state for opinion, _ in judged) - 1
    if empty is not None:
        reason = f"{_title_in(rule, rule.slice)} is not judged: {empty.reason}"
        worst = Opinion(State.GREY, reason, empty.short)
    elif others and worst.state >= State.AMBER:
        reason = f"{worst.reason}; {plural(others, 'other slice')} {worst.state} too"
        worst = Opinion(worst.state, reason, worst.short)
    return _outcome(rule, metric, worst)


def _title_in(rule: Rule, slice_: str) -> str:
    return metric_title(rule.metric, rule.column or rule.class_name, "any slice" if slice_ == ANY else slice_)


def _by_name_alone(rule: Rule, measured: Measured) -> Metric | None:
    """Return the metric of a rule without a column, where the metric names its column: prediction drift."""
    if rule.column or rule.class_name:
        return None
    return next((metric for (name, _), metric in measured.items() if name == rule.metric), None)


def _outcome(rule: Rule, metric: Metric | None, opinion: Opinion) -> RuleOutcome:
    return RuleOutcome(
        rule=rule.text,
        metric=rule.metric,
        column=rule.column,
        class_name=rule.class_name,
        slice=metric.slice if metric else "",
        value=metric.value if metric else None,
        baseline=metric.baseline if metric else None,
        state=opinion.state,
        reason=opinion.reason,
        short=opinion.short,
        topic=_TOPICS[METRICS[rule.metric].kind],
    )
