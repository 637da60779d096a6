"""The page of a model's retraining: decisions with their reasons, champion and challengers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from daywatch.pages.access import DeploymentDep, ModelName, may_read_model
from daywatch.pages.responses import page
from daywatch.warehouse.reading.events import model_deployments, model_versions, retraining_decisions
from daywatch.warehouse.reading.pool import reading

router = APIRouter(dependencies=[Depends(may_read_model)])


@router.get("/{model}/retraining")
def retraining(request: Request, model: ModelName, deployment: DeploymentDep) -> Response:
    """Show the decisions on retraining and what came of them."""
    with reading(deployment.warehouse_url) as connection:
        decisions = retraining_decisions(connection, model)
        versions = model_versions(connection, model)
        deployments = model_deployments(connection, model)
    champion = deployments[0].version if deployments else None
    return page(
        request,
        "retraining.html.j2",
        model=model,
        decisions=decisions,
        versions=versions,
        champion=champion,
        metrics=_metrics(versions),
    )


def _metrics(versions: list[Any]) -> list[str]:
    """Return the names of the metrics that versions were compared by, in order."""
    return sorted(
        {name for one in versions for name, value in (one.metrics or {}).items() if _is_number(value)}
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
