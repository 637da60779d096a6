"""The day of one model without Airflow: the same stages in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.artifacts import BaselineFolder
from daywatch.engine.settings import scratch_folder
from daywatch.preload import preload_beside
from daywatch.retrain.evidence import Request
from daywatch.run import StageRun, WindowRun
from daywatch.stages.decide_retraining import decide_retraining
from daywatch.stages.export import export_in_progress
from daywatch.stages.judge import judge
from daywatch.stages.measure import measure
from daywatch.stages.notify import notify
from daywatch.stages.record import record
from daywatch.stages.report import report
from daywatch.stages.validate import validate
from daywatch.stages.workspace import Fetched, check_ended
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.warehouse.baselines import current_baseline

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.window import Window

Announce = Callable[[str], None]
"""Called before a stage starts, with its name, or with the names of two that run at the same time."""


def run_window(
    model: str,
    window: Window,
    deployment: Deployment,
    announce: Announce,
    mail_at: datetime | None = None,
    known_on: date | None = None,
    *,
    backfill: bool = False,
) -> tuple[WindowRun, Verdict]:
    """Run all stages of a window.

    Args:
        model: Name of the model.
        window: The interval to judge.
        deployment: Addresses and connections of captures, labels, artifacts, warehouse and mail server.
        announce: Called before each stage.
        mail_at: Date of the mail that is sent if the verdict calls for one; None to send no mail.
        known_on: Judge as it was known on this day; None to use all that is known.
        backfill: Whether the window is one of a past that is judged as a whole, which is a digest and no mail.

    Returns:
        What names the window's artifacts, and its verdict.
    """
    check_ended(window, "The day")
    run, exported, validated, measured = _export_validate_measure(
        model, window, deployment, announce, known_on
    )
    announce("judge")
    judged = judge(run, deployment)
    announce("record")
    recorded = record(run, [exported, validated, measured, judged], deployment)
    announce("decide_retraining")
    decide_retraining(run, deployment, Request(at=mail_at or datetime.now(UTC)))
    announce("report")
    reported = report(run, deployment)
    if mail_at is not None:
        announce("notify")
        notify(run, [recorded, reported], deployment, mail_at, backfill=backfill)
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    return run, Verdict.model_validate_json(artifacts.read(run.folder.verdict))


def _export_validate_measure(
    model: str, window: Window, deployment: Deployment, announce: Announce, known_on: date | None
) -> tuple[WindowRun, StageRun, StageRun, StageRun]:
    """Run the stages that read the window's rows; validate and measure work on the local files of export."""
    libraries = preload_beside()
    announce("export")
    try:
        with (
            _baseline_files(model, window, deployment) as baseline_files,
            export_in_progress(model, window, deployment, known_on) as begun,
        ):
            libraries.result()
            announce("validate, measure")
            local = {**begun.local, **baseline_files()}
            validated, measured = _validate_and_measure(begun.run, deployment, local)
            return begun.run, begun.stage_run.result(), validated, measured
    finally:
        # After a failure too: otherwise the next model's run imports the same packages at the same time.
        libraries.result()


@contextmanager
def _baseline_files(model: str, window: Window, deployment: Deployment) -> Iterator[Callable[[], Fetched]]:
    """Download the baseline's files while the window's rows are exported; the yielded call waits for them."""
    folder = BaselineFolder(model, current_baseline(deployment.warehouse_url, model, window))
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with scratch_folder(deployment.engine) as scratch, ThreadPoolExecutor(1) as pool:

        def fetch() -> Fetched:
            found = {}
            for key in (folder.inferences, folder.operations):
                # The stage that needs a file which is not there says what to do.
                with suppress(FileNotFoundError):
                    target = scratch / Path(key).name
                    artifacts.download(key, target)
                    found[key] = target
            return found

        yield pool.submit(fetch).result


def _validate_and_measure(
    run: WindowRun, deployment: Deployment, local: Fetched
) -> tuple[StageRun, StageRun]:
    """Validate and measure at the same time: both need only the window's rows, and neither uses all processors."""
    with ThreadPoolExecutor(1) as pool:
        validated = pool.submit(validate, run, deployment, local)
        measured = measure(run, deployment, local)
        return validated.result(), measured
