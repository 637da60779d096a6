"""The page of the fleet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from daywatch.incidents.listing import list_incidents
from daywatch.pages.access import DeploymentDep, ReadableModels
from daywatch.pages.configuration import silence_on
from daywatch.pages.fleet import SHOWN_DAYS, FleetFilter, fleet_page, namespaces_of
from daywatch.pages.responses import page
from daywatch.pages.setting_up import NO_MODEL, configured_models, missing_parts
from daywatch.warehouse.overview import model_overviews
from daywatch.warehouse.reading.pool import reading

router = APIRouter()

_INCIDENTS = 5
"""Open incidents above the table; the page of incidents has all."""


@router.get("/")
def fleet(
    request: Request,
    deployment: DeploymentDep,
    readable: ReadableModels,
    chosen: Annotated[FleetFilter, Query()],
) -> Response:
    """Show the models by day, the worst first."""
    configured = configured_models(deployment)
    with reading(deployment.warehouse_url) as connection:
        found = [one for one in model_overviews(connection, 1) if one.model in readable]
        judged = {one.model for one in found if one.windows}
        missing = missing_parts(connection, (configured & readable) - judged)
        incidents = list_incidents(connection, models=readable)
        shown = fleet_page(
            found,
            chosen,
            configured,
            lambda names: model_overviews(connection, SHOWN_DAYS, names),
            lambda model, day: silence_on(model, day, deployment) if model in configured else "",
        )
    return page(
        request,
        "fleet.html.j2",
        fleet=shown,
        chosen=chosen,
        total=len(found),
        namespaces=namespaces_of(found),
        owners=sorted({one.owner for one in found}),
        tiers=sorted({one.tier for one in found}),
        missing=missing if configured else [NO_MODEL],
        incidents=incidents[:_INCIDENTS],
        open_incidents=len(incidents),
    )
