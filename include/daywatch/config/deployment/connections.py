"""Airflow connections as plain data, so that the stages need no Airflow to know where things are.

In a task, ``orchestration.deployment`` reads them from Airflow; the command line reads the same
``AIRFLOW_CONN_<ID>`` variables in their JSON form
(https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from daywatch.config.deployment.secrets import secrets_among, without_login
from daywatch.errors import SetupError

S3_CONNECTION = "daywatch_s3"
WAREHOUSE_CONNECTION = "daywatch_warehouse"
SMTP_CONNECTION = "daywatch_smtp"
METRICS_CONNECTION = "daywatch_metrics"
"""Its password is the token of ``/daywatch/metrics``."""


class Connection(BaseModel):
    """The parts of an Airflow connection; password and extras are in no repr and no log line."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    conn_type: str
    host: str | None = None
    port: int | None = None
    login: str | None = None
    password: SecretStr | None = None
    schema_: str | None = Field(default=None, alias="schema")
    extra: dict[str, Any] = Field(default_factory=dict, repr=False)

    @field_validator("extra", mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        return json.loads(value or "{}") if isinstance(value, str) else value or {}

    @field_validator("extra")
    @classmethod
    def _endpoint_without_login(cls, extra: dict[str, Any]) -> dict[str, Any]:
        """Leave a login in the address of an S3 server out: requests are signed, and addresses are shown."""
        endpoint = extra.get("endpoint_url")
        return {**extra, "endpoint_url": without_login(endpoint)} if isinstance(endpoint, str) else extra

    @property
    def secrets(self) -> frozenset[str]:
        """What no sentence, log or mail may show."""
        password = self.password.get_secret_value() if self.password else ""
        return secrets_among(password, self.extra)


def check_s3_type(connection: Connection, conn_id: str) -> None:
    """Check that a connection is one to S3.

    Args:
        connection: The connection.
        conn_id: Its id, for the error.

    Raises:
        SetupError: It has another type than aws.
    """
    if connection.conn_type not in ("aws", "s3"):
        msg = f"The connection {conn_id!r} has type {connection.conn_type!r}, expected aws, which reads a bucket."
        raise SetupError(msg)


Connections = Callable[[str], Connection | None]
"""Looks up a connection by its id; returns None where there is no such connection."""


def no_connections(conn_id: str) -> None:
    """Return no connection: for installations that use only local folders."""


def connections_from_environment(environment: Mapping[str, str]) -> Connections:
    """Return a function that looks up connections in the variables ``AIRFLOW_CONN_<ID>``.

    Args:
        environment: The process environment, or the variables of a dotenv file.

    Raises:
        SetupError: On look-up, where a variable is not in the JSON form; the error does not repeat its value.
    """

    def look_up(conn_id: str) -> Connection | None:
        variable = f"AIRFLOW_CONN_{conn_id.upper()}"
        text = environment.get(variable)
        if not text:
            return None
        try:
            return Connection.model_validate(json.loads(text))
        except (json.JSONDecodeError, ValidationError):
            msg = (
                f"{variable} cannot be read: expected the JSON form of an Airflow connection, "
                'such as {"conn_type": "postgres", "host": "...", "login": "...", "password": "..."}.'
            )
            raise SetupError(msg) from None

    return look_up
