"""The part of the stage ``measure`` that is about the service: operations, hours, volume, model versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daywatch.ingest.export_counts import ExportCounts
from daywatch.measure.service.capture_health import (
    hours_health,
    hours_with_captures,
    serving_changes,
    volume_health,
)
from daywatch.measure.service.intake import intake_health
from daywatch.measure.service.latency import measure_operations
from daywatch.measure.service.serving import measure_serving
from daywatch.measure.versions import ComparedFiles, version_metrics

if TYPE_CHECKING:
    from daywatch.measure.service.latency import OperationsResult
    from daywatch.measure.service.past_windows import PastWindows, Served
    from daywatch.measure.window import Measurement
    from daywatch.results import Finding, Metric
    from daywatch.stages.workspace import Workspace


class ServiceResult(NamedTuple):
    """How the window was served.

    Attributes:
        operations: Latency, failures and sizes of its requests.
        served: Versions, variants and sampling percentages that served it.
        hours: Its number of hours without captures.
        silent: Findings on these hours.
    """

    operations: OperationsResult
    served: tuple[Served, ...]
    hours: Metric
    silent: list[Finding]


def measure_service(workspace: Workspace, files: ComparedFiles) -> ServiceResult:
    """Measure how and when the window's requests were served, and store the slowest answers.

    Args:
        workspace: The stage's workspace.
        files: The files of baseline and window.
    """
    scratch = workspace.scratch / "service"  # two DuckDBs may not spill into one folder
    scratch.mkdir()
    operations = measure_operations(
        files.baseline_operations, files.operations, workspace.model.operations, scratch
    )
    workspace.write(operations.slow, workspace.run.folder.slow)
    captured, expected = (hours_with_captures(file, scratch) for file in (files.operations, files.baseline))
    hours, silent = hours_health(workspace.run.window, captured, expected)
    return ServiceResult(operations, measure_serving(files.operations, files.window, scratch), hours, silent)


def with_service(
    workspace: Workspace,
    measurement: Measurement,
    service: ServiceResult,
    files: ComparedFiles,
    past: PastWindows,
) -> Measurement:
    """Return a measurement with the metrics and findings of the service and of the captures.

    Args:
        workspace: The stage's workspace.
        measurement: What was measured of the rows.
        service: How the window was served.
        files: The files of baseline and window.
        past: The windows before, for the volume and for what served them.
    """
    model = workspace.model
    counts = workspace.read(ExportCounts, workspace.run.folder.export)
    volume, fallen = volume_health(counts.records, past, model.capture_health.volume_fall)
    changed = serving_changes(service.served, past)
    of_versions = version_metrics(files, service.served, model, workspace.scratch)
    operations = service.operations
    mismatches, noticed = intake_health(counts, model)
    return measurement.model_copy(
        update={
            "metrics": (
                *measurement.metrics,
                *mismatches,
                service.hours,
                volume,
                *operations.metrics,
                *of_versions,
            ),
            "findings": (
                *noticed,
                *service.silent,
                *fallen,
                *changed,
                *operations.findings,
                *measurement.findings,
            ),
            "served": service.served,
        }
    )
