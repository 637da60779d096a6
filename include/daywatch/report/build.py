"""Gather what the report of a window shows: evidence, verdict, history, plan, links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from daywatch.config.metrics import headline_of
from daywatch.config.model.slices import OF_VERSIONS
from daywatch.report.charts.thresholds import threshold_lines
from daywatch.report.columns import worst_columns
from daywatch.report.content import (
    HISTORY_WINDOWS,
    Counts,
    HistoryPoint,
    Link,
    Missing,
    Report,
    ReportAction,
)
from daywatch.report.spans import span_summaries
from daywatch.results import State, Verdict

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.plan import Action, Plan
    from daywatch.judge.evidence import Evidence
    from daywatch.retrain.decide import RetrainingDecision
    from daywatch.run import WindowRun
    from daywatch.warehouse.history import JudgedWindow


@dataclass(frozen=True)
class ReportSources:
    """What a report is made of.

    Attributes:
        run: Which window.
        model: Its configuration.
        evidence: What was exported, validated and measured.
        verdict: The judgement.
        before: The model's judged windows before this one, oldest first.
        earlier_state: Verdict of this window's revision before.
        retraining: What was decided.
        links: Addresses for more.
    """

    run: WindowRun
    model: MonitoredModel
    evidence: Evidence
    verdict: Verdict
    before: list[JudgedWindow]
    earlier_state: State | None
    retraining: RetrainingDecision
    links: tuple[Link, ...]


def build_report(sources: ReportSources) -> Report:
    """Return what the mail of a window shows."""
    model, evidence, verdict = sources.model, sources.evidence, sources.verdict
    metrics, counts = evidence.metrics, evidence.counts
    headline = headline_metric(model.plan, verdict)
    of_window = (one for one in metrics if not (one.slice or one.class_name))
    now = next((one for one in of_window if one.name == headline), None)
    unbroken = _unbroken(sources.before, verdict.state)
    this = HistoryPoint(
        window=sources.run.window.key,
        state=verdict.state,
        value=now.value if now else None,
        rows=counts.rows,
        labelled=counts.labelled,
    )
    failed = [result for result in evidence.validation.results if result.success is not True]
    return Report(
        model=model.model,
        namespace=model.namespace,
        owner=model.owner,
        tier=model.tier,
        description=model.description,
        task=model.output.task,
        window=sources.run.window.key,
        revision=sources.run.revision,
        baseline_id=sources.run.baseline_id,
        verdict=verdict,
        previous_state=sources.before[-1].state if sources.before else None,
        earlier_state=sources.earlier_state,
        since=unbroken[0].window if unbroken else sources.run.window.key,
        windows_in_state=len(unbroken) + 1,
        # Of slices the mail shows the bad ones; those of versions are few.
        metrics=tuple(one for one in metrics if not one.slice or one.slice.startswith(OF_VERSIONS)),
        bad_slices=evidence.measurement.bad_slices,
        findings=evidence.findings,
        failed_expectations=tuple(failed),
        counts=Counts(
            records=counts.records,
            rows=counts.rows,
            quarantined=counts.quarantined,
            unanswered=counts.unanswered,
            labelled=counts.labelled,
        ),
        headline_metric=headline,
        history=(*(_point(window, headline) for window in sources.before[-(HISTORY_WINDOWS - 1) :]), this),
        threshold_lines=threshold_lines(model.plan.rules, headline, now.baseline if now else None),
        worst_columns=worst_columns(metrics, evidence.baseline_profile, evidence.profile)
        if counts.rows
        else (),
        longer_windows=span_summaries(evidence.profile_drifts),
        action=_action(model.plan, verdict.state),
        retraining=_retraining(sources.retraining),
        missing=_missing(evidence, model),
        links=sources.links,
    )


def headline_metric(plan: Plan, verdict: Verdict) -> str:
    """Return the metric whose trend is drawn: one that made the window RED or AMBER, else the plan's first."""
    blamed = [
        rule.metric
        for rule in verdict.rules
        if rule.state is verdict.state
        and rule.state in (State.RED, State.AMBER)
        and not (rule.column or rule.class_name or rule.slice)
    ]
    of_window = (rule for rule in plan.rules if not (rule.column or rule.class_name or rule.slice))
    return headline_of(blamed or (rule.metric for rule in of_window))


def window_links(run: WindowRun, airflow_url: str, evidently_address: str) -> tuple[Link, ...]:
    """Return the addresses for more: pages of Airflow where its address is known, else of the storage."""
    if not airflow_url:
        return (Link(title="Evidently's full report", url=evidently_address),)
    page = f"{airflow_url}/daywatch/{quote(run.model)}/{quote(run.window.key)}/{quote(run.revision)}"
    return (
        Link(title="Evidently's full report", url=f"{page}/evidently.html"),
        Link(title="This report as a page", url=f"{page}/report.html"),
        Link(title="Runs in Airflow", url=f"{airflow_url}/dags/monitor__{quote(run.model)}"),
    )


def _unbroken(before: list[JudgedWindow], state: State) -> list[JudgedWindow]:
    """Return the windows just before that had the same state."""
    same: list[JudgedWindow] = []
    for window in reversed(before):
        if window.state is not state:
            break
        same.insert(0, window)
    return same


def _point(window: JudgedWindow, headline: str) -> HistoryPoint:
    return HistoryPoint(
        window=window.window,
        state=window.state,
        value=window.metrics.get(headline),
        rows=window.rows,
        labelled=window.labelled,
    )


def _action(plan: Plan, state: State) -> ReportAction | None:
    actions: dict[State, Action] = {
        State.AMBER: plan.actions.amber,
        State.RED: plan.actions.red,
        State.GREY: plan.actions.grey,
    }
    action = actions.get(state)
    return ReportAction(do=action.do, who=action.who, within_hours=action.within_hours) if action else None


def _retraining(decision: RetrainingDecision) -> str:
    """Return what retraining came of the verdict, empty for none."""
    if decision.wanted:
        return f"The plan asks for it; its run in Airflow is {decision.run_id}."
    return decision.reason if decision.version else ""


def _missing(evidence: Evidence, model: MonitoredModel) -> tuple[Missing, ...]:
    """Return what was looked for and not found."""
    counts = evidence.counts
    missing = []
    if not counts.records:
        missing.append(Missing(what="capture records", where=counts.source))
    elif model.labels is not None and not counts.labelled:
        missing.append(Missing(what="labels", where=counts.label_source))
    return tuple(missing)
