"""Access to the pages: every page needs a login, and those of a model the right to read its monitoring DAG."""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.core_api.security import (
    GetUserDep,
    requires_access_dag,
    requires_access_view,
)
from fastapi import Depends, Path, Request

from daywatch.config.deployment.deployment import Deployment
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.revision import LENGTH

ModelName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
WindowKey = Annotated[str, Path(pattern=r"^\d{4}-\d{2}-\d{2}(_\d{4}-\d{2}-\d{2})?$")]
Revision = Annotated[str, Path(pattern=rf"^[0-9a-f]{{{LENGTH}}}$")]

MONITOR = "monitor__"
"""The part of a monitoring DAG's id before the name of the model."""

signed_in = requires_access_view(AccessView.PLUGINS)
may_read_run = requires_access_dag("GET", DagAccessEntity.RUN)
"""Takes the DAG from ``dag_id`` in the path."""


def may_read_model(request: Request, user: GetUserDep, model: ModelName) -> None:
    """Check that the user may see the runs of a model, because its reports show captured values.

    Raises:
        HTTPException: The user may not, status 403.
    """
    requires_access_dag("GET", DagAccessEntity.RUN, MONITOR + model)(request, user)


def readable_models(user: GetUserDep) -> frozenset[str]:
    """Return the models whose monitoring DAG the user may read."""
    dags = get_auth_manager().get_authorized_dag_ids(user=user)
    return frozenset(dag.removeprefix(MONITOR) for dag in dags if dag.startswith(MONITOR))


def deployment() -> Deployment:
    """Return the deployment, with connections from Airflow, as in a task."""
    return airflow_deployment()


def reader(user: GetUserDep) -> str:
    """Return the name of the user, for the log of who looked at rows."""
    return user.get_name()


ReadableModels = Annotated[frozenset[str], Depends(readable_models)]
DeploymentDep = Annotated[Deployment, Depends(deployment)]
Reader = Annotated[str, Depends(reader)]
