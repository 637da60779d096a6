"""The stage ``measure``: the window compared with its baseline and with the windows before it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.measure.calibration.limits import Calibration
from daywatch.measure.columns.unlisted_categories import unlisted_categories
from daywatch.measure.drift.daily_profiles import DailyProfiles
from daywatch.measure.drift.profile_drift import ProfileDrifts, profile_drifts
from daywatch.measure.drift.spans import days_before
from daywatch.measure.service.metric_history import needed_days
from daywatch.measure.service.past_windows import PastWindows
from daywatch.measure.versions import ComparedFiles
from daywatch.profiles.profile import Profile, SliceProfiles, profile_rows, profile_slices
from daywatch.run import StageRun, WindowRun
from daywatch.stages.measure_service import measure_service, with_service
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.warehouse.database import transaction
from daywatch.warehouse.past_metrics import metric_histories
from daywatch.warehouse.past_outcomes import past_outcomes
from daywatch.warehouse.past_windows import past_windows
from daywatch.warehouse.profiles import profiles_of

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
        InfrastructureError: The storage or the warehouse did not answer.
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
            past = _past_windows(workspace)
            workspace.write(_profile_drifts(workspace, profile, baseline, past), run.folder.profile_drift)
            unlisted = unlisted_categories(files.baseline, baseline, profile, workspace.scratch)
            of_rows = measured.measurement.model_copy(update={"unlisted_categories": unlisted})
            measurement = with_service(workspace, of_rows, service.result(), files, past, calibration)
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


def _past_windows(workspace: Workspace) -> PastWindows:
    """Return the windows before as they were known when this revision was first measured.

    The revision does not depend on other windows. Kept in its folder, they cannot change its results later.
    """
    run = workspace.run
    if workspace.artifacts.exists(run.folder.history):
        return workspace.read(PastWindows, run.folder.history)
    days = days_before(run.window, workspace.model.drift.profiles)
    with transaction(workspace.deployment.warehouse_url) as connection:
        past = past_windows(connection, run.model, run.window, days)
        needed = needed_days(workspace.model.plan.all_rules, run.window)
        metrics = metric_histories(connection, run.model, run.window, needed)
        outcomes = past_outcomes(connection, run.model, run.window, workspace.model.plan.outcomes_needed)
    past = past.model_copy(update={"metrics": metrics, "outcomes": outcomes})
    workspace.write(past, run.folder.history)
    return past


def _profile_drifts(
    workspace: Workspace, profile: Profile, baseline: Profile, past: PastWindows
) -> ProfileDrifts:
    """Compare longer windows and other baselines as the model's YAML says, from stored profiles alone."""
    settings = workspace.model.drift.profiles
    if not settings.over:
        return ProfileDrifts()
    with transaction(workspace.deployment.warehouse_url) as connection:
        stored = profiles_of(connection, workspace.run.model, past.profiles)
    days = DailyProfiles(window=workspace.run.window, profile=profile, past=stored, baseline=baseline)
    return ProfileDrifts(drifts=profile_drifts(days, workspace.model, settings))
