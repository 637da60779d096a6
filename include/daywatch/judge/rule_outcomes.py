"""The outcome of each rule that people wrote: on the window, a class, a slice, or longer windows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.config.model.slices import ANY
from daywatch.formatting import metric_title, over_span, plural
from daywatch.ingest.intake_sentences import lost_records
from daywatch.judge.faults import opinion_on_faults
from daywatch.judge.minimum import too_few_labels, too_few_rows_behind
from daywatch.judge.opinion import Opinion, opinion_on
from daywatch.judge.persistence import persisted
from daywatch.judge.reference import Reference, reference_of
from daywatch.judge.slices import class_metrics, least_labels, severity, slice_metrics
from daywatch.judge.spans import span_metric
from daywatch.measure.service.metric_history import key_of
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.model.plan import Minimum
    from daywatch.config.model.rule import Rule
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.judge.minimum import Measured
    from daywatch.measure.drift.profile_drift import ProfileDrift
    from daywatch.measure.service.past_windows import PastWindows
    from daywatch.results import Finding
    from daywatch.window import Window

_ALWAYS_JUDGED = (MetricKind.INTAKE, MetricKind.OPERATIONS)
"""Kinds of metrics that are judged with any number of rows."""

_OF_LABELS = (MetricKind.PERFORMANCE, MetricKind.TARGET)

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


@dataclass(frozen=True)
class RuleView:
    """What the rules that people wrote see of a window.

    Attributes:
        minimum: The plan's minimum of evidence.
        metrics: All metrics, those of slices among them.
        measured: The metrics of the whole window, by name and by column or class.
        counts: The counts of the export.
        drifts: Drift of longer windows and against other baselines.
        faults: The faults of the data.
        empty: Why the window's rows cannot be judged, None if there are enough.
        no_performance: Why the baseline has no performance, empty where it has one.
        past: What is known of the windows before.
        window: The window, None where nothing says which one it is.
    """

    minimum: Minimum
    metrics: tuple[Metric, ...]
    measured: Measured
    counts: ExportCounts
    drifts: tuple[ProfileDrift, ...]
    faults: tuple[Finding, ...]
    empty: Opinion | None
    no_performance: str
    past: PastWindows
    window: Window | None

    def reference(self, rule: Rule, metric: Metric | None) -> Reference:
        """Return what a rule compares a metric with."""
        if metric is None or metric.value is None:
            return Reference()
        of_performance = METRICS[rule.metric].kind is MetricKind.PERFORMANCE
        history = next((one for one in self.past.metrics if one.key == key_of(rule)), None)
        why = self.no_performance if of_performance else ""
        return reference_of(rule, metric, history, self.window, why)


def rule_outcome(rule: Rule, view: RuleView) -> RuleOutcome:
    """Apply a rule.

    Args:
        rule: The rule.
        view: What it sees of the window.
    """
    if rule.metric == FAULTS_METRIC:
        return _faults_outcome(rule, view)
    if rule.span:
        return _span_outcome(rule, view)
    if rule.slice:
        return _worst_outcome(rule, slice_metrics(rule, view.metrics), view, "slice")
    if rule.class_name == ANY:
        return _worst_outcome(rule, class_metrics(rule, view.measured.values()), view, "class")
    return _window_outcome(rule, view)


def _faults_outcome(rule: Rule, view: RuleView) -> RuleOutcome:
    title = metric_title(FAULTS_METRIC)
    opinion = opinion_on_faults(rule, list(view.faults))
    if view.empty is not None:
        opinion = Opinion(State.GREY, f"{title} is not judged: {view.empty.reason}", view.empty.short)
    return _outcome(rule, Metric(name=FAULTS_METRIC, value=len(view.faults)), opinion, view)


def _window_outcome(rule: Rule, view: RuleView) -> RuleOutcome:
    """Apply a rule on the whole window, or say which evidence it lacks."""
    about = rule.column or rule.class_name
    metric = view.measured.get((rule.metric, about)) or _by_name_alone(rule, view.measured)
    opinion = _opinion(rule, metric, metric_title(rule.metric, about), view)
    lost = lost_records(view.counts)
    if rule.metric in _OF_QUARANTINE and opinion.state is not State.GREEN and lost:
        opinion = replace(opinion, reason=f"{opinion.reason}; {lost}")
    return _outcome(rule, metric, opinion, view)


def _opinion(rule: Rule, metric: Metric | None, title: str, view: RuleView) -> Opinion:
    """Return the state of a metric of the window or of a class, GREY where it has too little evidence."""
    kind = METRICS[rule.metric].kind
    lacking = None if kind in _ALWAYS_JUDGED else view.empty
    if lacking is None and (kind in _OF_LABELS or rule.column == "label"):
        lacking = too_few_labels(view.minimum, view.measured, view.counts, view.past.expected_labels)
    if lacking is None and kind is MetricKind.PERFORMANCE:
        lacking = too_few_rows_behind(view.minimum.labels, metric)
    if lacking is not None:
        return Opinion(State.GREY, f"{title} is not judged: {lacking.reason}", lacking.short)
    return opinion_on(rule, metric, title, view.reference(rule, metric))


def _span_outcome(rule: Rule, view: RuleView) -> RuleOutcome:
    """Apply a rule on longer windows or other baselines to the drift of profiles."""
    over, against = rule.span or (None, None)
    metric = span_metric(rule, view.minimum, view.drifts)
    title = over_span(metric_title(rule.metric, rule.column), over, against)
    opinion = opinion_on(rule, metric, title, view.reference(rule, metric))
    return _outcome(rule, metric, opinion, view).model_copy(update={"over": over, "against": against})


def _worst_outcome(rule: Rule, metrics: list[Metric], view: RuleView, noun: str) -> RuleOutcome:
    """Apply a rule to one slice, or to each of all slices or classes: the worst that has evidence counts then."""
    opinions = [(_opinion_of_part(rule, metric, view), metric) for metric in metrics]
    judged = [one for one in opinions if one[0].state is not State.GREY] or opinions
    worst, metric = max(judged, key=lambda one: (one[0].state, severity(rule, one[1])))
    others = sum(opinion.state is worst.state for opinion, _ in judged) - 1
    if view.empty is not None:
        reason = f"{_title(rule, rule.slice, rule.class_name)} is not judged: {view.empty.reason}"
        worst = Opinion(State.GREY, reason, view.empty.short)
    elif others and worst.state >= State.AMBER:
        many = "other classes" if noun == "class" else ""
        reason = f"{worst.reason}; {plural(others, f'other {noun}', many)} {worst.state} too"
        worst = Opinion(worst.state, reason, worst.short)
    return _outcome(rule, metric, worst, view)


def _opinion_of_part(rule: Rule, metric: Metric, view: RuleView) -> Opinion:
    title = _title(rule, metric.slice, metric.class_name)
    if not metric.slice:
        return _opinion(rule, metric, title, view)
    of_performance = METRICS[rule.metric].kind is MetricKind.PERFORMANCE
    minimum = least_labels(metric.slice, view.metrics, view.minimum)
    if of_performance and (lacking := too_few_rows_behind(minimum, metric)) is not None:
        return Opinion(State.GREY, f"{title} is not judged: {lacking.reason}", lacking.short)
    return opinion_on(rule, metric, title, view.reference(rule, metric))


def _title(rule: Rule, slice_: str, class_name: str) -> str:
    about = rule.column or ("any class" if class_name == ANY else class_name)
    return metric_title(rule.metric, about, "any slice" if slice_ == ANY else slice_)


def _by_name_alone(rule: Rule, measured: Measured) -> Metric | None:
    """Return the metric of a rule without a column, where the metric names its column: prediction drift."""
    if rule.column or rule.class_name:
        return None
    found: Iterable[Metric] = (metric for (name, _), metric in measured.items() if name == rule.metric)
    return next(iter(found), None)


def _outcome(rule: Rule, metric: Metric | None, opinion: Opinion, view: RuleView) -> RuleOutcome:
    of_class = metric.class_name if metric and rule.class_name == ANY else rule.class_name
    reference = view.reference(rule, metric)
    outcome = RuleOutcome(
        rule=rule.text,
        metric=rule.metric,
        column=rule.column,
        class_name=of_class,
        slice=metric.slice if metric else "",
        value=metric.value if metric else None,
        baseline=reference.baseline if reference.of_history else metric and metric.baseline,
        compared=rule.compared,
        state=opinion.state,
        reason=opinion.reason,
        short=opinion.short,
        topic=_TOPICS[METRICS[rule.metric].kind],
    )
    return persisted(rule, outcome, view.past.outcomes_of(rule.text), reference.expected)
