"""The stage ``validate``: Great Expectations on the window's rows; bad data is a result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from daywatch.ingest.export_counts import ExportCounts
from daywatch.run import StageRun, WindowRun
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.validation.outcome import Validation

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.stages.workspace import Fetched


def validate(run: WindowRun, deployment: Deployment, fetched: Fetched | None = None) -> StageRun:
    """Validate the window's rows by the suite that was in force at export.

    Args:
        run: The window's run.
        deployment: Addresses and connections of storage and warehouse.
        fetched: Local copies of artifacts, which need no download.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    clock = StageClock("validate", f"{run.model} {run.window}")
    from daywatch.validation.run_suite import validate_rows

    with open_workspace(run, deployment, fetched) as workspace:
        rows = workspace.fetch(run.folder.inferences, "inferences.parquet")
        suite = json.loads(workspace.artifacts.read(run.folder.suite))
        shares = workspace.read(ExportCounts, run.folder.export).type_mismatch_shares(workspace.model)
        validated = validate_rows(rows, suite, workspace.model, workspace.scratch, shares)
        results = Validation(results=validated.results)
        workspace.artifacts.write(run.folder.great_expectations, validated.gx_json.encode())
        workspace.write(results, run.folder.validation)
    failed = sum(result.success is not True for result in results.results)
    return clock.done(
        f"{len(results.results)} expectations, {failed} failed",
        expectations=len(results.results),
        failed=failed,
    )
