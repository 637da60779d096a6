"""The day of one model without Airflow: the same stages, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from daywatch.capture.stage import export
from daywatch.judge.stage import judge
from daywatch.measure.stage import measure
from daywatch.notify.stage import notify
from daywatch.report.stage import report
from daywatch.results import Verdict
from daywatch.retrain.stage import decide_retraining
from daywatch.run import StageRun, WindowRun
from daywatch.storage import open_storage
from daywatch.validation.stage import validate
from daywatch.warehouse.stage import record

if TYPE_CHECKING:
    from daywatch.config.deployment import Deployment
    from daywatch.window import Window

Announce = Callable[[str], None]
"""Called with a stage's name before it starts."""

STAGES = ("export", "validate", "measure", "judge", "record", "report", "decide_retraining", "notify")


def run_window(
    model: str,
    window: Window,
    deployment: Deployment,
    announce: Announce,
    mail_at: datetime | None = None,
    known_on: date | None = None,
) -> tuple[WindowRun, Verdict]:
    """Run all stages of a window.

    Args:
        model: Whose window.
        window: Which.
        deployment: Where everything is.
        announce: Told what comes next.
        mail_at: Send the mail if the verdict asks for one, dated so; None for no mail.
        known_on: Judge as it was known on this day; None for all that is known.

    Returns:
        What names the window's artifacts, and its verdict.
    """
    announce("export")
    run, exported = export(model, window, deployment, known_on)
    stages = [exported, *_middle(run, deployment, announce)]
    announce("record")
    stages = [record(run, stages, deployment)]
    announce("report")
    stages.append(report(run, deployment))
    announce("decide_retraining")
    decide_retraining(run, deployment)
    if mail_at is not None:
        announce("notify")
        notify(run, stages, deployment, mail_at)
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    return run, Verdict.model_validate_json(artifacts.read(run.folder.verdict))


def _middle(run: WindowRun, deployment: Deployment, announce: Announce) -> Iterator[StageRun]:
    """Run the stages that only look at the window's folder."""
    for stage in (validate, measure, judge):
        announce(stage.__name__)
        yield stage(run, deployment)
