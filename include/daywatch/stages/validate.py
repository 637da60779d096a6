"""The stage ``validate``: Great Expectations on the window's rows; bad data is a result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from daywatch.run import StageRun, WindowRun
from daywatch.stages.workspace import StageClock, workplace
from daywatch.validation.outcome import Validation

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.stages.workspace import Fetched


def validate(run: WindowRun, deployment: Deployment, fetched: Fetched | None = None) -> StageRun:
    """Hold the window's rows against the suite that was in force at export.

    Args:
        run: What names the window's artifacts.
        deployment: Where everything is.
        fetched: Artifacts that need not be downloaded.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    clock = StageClock("validate", f"{run.model} {run.window}")
    from daywatch.validation.run_suite import validate_rows

    with workplace(run, deployment, fetched) as place:
        rows = place.fetch(run.folder.inferences, "inferences.parquet")
        suite = json.loads(place.artifacts.read(run.folder.suite))
        validated = validate_rows(rows, suite, place.model, place.scratch)
        results = Validation(results=validated.results)
        place.artifacts.write(run.folder.great_expectations, validated.gx_json.encode())
        place.artifacts.write(run.folder.validation, results.model_dump_json(indent=1).encode())
    failed = sum(result.success is not True for result in results.results)
    return clock.done(
        f"{len(results.results)} expectations, {failed} failed",
        expectations=len(results.results),
        failed=failed,
    )
