"""Airflow's login and rights: those of a model are the rights on the runs of its monitoring DAG."""

from __future__ import annotations

from airflow.api.common.trigger_dag import trigger_dag
from airflow.api_fastapi.app import API_ROOT_PATH, get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import (
    GetUserDep,
    requires_access_dag,
    requires_access_view,
)
from airflow.utils.types import DagRunTriggeredByType
from fastapi import HTTPException, Request

from daywatch.config.deployment.deployment import Deployment
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.pages.access import Access, CanEdit, JudgeAgain, ModelName
from daywatch.window import Window

MONITOR = "monitor__"
"""The part of a monitoring DAG's id before the name of the model."""

may_read_run = requires_access_dag("GET", DagAccessEntity.RUN)
"""Takes the DAG from ``dag_id`` in the path."""


def _may_read_model(request: Request, user: GetUserDep, model: ModelName) -> None:
    requires_access_dag("GET", DagAccessEntity.RUN, MONITOR + model)(request, user)


def _editor(request: Request, user: GetUserDep) -> CanEdit:
    def can_edit(model: str) -> bool:
        try:
            requires_access_dag("PUT", None, MONITOR + model)(request, user)
        except HTTPException:
            return False
        return True

    return can_edit


def _readable_models(user: GetUserDep) -> frozenset[str]:
    dags = get_auth_manager().get_authorized_dag_ids(user=user)
    return frozenset(dag.removeprefix(MONITOR) for dag in dags if dag.startswith(MONITOR))


def _deployment() -> Deployment:
    return airflow_deployment()


def _reader(user: GetUserDep) -> str:
    return user.get_name()


def _judge(request: Request, user: GetUserDep, session: SessionDep) -> JudgeAgain:
    def start(model: str, window: Window) -> None:
        # Airflow's own API asks for this right too; starting a run in this process would go around it.
        requires_access_dag("POST", DagAccessEntity.RUN, MONITOR + model)(request, user)
        trigger_dag(
            MONITOR + model,
            triggered_by=DagRunTriggeredByType.UI,
            triggering_user_name=user.get_name(),
            partition_key=window.key,
            session=session,
        )

    return start


def airflow_access() -> Access:
    """Return Airflow's answers to what the pages ask."""
    return Access(
        signed_in=requires_access_view(AccessView.PLUGINS),
        may_read_model=_may_read_model,
        editor=_editor,
        readable_models=_readable_models,
        reader=_reader,
        deployment=_deployment,
        judge=_judge,
        login=f"{API_ROOT_PATH}api/v2/auth/login",
        home=API_ROOT_PATH,
    )
