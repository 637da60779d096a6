"""The part of the stage ``measure`` that is about the service: operations, hours, volume, model versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daywatch.artifacts import BaselineFolder
from daywatch.formatting import plural
from daywatch.ingest.export_counts import ExportCounts
from daywatch.measure.calibration.compared import with_limit
from daywatch.measure.service.capture_health import (
    hours_health,
    records_by_hour,
    volumes_of,
)
from daywatch.measure.service.intake import intake_health, with_captured_names
from daywatch.measure.service.latency import measure_operations
from daywatch.measure.service.serving import measure_serving
from daywatch.measure.versions import ComparedFiles, version_metrics
from daywatch.results import Finding, FindingCode
from daywatch.text import shown

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.measure.calibration.limits import Calibration
    from daywatch.measure.service.latency import OperationsResult
    from daywatch.measure.service.past_windows import PastVolume, Served
    from daywatch.measure.window import Measurement
    from daywatch.results import Metric
    from daywatch.stages.workspace import Workspace


class ServiceResult(NamedTuple):
    """How the window was served.

    Attributes:
        operations: Latency, failures and sizes of its requests.
        served: Versions, variants and sampling percentages that served it.
        hours: Its number of hours without captures.
        silent: Findings on these hours.
        baseline_volumes: Records of the baseline's days of the same weekday.
    """

    operations: OperationsResult
    served: tuple[Served, ...]
    hours: Metric
    silent: list[Finding]
    baseline_volumes: tuple[PastVolume, ...]


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
    captured, expected = (
        records_by_hour(file, scratch) for file in (files.operations, files.baseline_operations)
    )
    hours, silent = hours_health(workspace.run.window, captured, expected)
    served = measure_serving(files.operations, files.window, scratch)
    return ServiceResult(operations, served, hours, silent, volumes_of(workspace.run.window, expected))


def with_service(
    workspace: Workspace,
    measurement: Measurement,
    service: ServiceResult,
    files: ComparedFiles,
    calibration: Calibration | None,
) -> Measurement:
    """Return a measurement with the metrics and findings of the service and of the captures.

    Args:
        workspace: The stage's workspace.
        measurement: What was measured of the rows.
        service: How the window was served.
        files: The files of baseline and window.
        calibration: The baseline's calibration, of a model whose plan has the standard rules.
    """
    model = workspace.model
    counts = workspace.read(ExportCounts, workspace.run.folder.export)
    of_versions = version_metrics(
        files, service.served, model, workspace.scratch, _version_baselines(workspace)
    )
    operations = service.operations
    mismatches, noticed = intake_health(counts, model)
    if calibration is not None:
        mismatches = [with_limit(one, counts.rows_read, calibration) for one in mismatches]
    return measurement.model_copy(
        update={
            "metrics": (
                *measurement.metrics,
                *mismatches,
                service.hours,
                *operations.metrics,
                *of_versions,
            ),
            "findings": (
                *_without_baseline(counts, workspace),
                *noticed,
                *service.silent,
                *operations.findings,
                *with_captured_names(measurement.findings, counts),
            ),
            "served": service.served,
            "baseline_volumes": service.baseline_volumes,
        }
    )


def _version_baselines(workspace: Workspace) -> dict[str, tuple[Path, Path]]:
    """Fetch rows and operations of the baselines of single versions, except that of the window."""
    run, found = workspace.run, {}
    for version, baseline_id in run.version_baselines.items():
        if baseline_id != run.baseline_id:
            folder = BaselineFolder(run.model, baseline_id)
            names = {
                folder.inferences: f"baseline_{baseline_id}.parquet",
                folder.operations: f"baseline_{baseline_id}_operations.parquet",
            }
            rows, operations = workspace.fetch_all(names)
            found[version] = (rows, operations)
    return found


def _without_baseline(counts: ExportCounts, workspace: Workspace) -> list[Finding]:
    """Return a finding for each version that has no baseline of its own, in a model whose versions have."""
    return [
        Finding(
            code=FindingCode.VERSION_WITHOUT_BASELINE,
            detail=f"version {shown(version)!r}, of {plural(records, 'record')}, has no baseline of its own and is "
            f"compared with {workspace.run.baseline_id}: name it under 'baselines' in the model's YAML and run "
            f"`daywatch baseline --model {workspace.run.model}`",
            count=records,
        )
        for version, records in counts.versions.items()
        if version not in counts.version_baselines
    ]
