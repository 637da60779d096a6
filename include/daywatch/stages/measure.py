"""The stage ``measure``: the window held against its baseline and against the windows before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, NamedTuple

from daywatch.errors import SetupError
from daywatch.ingest.accounting import ExportCounts
from daywatch.measure.drift.daily_profiles import DailyProfiles
from daywatch.measure.drift.profile_drift import ProfileDrifts, profile_drifts
from daywatch.measure.drift.spans import days_before
from daywatch.measure.service.capture_health import (
    hours_health,
    hours_with_captures,
    serving_changes,
    volume_health,
)
from daywatch.measure.service.latency import measure_operations
from daywatch.measure.service.past_windows import PastWindows
from daywatch.measure.service.serving import measure_serving
from daywatch.measure.versions import ComparedFiles, version_metrics
from daywatch.profiles.profile import Profile, SliceProfiles, profile_rows, profile_slices
from daywatch.run import StageRun, WindowRun
from daywatch.stages.workspace import StageClock, workplace
from daywatch.warehouse.database import transaction
from daywatch.warehouse.past import past_windows
from daywatch.warehouse.profiles import profiles_of

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.measure.service.latency import OperationsResult
    from daywatch.measure.service.past_windows import Served
    from daywatch.measure.window import Measurement
    from daywatch.results import Finding, Metric
    from daywatch.stages.workspace import Fetched, Workplace


def measure(run: WindowRun, deployment: Deployment, fetched: Fetched | None = None) -> StageRun:
    """Measure drift, performance, operations and captures, profile the columns, and draw Evidently's report.

    Args:
        run: What names the window's artifacts.
        deployment: Where everything is.
        fetched: Artifacts that need not be downloaded.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("measure", f"{run.model} {run.window}")
    from daywatch.measure.window import measure_window

    with workplace(run, deployment, fetched) as place, ThreadPoolExecutor(1, "daywatch-service") as beside:
        baseline, window, operations = place.fetch_all(
            {
                run.baseline.inferences: "baseline.parquet",
                run.folder.inferences: "inferences.parquet",
                run.folder.operations: "operations.parquet",
            }
        )
        files = ComparedFiles(baseline, window, operations, _baseline_operations(place))
        service = beside.submit(copy_context().run, _service, place, files)
        against = Profile.model_validate_json(place.artifacts.read(run.baseline.profile))
        # The report is drawn while the other results come about.
        with measure_window(baseline, window, place.model, place.scratch, against) as measured:
            profile = profile_rows(window, place.model, against, measured.profiled)
            sliced = SliceProfiles(slices=profile_slices(window, place.model, measured.slice_rows, against))
            place.artifacts.write(run.folder.profile, profile.model_dump_json(indent=1).encode())
            place.artifacts.write(run.folder.slice_profiles, sliced.model_dump_json().encode())
            past = _past(place, deployment)
            drifts = _profile_drifts(place, profile, against, past, deployment)
            place.artifacts.write(run.folder.profile_drift, drifts.model_dump_json(indent=1).encode())
            measurement = _with_service(place, measured.measurement, service.result(), files, past)
        place.artifacts.upload(measured.html, run.folder.evidently_html)
        place.artifacts.upload(measured.snapshot, run.folder.evidently_json)
        place.artifacts.write(run.folder.measurement, measurement.model_dump_json(indent=1).encode())
        size = measured.html.stat().st_size
    drifted = next((one.value for one in measurement.metrics if one.name == "drifted_columns"), None)
    return clock.done(
        f"{len(measurement.metrics)} metrics, {drifted or 0:.0f} columns drifted, {len(measurement.findings)} findings",
        metrics=len(measurement.metrics),
        findings=len(measurement.findings),
        report_bytes=size,
    )


def _past(place: Workplace, deployment: Deployment) -> PastWindows:
    """Return what is known of the windows before: what was known when this revision was first measured.

    The revision does not depend on other windows. Kept in its folder, they cannot change its results later.
    """
    run = place.run
    if place.artifacts.exists(run.folder.history):
        return PastWindows.model_validate_json(place.artifacts.read(run.folder.history))
    with transaction(deployment.warehouse_url) as connection:
        past = past_windows(
            connection, run.model, run.window, days_before(run.window, place.model.drift.profiles)
        )
    place.artifacts.write(run.folder.history, past.model_dump_json(indent=1).encode())
    return past


def _profile_drifts(
    place: Workplace, profile: Profile, frozen: Profile, past: PastWindows, deployment: Deployment
) -> ProfileDrifts:
    """Compare longer windows and other baselines as far as the model wants it, by the warehouse alone."""
    wanted = place.model.drift.profiles
    if not wanted.over:
        return ProfileDrifts()
    with transaction(deployment.warehouse_url) as connection:
        stored = profiles_of(connection, place.run.model, past.profiles)
    days = DailyProfiles(window=place.run.window, profile=profile, past=stored, baseline=frozen)
    return ProfileDrifts(drifts=profile_drifts(days, place.model, wanted))


class _Service(NamedTuple):
    """How the window was served."""

    operations: OperationsResult
    served: tuple[Served, ...]
    hours: Metric
    silent: list[Finding]


def _service(place: Workplace, files: ComparedFiles) -> _Service:
    """Measure how requests were served and when; store the slowest answers."""
    run = place.run
    scratch = place.scratch / "service"  # two DuckDBs may not spill into one folder
    scratch.mkdir()
    operations = measure_operations(
        files.baseline_operations, files.operations, place.model.operations, scratch
    )
    place.artifacts.write(run.folder.slow, operations.slow.model_dump_json(indent=1).encode())
    captured, expected = (hours_with_captures(file, scratch) for file in (files.operations, files.baseline))
    hours, silent = hours_health(run.window, captured, expected)
    return _Service(operations, measure_serving(files.operations, files.window, scratch), hours, silent)


def _with_service(
    place: Workplace, measurement: Measurement, service: _Service, files: ComparedFiles, past: PastWindows
) -> Measurement:
    """Add what was measured of the service and of the captures."""
    run, model = place.run, place.model
    counts = ExportCounts.model_validate_json(place.artifacts.read(run.folder.export))
    volume, fallen = volume_health(counts.records, past, model.capture_health.volume_fall)
    changed = serving_changes(service.served, past)
    of_versions = version_metrics(files, service.served, model, place.scratch)
    measured = service.operations
    return measurement.model_copy(
        update={
            "metrics": (*measurement.metrics, service.hours, volume, *measured.metrics, *of_versions),
            "findings": (
                *service.silent,
                *fallen,
                *changed,
                *measured.findings,
                *measurement.findings,
            ),
            "served": service.served,
        }
    )


def _baseline_operations(place: Workplace) -> Path:
    """Fetch the operations of the baseline."""
    run = place.run
    try:
        return place.fetch(run.baseline.operations, "baseline_operations.parquet")
    except FileNotFoundError as error:
        msg = (
            f"The baseline {run.baseline_id} of {run.model!r} does not say how it was served: "
            f"{place.artifacts.address(run.baseline.operations)} is not there. Run the DAG baseline__{run.model} "
            f"or `daywatch baseline --model {run.model}` to write it; the baseline keeps its id."
        )
        raise SetupError(msg) from error
