"""The page of all models, and the page of one model with its windows."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from daywatch.orchestration.pages.access import DeploymentDep, ModelName, ReadableModels, may_read_model
from daywatch.orchestration.pages.responses import message, page
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_windows
from daywatch.warehouse.overview import ModelOverview, headline_of_window, model_overview, model_overviews

router = APIRouter()

SHOWN_STATES = 14
"""Number of windows shown next to a model: as many as the trend in the mail has points."""
SHOWN_WINDOWS = 60


@router.get("/")
def models(request: Request, deployment: DeploymentDep, readable: ReadableModels) -> Response:
    """Show the models, the worst first."""
    with transaction(deployment.warehouse_url) as connection:
        found = [one for one in model_overviews(connection, SHOWN_STATES) if one.model in readable]
    counted = Counter(one.windows[-1].state for one in found if one.windows)
    states = [(state, counted[state]) for state in sorted(counted, reverse=True)]
    return page(request, "models.html.j2", models=sorted(found, key=_urgency), states=states)


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


def _urgency(one: ModelOverview) -> tuple[int, int, str]:
    """Return the sort key of a model: worst verdict first, then most important tier."""
    return -one.windows[-1].state.rank if one.windows else 1, one.tier, one.model
