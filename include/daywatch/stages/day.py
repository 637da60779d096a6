"""The day of one model without Airflow: the same stages in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.artifacts import BaselineFolder
from daywatch.engine.settings import scratch_folder
from daywatch.preload import preload_beside
from daywatch.results import Verdict
from daywatch.run import StageRun, WindowRun
from daywatch.stages.decide_retraining import decide_retraining
from daywatch.stages.export import exporting
from daywatch.stages.judge import judge
from daywatch.stages.measure import measure
from daywatch.stages.notify import notify
from daywatch.stages.record import record
from daywatch.stages.report import report
from daywatch.stages.validate import validate
from daywatch.stages.workspace import Fetched
from daywatch.storage import open_storage
from daywatch.warehouse.baselines import current_baseline

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.window import Window

Announce = Callable[[str], None]
"""Called with what comes next before it starts: a stage's name, or the names of two that run at once."""


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
    libraries = preload_beside()
    announce("export")
    try:
        with (
            _baseline_beside(model, deployment) as baseline,
            exporting(model, window, deployment, known_on) as begun,
        ):
            libraries.result()
            announce("validate, measure")
            run, local = begun.run, {**begun.local, **baseline()}
            validated, measured = _held_against_references(run, deployment, local)
            exported = begun.told.result()
    finally:
        # After a failure too: the next model's run would import the same packages from another end.
        libraries.result()
    announce("judge")
    stages = [exported, validated, measured, judge(run, deployment)]
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


@contextmanager
def _baseline_beside(model: str, deployment: Deployment) -> Iterator[Callable[[], Fetched]]:
    """Fetch what a window is held against while its own rows are read; the call waits for it."""
    folder = BaselineFolder(model, current_baseline(deployment.warehouse_url, model))
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with scratch_folder(deployment.engine) as scratch, ThreadPoolExecutor(1) as beside:

        def fetch() -> Fetched:
            found = {}
            for key in (folder.inferences, folder.operations):
                # One that is not there is missed by the stage that needs it, which says what to do.
                with suppress(FileNotFoundError):
                    target = scratch / Path(key).name
                    artifacts.download(key, target)
                    found[key] = target
            return found

        yield beside.submit(fetch).result


def _held_against_references(
    run: WindowRun, deployment: Deployment, local: Fetched
) -> tuple[StageRun, StageRun]:
    """Validate and measure at once: both need the window's rows only, and neither keeps all processors busy."""
    with ThreadPoolExecutor(1) as beside:
        validated = beside.submit(validate, run, deployment, local)
        measured = measure(run, deployment, local)
        return validated.result(), measured
