"""The stage ``report``: what the mail shows, stored as a page and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.judge.evidence import read_evidence
from daywatch.report.build import ReportSources, build_report, window_links
from daywatch.report.content import HISTORY_WINDOWS
from daywatch.results import Verdict
from daywatch.retrain.decide import decide
from daywatch.run import StageRun, WindowRun
from daywatch.stages.workspace import StageClock, workplace
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import earlier_state, judged_windows
from daywatch.warehouse.retrainings import trained_version

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment


def report(run: WindowRun, deployment: Deployment) -> StageRun:
    """Build and render the window's report: the page, and what a mail of it holds.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("report", f"{run.model} {run.window}")
    from daywatch.report.render import render, standalone_html

    with transaction(deployment.warehouse_url) as connection:
        # More windows than are drawn, so that a long unbroken run is told as long as it is.
        before = judged_windows(connection, run.model, before=run.window.start, limit=10 * HISTORY_WINDOWS)
        earlier = earlier_state(connection, run.model, run.window, run.revision)
        # This revision's own training may end while the report is written; the report does not depend on that.
        trained = trained_version(connection, run.model, run.window, other_than=run.revision)
    with workplace(run, deployment) as place:
        verdict = Verdict.model_validate_json(place.artifacts.read(run.folder.verdict))
        sources = ReportSources(
            run=run,
            model=place.model,
            evidence=read_evidence(run, place.artifacts),
            verdict=verdict,
            before=before,
            earlier_state=earlier,
            retraining=decide(run, verdict, place.model, trained),
            links=window_links(
                run, deployment.airflow_url, place.artifacts.address(run.folder.evidently_html)
            ),
        )
        content = build_report(sources)
        rendered = render(content)
        place.artifacts.write(run.folder.report, content.model_dump_json(indent=1).encode())
        place.artifacts.write(run.folder.report_html, standalone_html(rendered).encode())
        place.artifacts.write(run.folder.report_text, rendered.text.encode())
        place.artifacts.write(run.folder.mail, rendered.model_dump_json(indent=1).encode())
    size = len(rendered.html.encode()) + sum(len(image.png) for image in rendered.images)
    return clock.done(f"a page of {size / 1000:.0f} kB, {rendered.subject}", bytes=size)
