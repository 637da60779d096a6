"""The stage ``measure``: the window compared with its baseline."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.measure.calibration.limits import Calibration
from daywatch.measure.columns.unlisted_categories import unlisted_categories
from daywatch.measure.versions import ComparedFiles
from daywatch.profiles.profile import Profile, SliceProfiles, profile_rows, profile_slices
from daywatch.run import StageRun, WindowRun
from daywatch.stages.measure_service import measure_service, with_service
from daywatch.stages.workspace import StageClock, open_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.measure.window import MeasureResult
    from daywatch.stages.workspace import Fetched, Workspace


def measure(run: WindowRun, deployment: Deployment, fetched: Fetched | None = None) -> StageRun:
    """Measure drift, performance, operations and captures, profile the columns, and render Evidently's report.

    Args:
        run: The window's run.
        deployment: Addresses and connections of storage and warehouse.
        fetched: Local copies of artifacts, which need no download.

    Raises:
        SetupError: A file of the baseline is not there.
        InfrastructureError: The storage did not answer.
    """
    clock = StageClock("measure", f"{run.model} {run.window}")
    from daywatch.measure.window import measure_window

    with (
        open_workspace(run, deployment, fetched) as workspace,
        ThreadPoolExecutor(1, "daywatch-service") as pool,
    ):
        files = _fetch_files(workspace)
        service = pool.submit(copy_context().run, measure_service, workspace, files)
        baseline = workspace.read(Profile, run.baseline.profile)
        calibration = _calibration(workspace)
        # Evidently's report is rendered while the other results are computed.
        with measure_window(
            files.baseline,
            files.window,
            workspace.model,
            workspace.scratch,
            baseline,
            deployment.library_patches,
            calibration,
            _performance_rows(workspace),
        ) as measured:
            profile = _store_profiles(workspace, files.window, baseline, measured)
            unlisted = unlisted_categories(files.baseline, baseline, profile, workspace.scratch)
            of_rows = measured.measurement.model_copy(update={"unlisted_categories": unlisted})
            measurement = with_service(workspace, of_rows, service.result(), files, calibration)
        workspace.artifacts.upload(measured.html, run.folder.evidently_html)
        workspace.artifacts.upload(measured.snapshot, run.folder.evidently_json)
        workspace.write(measurement, run.folder.measurement)
        size = measured.html.stat().st_size
    drifted = next((one.value for one in measurement.metrics if one.name == "drifted_columns"), None)
    return clock.done(
        f"{len(measurement.metrics)} metrics, {drifted or 0:.0f} columns drifted, {len(measurement.findings)} findings",
        metrics=len(measurement.metrics),
        findings=len(measurement.findings),
        report_bytes=size,
    )


def _fetch_files(workspace: Workspace) -> ComparedFiles:
    """Fetch the files of baseline and window."""
    run = workspace.run
    baseline, window, operations = workspace.fetch_all(
        {
            run.baseline.inferences: "baseline.parquet",
            run.folder.inferences: "inferences.parquet",
            run.folder.operations: "operations.parquet",
        }
    )
    return ComparedFiles(baseline, window, operations, _baseline_operations(workspace))


def _baseline_operations(workspace: Workspace) -> Path:
    """Fetch the operations of the baseline's requests."""
    run = workspace.run
    try:
        return workspace.fetch(run.baseline.operations, "baseline_operations.parquet")
    except FileNotFoundError as error:
        msg = (
            f"The baseline {run.baseline_id} of {run.model!r} does not say how it was served: "
            f"{workspace.artifacts.address(run.baseline.operations)} is not there. Run the DAG baseline__{run.model} "
            f"or `daywatch baseline --model {run.model}` to write it; the baseline keeps its id."
        )
        raise SetupError(msg) from error


def _performance_rows(workspace: Workspace) -> Path | None:
    """Fetch the rows that the baseline has its performance from, None where it has its own, or none yet."""
    run = workspace.run
    if workspace.model.baseline.dataset is None or not workspace.artifacts.exists(run.baseline.performance):
        return None
    return workspace.fetch(run.baseline.performance, "baseline_performance.parquet")


def _calibration(workspace: Workspace) -> Calibration | None:
    """Read the baseline's calibration; None for a plan without the standard rules."""
    run = workspace.run
    if not workspace.model.plan.is_standard:
        return None
    try:
        return workspace.read(Calibration, run.baseline.calibration)
    except FileNotFoundError as error:
        msg = (
            f"The baseline {run.baseline_id} of {run.model!r} is not calibrated, and the plan has the standard rules: "
            f"{workspace.artifacts.address(run.baseline.calibration)} is not there. Run the DAG baseline__{run.model} "
            f"or `daywatch baseline --model {run.model}` to write it; the baseline keeps its id."
        )
        raise SetupError(msg) from error


def _store_profiles(workspace: Workspace, rows: Path, baseline: Profile, measured: MeasureResult) -> Profile:
    """Store the profiles of the window and of its slices, and return the window's.

    Args:
        workspace: The stage's workspace.
        rows: Canonical Parquet of the window.
        baseline: Profile of the baseline; the window's histograms have its edges.
        measured: What was measured of the rows already.
    """
    run, model = workspace.run, workspace.model
    profile = profile_rows(rows, model, baseline, measured.profiled)
    sliced = SliceProfiles(slices=profile_slices(rows, model, measured.slice_rows, baseline))
    workspace.write(profile, run.folder.profile)
    workspace.artifacts.write(run.folder.slice_profiles, sliced.model_dump_json().encode())
    return profile
