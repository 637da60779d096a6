"""The page of the fleet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from daywatch.pages.access import DeploymentDep, ReadableModels
from daywatch.pages.fleet import SHOWN_DAYS, FleetFilter, fleet_page, namespaces_of
from daywatch.pages.responses import page
from daywatch.warehouse.database import transaction
from daywatch.warehouse.overview import model_overviews

router = APIRouter()


@router.get("/")
def fleet(
    request: Request,
    deployment: DeploymentDep,
    readable: ReadableModels,
    chosen: Annotated[FleetFilter, Query()],
) -> Response:
    """Show the models by day, the worst first."""
    with transaction(deployment.warehouse_url) as connection:
        found = [one for one in model_overviews(connection, SHOWN_DAYS) if one.model in readable]
    return page(
        request,
        "fleet.html.j2",
        fleet=fleet_page(found, chosen),
        chosen=chosen,
        total=len(found),
        namespaces=namespaces_of(found),
        owners=sorted({one.owner for one in found}),
        tiers=sorted({one.tier for one in found}),
    )
