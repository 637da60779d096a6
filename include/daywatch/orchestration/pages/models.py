"""The pages of models: all of them, and one with its windows."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from daywatch.orchestration.pages.access import DeploymentDep, ModelName, ReadableModels, may_read_model
from daywatch.orchestration.pages.answers import page, sentence
from daywatch.results import State
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_windows
from daywatch.warehouse.overview import ModelOverview, headline_of_window, model_overview, model_overviews

router = APIRouter()

SHOWN_STATES = 14
"""Squares beside a model, as many as the mail's trend has points."""
SHOWN_WINDOWS = 60

_WORST_FIRST = (State.RED, State.AMBER, State.GREY, State.GREEN)


@router.get("/")
def models(request: Request, deployment: DeploymentDep, readable: ReadableModels) -> Response:
    """List the models, the worst first."""
    with transaction(deployment.warehouse_url) as connection:
        found = [one for one in model_overviews(connection, SHOWN_STATES) if one.model in readable]
    counted = Counter(one.windows[-1].state for one in found if one.windows)
    states = [(state, counted[state]) for state in _WORST_FIRST if counted[state]]
    return page(request, "models.html.j2", models=sorted(found, key=_urgency), states=states)


@router.get("/{model}", dependencies=[Depends(may_read_model)])
def model(
    request: Request,
    model: ModelName,
    deployment: DeploymentDep,
    show: Annotated[int, Query(ge=1, le=10_000)] = SHOWN_WINDOWS,
) -> Response:
    """List a model's windows, the newest first."""
    with transaction(deployment.warehouse_url) as connection:
        known = model_overview(connection, model)
        if known is None:
            return sentence(request, 404, f"The warehouse knows no model {model}: no window was judged yet.")
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
    """Return the key that sorts the worst verdict of the most important model first."""
    badness = _WORST_FIRST.index(one.windows[-1].state) if one.windows else len(_WORST_FIRST)
    return badness, one.tier, one.model
