"""The stage ``measure``: the window held against its baseline and against the windows before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, NamedTuple

from daywatch.baseline.profile import Profile, SliceProfiles, profile_rows, profile_slices
from daywatch.capture.accounting import ExportCounts
from daywatch.errors import SetupError
from daywatch.measure.capture_health import hours_health, hours_with_captures, serving_changes, volume_health
from daywatch.measure.history import PastWindows
from daywatch.measure.operations import measure_operations
from daywatch.measure.profile_drift import Days, ProfileDrifts, profile_drifts
from daywatch.measure.serving import measure_serving
from daywatch.measure.spans import days_before
from daywatch.measure.versions import version_metrics
from daywatch.run import StageClock, StageRun, WindowRun, workplace
from daywatch.warehouse.database import transaction
from daywatch.warehouse.past import past_windows
from daywatch.warehouse.profiles import profiles_of

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.config.deployment import Deployment
    from daywatch.measure.operations import MeasuredOperations
    from daywatch.measure.run import Measurement
    from daywatch.run import Fetched, Workplace


def measure(run: WindowRun, deployment: Deployment, fetched: Fetched | None = None) -> StageRun:
    """Measure drift, performance, operations and captures, profile the columns, and draw Evidently's report.

    Args:
        run: What names the window's artifacts.
        deployment: Where everything is.
        fetched: Artifacts shared with a stage at work at the same time.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("measure", f"{run.model} {run.window}")
    from daywatch.measure.run import measure_window

    with workplace(run, deployment, fetched) as place, ThreadPoolExecutor(1, "daywatch-service") as beside:
        # Its files are small: it is measured while the rows are still on their way.
        service = beside.submit(copy_context().run, _service, place)
        reference, current = place.fetch_all(
            {run.baseline.inferences: "baseline.parquet", run.folder.inferences: "inferences.parquet"}
        )
        against = Profile.model_validate_json(place.artifacts.read(run.baseline.profile))
        # The report is drawn while the other results come about.
        with measure_window(reference, current, place.model, place.scratch, against) as measured:
            profile = profile_rows(current, place.model, against, measured.profiled)
            sliced = SliceProfiles(slices=profile_slices(current, place.model, measured.ways, against))
            place.artifacts.write(run.folder.profile, profile.model_dump_json(indent=1).encode())
            place.artifacts.write(run.folder.slice_profiles, sliced.model_dump_json().encode())
            past = _past(place, deployment)
            drifts = _profile_drifts(place, profile, against, past, deployment)
            place.artifacts.write(run.folder.profile_drift, drifts.model_dump_json(indent=1).encode())
            measurement = _with_service(
                place, measured.measurement, service.result(), (reference, current), past
            )
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
    days = Days(window=place.run.window, profile=profile, past=stored, frozen=frozen)
    return ProfileDrifts(drifts=profile_drifts(days, place.model, wanted))


class _Service(NamedTuple):
    """How the window was served, and the files that say so."""

    operations: Path
    usual: Path
    measured: MeasuredOperations


def _service(place: Workplace) -> _Service:
    """Fetch and measure how requests were served; store the slowest answers."""
    run = place.run
    operations, usual = place.fetch(run.folder.operations, "operations.parquet"), _usual_operations(place)
    scratch = place.scratch / "service"  # two DuckDBs may not spill into one folder
    scratch.mkdir()
    measured = measure_operations(usual, operations, place.model.operations, scratch)
    place.artifacts.write(run.folder.slow, measured.slow.model_dump_json(indent=1).encode())
    return _Service(operations, usual, measured)


def _with_service(
    place: Workplace,
    measurement: Measurement,
    service: _Service,
    files: tuple[Path, Path],
    past: PastWindows,
) -> Measurement:
    """Add what was measured of the service and of the captures."""
    run, model = place.run, place.model
    reference, current = files
    operations, usually, measured = service
    counts = ExportCounts.model_validate_json(place.artifacts.read(run.folder.export))
    served = measure_serving(operations, current, place.scratch)
    captured, usual = (hours_with_captures(file, place.scratch) for file in (operations, reference))
    hours, silent = hours_health(run.window, captured, usual)
    volume, fallen = volume_health(counts.records, past, model.capture_health.volume_fall)
    changed = serving_changes(served, past)
    of_versions = version_metrics(reference, current, usually, operations, served, model, place.scratch)
    return measurement.model_copy(
        update={
            "metrics": (*measurement.metrics, hours, volume, *measured.metrics, *of_versions),
            "findings": (*silent, *fallen, *changed, *measured.findings, *measurement.findings),
            "served": served,
        }
    )


def _usual_operations(place: Workplace) -> Path:
    """Fetch how the baseline was served."""
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
