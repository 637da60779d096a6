"""The tabs on a DAG and on a run in Airflow: they lead to the model's page and to the window's."""

from __future__ import annotations

import re

from airflow.api_fastapi.common.db.common import SessionDep
from airflow.models.dagrun import DagRun
from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import Response

from daywatch.days import EAST
from daywatch.orchestration.pages.access import MONITOR, may_read_run
from daywatch.pages.access import DeploymentDep
from daywatch.pages.responses import message, redirect
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import JudgedWindow, judged_windows
from daywatch.window import Window

# The name of a model has no dash, so no model's address can begin like these.
router = APIRouter(prefix="/-", dependencies=[Depends(may_read_run)])

_NEAR = 30
"""Windows among which that of a run is: its end is known but for the time zone."""

_DAG_OF_MODEL = re.compile(r"(?:monitor|baseline|retrain)__([a-z][a-z0-9_]{0,62})")


@router.get("/dags/{dag_id}")
def of_dag(request: Request, dag_id: str) -> Response:
    """Redirect from a DAG to the page of its model."""
    model = _model(dag_id)
    if model is None:
        return message(request, 404, "This DAG does not belong to a model that Daywatch monitors.")
    return redirect(f"{request.scope['root_path']}/{model}")


@router.get("/runs/{dag_id}/{run_id:path}")
def of_run(
    request: Request, dag_id: str, run_id: str, session: SessionDep, deployment: DeploymentDep
) -> Response:
    """Redirect from a run to its window; a window may have several runs."""
    model = _model(dag_id)
    if model is None or not dag_id.startswith(MONITOR):
        text = "Only runs of the monitoring DAGs, monitor__<model>, judge a window."
        return message(request, 404, text, model=model)
    run = session.execute(
        select(DagRun.partition_key, DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
    ).one_or_none()
    if run is None:
        return message(request, 404, "Airflow has no such run.", model=model)
    judged = _judged(run.partition_key or (run.conf or {}).get("window"), model, deployment)
    if judged is None:
        text = "The window of this run has not been judged yet."
        return message(request, 404, text, model=model)
    return redirect(f"{request.scope['root_path']}/{model}/{judged.window}")


def _model(dag_id: str) -> str | None:
    """Return the model to which a DAG belongs, None for other DAGs."""
    found = _DAG_OF_MODEL.fullmatch(dag_id)
    return found[1] if found else None


def _judged(key: str | None, model: str, deployment: DeploymentDep) -> JudgedWindow | None:
    """Return the newest verdict on the window of a run, None where there is none or the run names no day."""
    try:
        window = Window.parse(key or "")
    except ValueError:
        return None
    with transaction(deployment.warehouse_url) as connection:
        newest = judged_windows(connection, model, before=window.end + EAST, limit=_NEAR)
    return next((one for one in newest if one.window == window.key), None)
