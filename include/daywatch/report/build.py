"""Build the content of a window's report from evidence, verdict, history and plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daywatch.config.model.slices import OF_VERSIONS
from daywatch.formatting import plural
from daywatch.report.charts.thresholds import threshold_lines
from daywatch.report.columns import worst_columns
from daywatch.report.content import Link, Missing, Report, ReportAction, ReportCounts, ReportIncident
from daywatch.report.figures import HistoryPoint
from daywatch.report.spans import span_summaries
from daywatch.report.trend import (
    bad_run,
    headline_metric,
    history_points,
    metric_of_window,
    windows_in_state,
)
from daywatch.results import State
from daywatch.retrain.decide import Answer, RetrainingDecision
from daywatch.verdicts import Verdict
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.plan import Action, Plan
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.judge.evidence import Evidence
    from daywatch.report.figures import ColumnComparison
    from daywatch.rollout.verdict import RolloutVerdict
    from daywatch.run import WindowRun
    from daywatch.warehouse.history import JudgedWindow


@dataclass(frozen=True)
class ReportSources:
    """What a report is made of.

    Attributes:
        run: The window's run.
        model: The model's configuration.
        evidence: What was exported, validated and measured.
        verdict: The window's verdict.
        before: The model's judged windows before this one, oldest first.
        earlier_state: Verdict of this window's previous revision, None where this is its first.
        retraining: The decision on retraining, None where there is none.
        links: Links to details.
        incidents: The incidents that are open in the window or that it closed, the worst first.
        rollout: Verdict on two versions that serve at once, None without a rollout.
    """

    run: WindowRun
    model: MonitoredModel
    evidence: Evidence
    verdict: Verdict
    before: list[JudgedWindow]
    earlier_state: State | None
    retraining: RetrainingDecision | None
    links: tuple[Link, ...]
    incidents: tuple[ReportIncident, ...] = ()
    rollout: RolloutVerdict | None = None


def build_report(sources: ReportSources) -> Report:
    """Return the content of a window's report.

    Args:
        sources: What the report is made of.
    """
    run, model, evidence, verdict = sources.run, sources.model, sources.evidence, sources.verdict
    failed = [result for result in evidence.validation.results if result.success is not True]
    return Report(
        model=model.model,
        namespace=model.namespace,
        owner=model.owner,
        tier=model.tier,
        description=model.description,
        task=model.output.task,
        derivation=model.output.derivation,
        window=run.window.key,
        revision=run.revision,
        baseline_id=run.baseline_id,
        verdict=verdict,
        previous_state=sources.before[-1].state if sources.before else None,
        earlier_state=sources.earlier_state,
        # Of slices the mail shows the bad ones; those of versions are few.
        metrics=tuple(one for one in evidence.metrics if not one.slice or one.slice.startswith(OF_VERSIONS)),
        incidents=sources.incidents,
        bad_slices=evidence.measurement.bad_slices,
        findings=evidence.findings,
        failed_expectations=tuple(failed),
        counts=_counts(evidence),
        quarantine=evidence.counts.quarantine,
        **_trend(sources),
        worst_columns=_worst_columns(evidence, verdict, model),
        longer_windows=span_summaries(evidence.profile_drifts),
        action=_action(model.plan, verdict.state),
        retraining=_retraining(sources.retraining),
        missing=_missing(evidence, model),
        rollout=sources.rollout,
        links=sources.links,
    )


def _counts(evidence: Evidence) -> ReportCounts:
    counts = evidence.counts
    return ReportCounts(
        records=counts.records,
        rows=counts.rows,
        quarantined=counts.quarantined,
        rows_quarantined=counts.rows_quarantined,
        unanswered=counts.unanswered,
        filtered=counts.filtered,
        labelled=counts.labelled,
        labels_quarantined=counts.labels_quarantined,
    )


def _trend(sources: ReportSources) -> dict[str, Any]:
    """Return the fields of the report that are about this window and those before it."""
    plan, counts = sources.model.plan, sources.evidence.counts
    headline = headline_metric(plan, sources.verdict)
    metric = metric_of_window(sources.evidence.metrics, headline)
    this = HistoryPoint(
        window=sources.run.window.key,
        state=sources.verdict.state,
        value=metric.value if metric else None,
        rows=counts.rows,
        labelled=counts.labelled,
    )
    in_state = windows_in_state(sources.before, this)
    return {
        **_recovery(sources),
        "since": in_state[0],
        "windows_in_state": len(in_state),
        "headline_metric": headline,
        "history": history_points(sources.before, headline, this),
        "threshold_lines": threshold_lines(plan.rules, headline, metric.baseline if metric else None),
    }


def _recovery(sources: ReportSources) -> dict[str, Any]:
    """Return the fields on what a GREEN window recovered from."""
    run = bad_run(sources.before)
    if sources.verdict.state is not State.GREEN or not run:
        return {}
    first = Window.parse(run[0].window).first
    return {
        "recovered_from": max(window.state for window in run),
        "bad_since": run[0].window,
        "bad_days": (sources.run.window.first - first).days,
    }


def _worst_columns(
    evidence: Evidence, verdict: Verdict, model: MonitoredModel
) -> tuple[ColumnComparison, ...]:
    if not evidence.counts.rows:
        return ()
    unlisted: dict[str, dict[str, int]] = {}
    for one in evidence.measurement.unlisted_categories:
        unlisted.setdefault(one.column, {})[one.category] = one.rows
    failing = [rule.column for rule in verdict.rules if rule.state is verdict.state and rule.column]
    blamed = failing if verdict.failing is not None else []
    # A baseline from a data set has labels also where nobody collects any later.
    metrics = [one for one in evidence.metrics if one.column != "label" or model.labels is not None]
    return worst_columns(metrics, evidence.baseline_profile, evidence.profile, unlisted, blamed)


def _action(plan: Plan, state: State) -> ReportAction | None:
    actions: dict[State, Action] = {
        State.AMBER: plan.actions.amber,
        State.RED: plan.actions.red,
        State.GREY: plan.actions.grey,
    }
    action = actions.get(state)
    return ReportAction(do=action.do, who=action.who, within_hours=action.within_hours) if action else None


def _retraining(decision: RetrainingDecision | None) -> str:
    """Return the decision on retraining as a sentence, empty where nobody asked for one."""
    if decision is None:
        return ""
    if decision.answer is Answer.YES:
        return f"The plan asks for it; its run in Airflow is {decision.run_id}."
    if decision.answer is Answer.ASK:
        return f"It waits for a person to approve it in Airflow, in the run {decision.run_id}."
    asked = next((one for one in decision.conditions if one.name == "asked"), None)
    return f"No. {decision.reason}" if asked is not None and asked.met else ""


def _missing(evidence: Evidence, model: MonitoredModel) -> tuple[Missing, ...]:
    """Return the evidence that is missing, and where it was expected."""
    counts = evidence.counts
    if not counts.rows:
        return (Missing(what=_missing_rows(counts), where=counts.source),)
    if model.labels is not None and not counts.labelled:
        return (Missing(what="labels", where=counts.label_place),)
    return ()


def _missing_rows(counts: ExportCounts) -> str:
    """Return why there are no rows: no records, or records that gave none."""
    if not counts.records:
        return "capture records"
    lost = [
        f"{number:,} {fate}"
        for number, fate in (
            (counts.quarantined, "quarantined"),
            (counts.unanswered, "without an answer"),
            (counts.duplicates, "seen twice"),
            (counts.filtered, "filtered by capture.where"),
        )
        if number
    ]
    return f"rows: of {plural(counts.records, 'record')} read, {', '.join(lost)}"
