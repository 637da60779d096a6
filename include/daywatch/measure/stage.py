"""The stage ``measure``: the window held against its baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.baseline.profile import Profile, profile_rows
from daywatch.run import StageClock, StageRun, WindowRun, workplace

if TYPE_CHECKING:
    from daywatch.config.deployment import Deployment


def measure(run: WindowRun, deployment: Deployment) -> StageRun:
    """Measure drift and performance, profile the columns, and draw Evidently's report.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    clock = StageClock("measure", f"{run.model} {run.window}")
    from daywatch.measure.run import measure_window

    with workplace(run, deployment) as place:
        reference = place.fetch(run.baseline.inferences, "baseline.parquet")
        current = place.fetch(run.folder.inferences, "inferences.parquet")
        against = Profile.model_validate_json(place.artifacts.read(run.baseline.profile))
        measured = measure_window(reference, current, place.model, place.scratch)
        profile = profile_rows(current, place.model, against)
        place.artifacts.upload(measured.html, run.folder.evidently_html)
        place.artifacts.upload(measured.snapshot, run.folder.evidently_json)
        place.artifacts.write(run.folder.profile, profile.model_dump_json(indent=1).encode())
        measurement = measured.measurement
        place.artifacts.write(run.folder.measurement, measurement.model_dump_json(indent=1).encode())
        size = measured.html.stat().st_size
    drifted = next((one.value for one in measurement.metrics if one.name == "drifted_columns"), None)
    return clock.done(
        f"{len(measurement.metrics)} metrics, {drifted or 0:.0f} columns drifted, {len(measurement.findings)} findings",
        metrics=len(measurement.metrics),
        findings=len(measurement.findings),
        report_bytes=size,
    )
