"""The deployment as Airflow knows it: its connections, and the S3 hook's credentials."""

from __future__ import annotations

import os
from typing import Any

from daywatch.config.deployment.connections import S3_CONNECTION, Connection
from daywatch.config.deployment.deployment import Deployment, deployment_from


def airflow_deployment() -> Deployment:
    """Return the deployment; call it inside a task or in the api-server.

    Raises:
        SetupError: A needed connection or variable is missing.
    """
    return deployment_from(os.environ, _connection, _boto3_session)


def _connection(conn_id: str) -> Connection | None:
    """Look a connection up in Airflow: secrets backend, environment or metadata database."""
    from airflow.sdk import Connection as AirflowConnection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = AirflowConnection.get(conn_id)
    except AirflowNotFoundException:
        return None
    return Connection(
        conn_type=found.conn_type,
        host=found.host,
        port=found.port,
        login=found.login,
        password=found.password,
        schema=found.schema,
        extra=found.extra_dejson,
    )


def _boto3_session() -> Any:
    """Return the session of Airflow's S3 hook: roles, profiles and instance credentials are its business."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    return S3Hook(aws_conn_id=S3_CONNECTION).get_session()
