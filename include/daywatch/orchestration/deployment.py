"""The deployment inside Airflow: its connections, and the credentials of the S3 hook."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from daywatch.config.deployment.connections import SMTP_CONNECTION, Connection
from daywatch.config.deployment.deployment import Deployment, deployment_from

if TYPE_CHECKING:
    from airflow.sdk import Connection as AirflowConnection


def airflow_deployment() -> Deployment:
    """Return the deployment. Call it in a task or in the api-server, which may look up connections.

    Raises:
        SetupError: A needed connection or variable is missing or cannot be used.
    """
    found = deployment_from(os.environ, _connection, _boto3_session)
    return replace(found, sns=_publish, cloudwatch=_put_metrics)


def mail_connection() -> Connection | None:
    """Return the mail server's connection, None where there is none. Call it where Airflow runs callbacks."""
    return _connection(SMTP_CONNECTION)


async def async_mail_connection() -> Connection | None:
    """Return the mail server's connection, None where there is none. Call it in the triggerer."""
    from airflow.sdk import Connection as AirflowConnection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = await AirflowConnection.async_get(SMTP_CONNECTION)
    except AirflowNotFoundException:
        return None
    return _converted(found, await found.aextra_dejson())


def _connection(conn_id: str) -> Connection | None:
    """Look up a connection in Airflow: in its secrets backend, environment or metadata database."""
    from airflow.sdk import Connection as AirflowConnection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = AirflowConnection.get(conn_id)
    except AirflowNotFoundException:
        return None
    return _converted(found, found.extra_dejson)


def _converted(found: AirflowConnection, extra: dict[str, Any]) -> Connection:
    return Connection(
        conn_type=found.conn_type,
        host=found.host,
        port=found.port,
        login=found.login,
        password=found.password,
        schema=found.schema,
        extra=extra,
    )


def _boto3_session(conn_id: str) -> Any:
    """Return the session of Airflow's S3 hook, which resolves roles, profiles and instance credentials."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    return S3Hook(aws_conn_id=conn_id).get_session()


def _publish(conn_id: str, request: dict[str, Any]) -> None:
    """Publish to a topic by Airflow's hook, which resolves roles, profiles and instance credentials."""
    from airflow.providers.amazon.aws.hooks.sns import SnsHook

    SnsHook(aws_conn_id=conn_id).publish_to_target(**request)


def _put_metrics(conn_id: str, namespace: str, data: list[dict[str, Any]]) -> None:
    """Put metrics by Airflow's hook, which resolves roles, profiles and instance credentials."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    client = AwsBaseHook(aws_conn_id=conn_id, client_type="cloudwatch").get_conn()
    client.put_metric_data(Namespace=namespace, MetricData=data)
