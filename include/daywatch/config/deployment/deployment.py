"""Where this installation keeps things: from Airflow connections and the environment, never from YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daywatch.config.deployment.connections import (
    S3_CONNECTION,
    SMTP_CONNECTION,
    WAREHOUSE_CONNECTION,
    Connection,
    Connections,
    no_connections,
)
from daywatch.config.deployment.databases import database_url
from daywatch.engine.settings import EngineSettings, engine_settings_from
from daywatch.errors import SetupError

PROJECT = Path(__file__).resolve().parents[4]
"""The checkout: the folder of dags/, plugins/ and include/."""


@dataclass(frozen=True)
class Deployment:
    """All that a stage has to know about the installation it runs in.

    Attributes:
        data_uri: Where captures and labels lie: ``s3://bucket[/prefix]`` or a local folder.
        artifacts_uri: Where Daywatch writes: likewise.
        warehouse_url: SQLAlchemy URL with its driver named; holds a password, so never shown.
        s3: The S3 connection, None where both URIs are local folders.
        smtp: The mail connection, None where no mail is sent.
        airflow_url: Base address of the Airflow UI for links in mails, empty for none.
        models: Folder of the models' YAML files.
        suites: Folder of the expectation suites edited by people.
        engine: What a stage's DuckDB may take.
        boto3_session: For credentials that Airflow's S3 hook resolves (roles, profiles); None for the
            connection's own key.
        connections: Looks further connections up, such as the database of a model's labels.
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
    boto3_session: Callable[[], Any] | None = field(default=None, repr=False)
    connections: Connections = field(default=no_connections, repr=False)


def deployment_from(
    environment: Mapping[str, str],
    connections: Connections,
    boto3_session: Callable[[], Any] | None = None,
) -> Deployment:
    """Put a deployment together from the environment and a look-up of connections.

    Args:
        environment: ``DAYWATCH_DATA_URI``, ``DAYWATCH_ARTIFACTS_URI``, ``DAYWATCH_AIRFLOW_URL``,
            ``DAYWATCH_MODELS``, ``DAYWATCH_SUITES`` and those of the engine; see docs/configuration.md.
        connections: Where ``daywatch_s3``, ``daywatch_warehouse`` and ``daywatch_smtp`` are looked up.
        boto3_session: Makes the session of Airflow's S3 hook, inside Airflow.

    Raises:
        SetupError: A needed variable or connection is missing or cannot be used; the sentence says which.
    """
    local = PROJECT / ".daywatch" / "local"
    data_uri = environment.get("DAYWATCH_DATA_URI") or str(local / "data")
    artifacts_uri = environment.get("DAYWATCH_ARTIFACTS_URI") or str(local / "artifacts")
    s3 = connections(S3_CONNECTION)
    if s3 is None and any(uri.startswith("s3://") for uri in (data_uri, artifacts_uri)):
        msg = (
            f"{data_uri} and {artifacts_uri} need the Airflow connection {S3_CONNECTION!r} (type aws), "
            f"but there is none: create it, or set AIRFLOW_CONN_{S3_CONNECTION.upper()}."
        )
        raise SetupError(msg)
    return Deployment(
        data_uri=data_uri.rstrip("/"),
        artifacts_uri=artifacts_uri.rstrip("/"),
        warehouse_url=_warehouse_url(connections(WAREHOUSE_CONNECTION), local / "warehouse.sqlite"),
        s3=s3,
        smtp=connections(SMTP_CONNECTION),
        airflow_url=environment.get("DAYWATCH_AIRFLOW_URL", "").rstrip("/"),
        boto3_session=boto3_session,
        connections=connections,
        models=models_folder(environment),
        suites=suites_folder(environment),
        engine=engine_settings_from(environment),
    )


def models_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the models' YAML files."""
    return Path(environment.get("DAYWATCH_MODELS") or PROJECT / "include" / "models")


def suites_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the expectation suites edited by people."""
    return Path(environment.get("DAYWATCH_SUITES") or PROJECT / "include" / "suites")


def _warehouse_url(connection: Connection | None, local_file: Path) -> str:
    """Return the SQLAlchemy URL of the warehouse; a SQLite file where no connection is set."""
    if connection is None or (
        connection.conn_type == "sqlite" and not (connection.host or connection.schema_)
    ):
        return f"sqlite:///{local_file}"
    return database_url(connection, WAREHOUSE_CONNECTION)
