"""The latest drill of a model, stored for its page and for reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.loading.load import find_model
from daywatch.warehouse.database import transaction
from daywatch.warehouse.drills import DrillRow, record_drill
from daywatch.warehouse.record import record_model

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.drill.result import DrillResult


def store_drill(result: DrillResult, deployment: Deployment) -> None:
    """Store what a drill showed, in place of an earlier drill of that day.

    Args:
        result: What the drill showed.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        InfrastructureError: The warehouse did not answer.
    """
    model = find_model(result.model, deployment.models)
    row = DrillRow(
        model=result.model,
        window=model.schedule.window_named(result.window),
        revision=result.revision,
        baseline_id=result.baseline_id,
        state=result.state,
        faults=len(result.faults),
        found=result.found,
        named=result.named,
        resamples=result.resamples,
        false_alarms=len(result.false_alarms),
        detail=result.model_dump(mode="json", include={"faults", "false_alarms"}),
    )
    with transaction(deployment.warehouse_url) as connection:
        record_model(connection, model)
        record_drill(connection, row)
