"""The page of the fleet, and the page of one model with its windows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from daywatch.pages.access import DeploymentDep, ModelName, ReadableModels, may_read_model
from daywatch.pages.fleet import SHOWN_DAYS, FleetFilter, fleet_page, namespaces_of
from daywatch.pages.responses import message, page
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_windows
from daywatch.warehouse.overview import headline_of_window, model_overview, model_overviews

router = APIRouter()

SHOWN_WINDOWS = 60


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


@router.get("/{model}", dependencies=[Depends(may_read_model)])
def model(
    request: Request,
    model: ModelName,
    deployment: DeploymentDep,
    show: Annotated[int, Query(ge=1, le=10_000)] = SHOWN_WINDOWS,
) -> Response:
    """Show the windows of a model, the newest first."""
    with transaction(deployment.warehouse_url) as connection:
        known = model_overview(connection, model)
        if known is None:
            return message(
                request, 404, f"The warehouse has no model {model}: none of its windows has been judged yet."
            )
        windows = judged_windows(connection, model, limit=show + 1)[::-1]
        headline = headline_of_window(connection, windows[0]) if windows else ""
    return page(
        request,
        "model.html.j2",
        model=known,
        windows=windows[:show],
        headline=headline,
        more=show + SHOWN_WINDOWS if len(windows) > show else 0,
    )
