"""The stage ``report``: the content of the mail, stored as data, as a page and as a mail ready to send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from daywatch.incidents.news import IncidentOfWindow, WindowNews, news_of
from daywatch.judge.evidence import read_evidence
from daywatch.report.build import ReportSources, build_report
from daywatch.report.content import HISTORY_WINDOWS, ReportIncident
from daywatch.report.links import incident_page, window_links
from daywatch.retrain.evidence import Trigger
from daywatch.run import StageRun, WindowRun
from daywatch.stages.decide_retraining import decision_of
from daywatch.stages.rollout import judge_versions
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import earlier_state, judged_windows
from daywatch.warehouse.later_windows import history_of_run, store_reported
from daywatch.warehouse.retrainings import stored_decision

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.judge.evidence import Evidence
    from daywatch.report.content import Report
    from daywatch.report.render import RenderedReport
    from daywatch.stages.workspace import Workspace


def report(run: WindowRun, deployment: Deployment) -> StageRun:
    """Build and render the window's report.

    Args:
        run: The window's run.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("report", f"{run.model} {run.window}")
    while True:
        with transaction(deployment.warehouse_url) as connection:
            history = history_of_run(connection, run)
        rendered = _report(run, deployment)
        with transaction(deployment.warehouse_url) as connection:
            store_reported(connection, run, history)
            # A window before may have been recorded meanwhile, which changed the verdict.
            if history_of_run(connection, run) == history:
                break
    size = len(rendered.html.encode()) + sum(len(image.png) for image in rendered.images)
    return clock.done(f"a page of {size / 1000:.0f} kB, {rendered.subject}", bytes=size)


def _report(run: WindowRun, deployment: Deployment) -> RenderedReport:
    """Build, render and store the report of the verdict that is stored now."""
    from daywatch.report.render import render, standalone_html

    with transaction(deployment.warehouse_url) as connection:
        # More windows than the chart shows, so that the report counts all windows in the same state.
        before = judged_windows(connection, run.model, before=run.window.start, limit=10 * HISTORY_WINDOWS)
        news = news_of(connection, run.model, run.window, run.window.end)
        earlier = earlier_state(connection, run.model, run.window, run.revision)
        decided = stored_decision(connection, run, Trigger.VERDICT)
    with open_workspace(run, deployment) as workspace:
        rollout = judge_versions(run, workspace.model, deployment)
        verdict = workspace.read(Verdict, run.folder.verdict)
        sources = ReportSources(
            run=run,
            model=workspace.model,
            evidence=read_evidence(run, workspace.artifacts, workspace.model),
            verdict=verdict,
            before=before,
            earlier_state=earlier,
            retraining=None if decided is None else decision_of(decided),
            links=window_links(
                run,
                deployment.airflow_url,
                workspace.artifacts.address(run.folder.evidently_html),
                _open_incident(news),
            ),
            incidents=tuple(_incident(one, deployment.airflow_url) for one in news.incidents),
            rollout=rollout,
        )
        content = build_report(sources)
        rendered = render(content)
        workspace.write(content, run.folder.report)
        workspace.artifacts.write(run.folder.report_html, standalone_html(rendered).encode())
        workspace.artifacts.write(run.folder.report_text, rendered.text.encode())
        workspace.write(rendered, run.folder.mail)
        if workspace.model.model_monitor.files:
            _write_monitor_files(sources.evidence, workspace)
        _put_above_evidently(content, workspace)
    return rendered


def _write_monitor_files(evidence: Evidence, workspace: Workspace) -> None:
    """Write the window's results as the files of SageMaker Model Monitor."""
    from daywatch.report.model_monitor.constraints import constraints_of
    from daywatch.report.model_monitor.statistics import statistics_of
    from daywatch.report.model_monitor.violations import violations_of

    folder, model = workspace.run.folder, workspace.model
    for key, content in (
        (folder.constraint_violations, violations_of(evidence, model)),
        (folder.statistics, statistics_of(evidence.profile, evidence.findings)),
        (folder.constraints, constraints_of(evidence.validation.results, model)),
    ):
        written = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        workspace.artifacts.write(key, written.encode())


def _open_incident(news: WindowNews) -> str:
    """Return the id of the window's worst open incident that nothing explains, empty for none."""
    return next((one.incident_id for one in news.incidents if one.is_open), "")


def _incident(one: IncidentOfWindow, airflow_url: str) -> ReportIncident:
    """Return an incident as the mail of a window shows it."""
    page = incident_page(airflow_url)
    return ReportIncident(
        sentence=one.sentence,
        state=one.state,
        first=one.first_key,
        happened=str(one.happened or "").replace("_", " "),
        is_open=one.is_open,
        acknowledged_by=one.acknowledged_by,
        models=one.models,
        link=f"{page}{one.incident_id}" if page else "",
    )


def _put_above_evidently(content: Report, workspace: Workspace) -> None:
    """Put the verdict above Evidently's page, which was stored before there was a verdict."""
    from daywatch.report.evidently_page import with_verdict

    key = workspace.run.folder.evidently_html
    page = workspace.artifacts.read(key).decode()
    workspace.artifacts.write(key, with_verdict(page, content).encode())
