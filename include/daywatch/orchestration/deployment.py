"""The deployment inside Airflow: its connections, and the credentials of the S3 hook."""

from __future__ import annotations

import os
from typing import Any

from daywatch.config.deployment.connections import S3_CONNECTION, Connection
from daywatch.config.deployment.deployment import Deployment, deployment_from


def airflow_deployment() -> Deployment:
    """Return the deployment. Call it in a task or in the api-server, which may look up connections.

    Raises:
        SetupError: A needed connection or variable is missing or cannot be used.
    """
    return deployment_from(os.environ, _connection, _boto3_session)


def _connection(conn_id: str) -> Connection | None:
    """Look up a connection in Airflow: in its secrets backend, environment or metadata database."""
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
    """Return the session of Airflow's S3 hook, which resolves roles, profiles and instance credentials."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    return S3Hook(aws_conn_id=S3_CONNECTION).get_session()
