"""The tabs that Airflow shows on a DAG and on a run: they lead to the model, and to the window's report."""

from __future__ import annotations

import re

from airflow.api_fastapi.common.db.common import SessionDep
from airflow.models.dagrun import DagRun
from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import Response

from daywatch.orchestration.pages.access import MONITOR, DeploymentDep, may_read_run
from daywatch.orchestration.pages.answers import redirect, sentence
from daywatch.orchestration.pages.documents import Document
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import JudgedWindow, judged_windows
from daywatch.window import Window

# No model's name has a dash, so these addresses cannot be taken for a model's.
router = APIRouter(prefix="/-", dependencies=[Depends(may_read_run)])

_DAG_OF_MODEL = re.compile(r"(?:monitor|baseline|retrain)__([a-z][a-z0-9_]{0,62})")


@router.get("/dags/{dag_id}")
def of_dag(request: Request, dag_id: str) -> Response:
    """Lead from a DAG to its model."""
    model = _model(dag_id)
    if model is None:
        return sentence(request, 404, "This DAG is not about a model that Daywatch monitors.")
    return redirect(f"{request.scope['root_path']}/{model}")


@router.get("/runs/{dag_id}/{run_id:path}")
def of_run(
    request: Request, dag_id: str, run_id: str, session: SessionDep, deployment: DeploymentDep
) -> Response:
    """Lead from a run to the newest report of its window; a window may have had several runs."""
    model = _model(dag_id)
    if model is None or not dag_id.startswith(MONITOR):
        text = "Only runs of a monitoring DAG have a report: one DAG monitor__<model> a model."
        return sentence(request, 404, text, model=model)
    run = session.execute(
        select(DagRun.partition_key, DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
    ).one_or_none()
    if run is None:
        return sentence(request, 404, "Airflow does not know this run.", model=model)
    judged = _judged(run.partition_key or (run.conf or {}).get("window"), model, deployment)
    if judged is None:
        text = "This run has no report yet: its window has not been judged."
        return sentence(request, 404, text, model=model)
    root = request.scope["root_path"]
    return redirect(f"{root}/{model}/{judged.window}/{judged.revision}/{Document.REPORT}")


def _model(dag_id: str) -> str | None:
    """Return the model that one of its DAGs is about."""
    found = _DAG_OF_MODEL.fullmatch(dag_id)
    return found[1] if found else None


def _judged(key: str | None, model: str, deployment: DeploymentDep) -> JudgedWindow | None:
    """Return the newest verdict of a run's window, None where there is none or the run names no day."""
    try:
        window = Window.of_day(key or "")
    except ValueError:
        return None
    with transaction(deployment.warehouse_url) as connection:
        newest = judged_windows(connection, model, before=window.end, limit=1)
    return next((one for one in newest if one.window == window.key), None)
