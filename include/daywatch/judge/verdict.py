"""Apply the plan's rules to the metrics; the worst outcome is the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.judge.causes.candidates import Lacking
from daywatch.judge.causes.rank import ranked_causes
from daywatch.judge.faults import BY_DEFAULT, data_faults
from daywatch.judge.groups import group_outcome
from daywatch.judge.minimum import too_few_labels, too_few_rows
from daywatch.judge.rule_outcomes import RuleView, rule_outcome
from daywatch.judge.standard.outcomes import standard_outcomes
from daywatch.judge.standard.view import StandardView
from daywatch.measure.service.past_windows import PastWindows
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome, Verdict, VerdictCause, causes_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daywatch.config.model.plan import Plan
    from daywatch.config.model.rule import Rule
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.measure.causes.diagnosis import Diagnosis
    from daywatch.measure.drift.profile_drift import ProfileDrift
    from daywatch.results import Finding
    from daywatch.window import Window


_NOTHING_DUE = "No rule of the plan is due: those that there are are reviewed weekly or monthly"


def judge(
    plan: Plan,
    metrics: Iterable[Metric],
    counts: ExportCounts,
    drifts: Iterable[ProfileDrift] = (),
    findings: Iterable[Finding] = (),
    past: PastWindows | None = None,
    window: Window | None = None,
    no_performance: str = "",
    diagnoses: Iterable[Diagnosis] = (),
) -> Verdict:
    """Judge a window.

    Args:
        plan: The model's plan.
        metrics: The metrics, with ``rows``, ``records``, ``labelled`` and ``labelled_share`` among them.
        counts: Counts of the export: where it looked, and what became of the records and labels.
        drifts: Drift of longer windows and against other baselines.
        findings: The findings, of which the faults of the data are judged, whether the plan has a rule on them or not.
        past: What is known of the windows before: for the standard rules, and for rules that compare with them.
        window: The window, None where nothing says which one it is.
        no_performance: Why the baseline has no performance, empty where it has one.
        diagnoses: What the search for causes found.
    """
    findings = tuple(findings)
    past = past or PastWindows()
    faults = data_faults(findings)
    all_metrics = tuple(metrics)
    measured = {
        (metric.name, metric.column or metric.class_name): metric
        for metric in all_metrics
        if not metric.slice
    }
    empty = too_few_rows(plan.minimum, measured, counts)
    unlabelled = too_few_labels(plan.minimum, measured, counts, past.expected_labels)
    rules = RuleView(
        minimum=plan.minimum,
        metrics=all_metrics,
        measured=measured,
        counts=counts,
        drifts=tuple(drifts),
        faults=tuple(faults),
        empty=empty,
        no_performance=no_performance,
        past=past,
        window=window,
    )
    due = plan.due_rules(window)
    groups = [group for group in plan.together if group.is_due(window)]
    outcomes = (
        *(rule_outcome(rule, rules) for rule in (*due, *_implied(due, faults))),
        *(group_outcome(group, rules) for group in groups),
    )
    if plan.is_standard:
        view = StandardView(
            metrics=tuple(measured.values()),
            findings=findings,
            counts=counts,
            alerts_before=past.alerts,
            empty=empty,
            unlabelled=unlabelled,
            replaced=plan.replaces,
            least_labels=plan.minimum.labels,
            no_performance=no_performance,
            excuses_volume=plan.excuses_volume(window),
        )
        outcomes += standard_outcomes(view)
    state = max((outcome.state for outcome in outcomes), default=State.GREY)
    causes = ranked_causes(outcomes, faults, Lacking(empty, unlabelled), diagnoses)
    if empty is not None and state <= State.GREY:
        return Verdict(
            state=State.GREY, reasons=(empty.reason,), short=empty.short, rules=outcomes, causes=causes
        )
    if not outcomes:
        return Verdict(state=State.GREY, reasons=(_NOTHING_DUE,), short="no rule is due", rules=())
    leading = causes_first(outcomes) or list(outcomes)
    words = [*_words_of(causes, leading), *((one.reason, one.short) for one in leading)]
    reasons = tuple(dict.fromkeys(reason for reason, _ in words))
    return Verdict(state=state, reasons=reasons, short=words[0][1], rules=outcomes, causes=causes)


def _words_of(causes: Iterable[VerdictCause], outcomes: Iterable[RuleOutcome]) -> Iterator[tuple[str, str]]:
    """Yield the reasons of RED and AMBER causes, long and short; faults of the data are one."""
    faults = next((one for one in outcomes if one.metric == FAULTS_METRIC), None)
    for cause in causes:
        if cause.metric == FAULTS_METRIC and faults is not None:
            yield faults.reason, faults.short
        elif cause.state is not State.GREY:
            yield cause.sentence, cause.short


def _implied(due: Iterable[Rule], faults: list[Finding]) -> tuple[Rule, ...]:
    """Return the rule on faults of the data where no rule that is due is on them, and there are faults."""
    return (BY_DEFAULT,) if faults and not any(rule.metric == FAULTS_METRIC for rule in due) else ()
