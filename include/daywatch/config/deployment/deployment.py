"""Where this installation keeps things: from Airflow connections and environment variables, never from YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from daywatch.config.deployment.connections import (
    S3_CONNECTION,
    SMTP_CONNECTION,
    WAREHOUSE_CONNECTION,
    Connection,
    Connections,
    check_s3_type,
    no_connections,
)
from daywatch.config.deployment.databases import database_url
from daywatch.config.deployment.secrets import without_login
from daywatch.config.deployment.settings import PROJECT, read_settings
from daywatch.engine.settings import EngineSettings
from daywatch.errors import SetupError

_WAREHOUSE_FILE = PROJECT / ".daywatch" / "local" / "warehouse.sqlite"
"""The warehouse where no connection is set."""


Publish = Callable[[str, dict[str, Any]], None]
"""Publishes to Amazon SNS: the id of a connection, and the arguments of Airflow's hook."""

PutMetrics = Callable[[str, str, list[dict[str, Any]]], None]
"""Puts metrics into Amazon CloudWatch: the id of a connection, the namespace, and PutMetricData's MetricData."""


@dataclass(frozen=True)
class Deployment:
    """All that a stage has to know about the installation in which it runs.

    Attributes:
        data_uri: Where captures and labels are: ``s3://bucket[/prefix]`` or a local folder.
        artifacts_uri: Where Daywatch writes: same form as ``data_uri``.
        warehouse_url: SQLAlchemy URL with its driver named; it contains a password and is never shown.
        s3: The S3 connection, None where both URIs are local folders.
        smtp: The mail connection, None where no mail is sent.
        airflow_url: Base address of the Airflow UI for links in mails, empty for none.
        models: Folder of the models' YAML files.
        suites: Folder of the expectation suites that people edit.
        engine: Memory, threads and scratch folder of a stage's DuckDB.
        library_patches: Whether Evidently and Plotly are patched while they plot; the results are the same.
        s3_id: The id of the S3 connection.
        boto3_session: Makes the session for credentials that Airflow's S3 hook resolves (roles, profiles) from the
            id of a connection; None for the key in the connection itself.
        connections: Looks up further connections, such as the database of a model's labels.
        sns: Publishes a message to Amazon SNS through Airflow's hook; None outside Airflow.
        cloudwatch: Puts metrics into Amazon CloudWatch through Airflow's hook; None outside Airflow.
    """

    data_uri: str
    artifacts_uri: str
    warehouse_url: str = field(repr=False)
    s3: Connection | None = field(default=None, repr=False)
    smtp: Connection | None = field(default=None, repr=False)
    airflow_url: str = ""
    models: Path = PROJECT / "include" / "models"
    suites: Path = PROJECT / "include" / "suites"
    engine: EngineSettings = field(default_factory=EngineSettings)
    library_patches: bool = True
    s3_id: str = S3_CONNECTION
    boto3_session: Callable[[str], Any] | None = field(default=None, repr=False)
    connections: Connections = field(default=no_connections, repr=False)
    sns: Publish | None = field(default=None, repr=False)
    cloudwatch: PutMetrics | None = field(default=None, repr=False)

    def with_s3(self, conn_id: str | None, uri: str) -> Deployment:
        """Return the deployment with another S3 connection, for data in another account or region.

        Args:
            conn_id: The id of the connection; None for the deployment's own.
            uri: What is read with it, for the error.

        Raises:
            SetupError: There is no such connection, or it is not of type aws.
        """
        wanted = conn_id or self.s3_id
        found = self.s3 if wanted == self.s3_id else self.connections(wanted)
        if found is None:
            msg = (
                f"{uri} needs the Airflow connection {wanted!r} (type aws), but there is none: create it, or set "
                f"AIRFLOW_CONN_{wanted.upper()}."
            )
            raise SetupError(msg)
        if conn_id:
            check_s3_type(found, conn_id)
        return replace(self, s3=found, s3_id=wanted)


def deployment_from(
    environment: Mapping[str, str],
    connections: Connections,
    boto3_session: Callable[[str], Any] | None = None,
) -> Deployment:
    """Return the deployment that an environment and its connections describe.

    Args:
        environment: The variables ``DAYWATCH_*``; see docs/configuration.md.
        connections: Looks up ``daywatch_s3``, ``daywatch_warehouse`` and ``daywatch_smtp``.
        boto3_session: Makes the session of Airflow's S3 hook from the id of its connection; None outside Airflow.

    Raises:
        SetupError: A needed variable or connection is missing or cannot be used; the error names it.
    """
    settings = read_settings(environment)
    s3 = connections(S3_CONNECTION)
    if s3 is None and any(uri.startswith("s3://") for uri in (settings.data_uri, settings.artifacts_uri)):
        msg = (
            f"{settings.data_uri} and {settings.artifacts_uri} need the Airflow connection {S3_CONNECTION!r} "
            f"(type aws), but there is none: create it, or set AIRFLOW_CONN_{S3_CONNECTION.upper()}."
        )
        raise SetupError(msg)
    return Deployment(
        data_uri=settings.data_uri.rstrip("/"),
        artifacts_uri=settings.artifacts_uri.rstrip("/"),
        warehouse_url=_warehouse_url(connections(WAREHOUSE_CONNECTION), settings.artifacts_uri),
        s3=s3,
        smtp=connections(SMTP_CONNECTION),
        airflow_url=without_login(settings.airflow_url).rstrip("/"),
        boto3_session=boto3_session,
        connections=connections,
        models=settings.models,
        suites=settings.suites,
        engine=settings.engine,
        library_patches=settings.library_patches == "on",
    )


def _warehouse_url(connection: Connection | None, artifacts_uri: str) -> str:
    """Return the SQLAlchemy URL of the warehouse: a SQLite file where no connection is set and artifacts are local."""
    if connection is None and artifacts_uri.startswith("s3://"):
        msg = (
            f"The artifacts are in {artifacts_uri}, but there is no Airflow connection {WAREHOUSE_CONNECTION!r}, and a "
            "SQLite file of this machine or container would be seen by no other: create it (type postgres), or set "
            f"AIRFLOW_CONN_{WAREHOUSE_CONNECTION.upper()}."
        )
        raise SetupError(msg)
    if connection is None or (
        connection.conn_type == "sqlite" and not (connection.host or connection.schema_)
    ):
        return f"sqlite:///{_WAREHOUSE_FILE}"
    return database_url(connection, WAREHOUSE_CONNECTION)
