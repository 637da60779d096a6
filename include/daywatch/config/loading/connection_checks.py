"""The connections that a model names: whether they exist, for `daywatch lint --connections`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from daywatch.config.base import Place
from daywatch.config.deployment.connections import SMTP_CONNECTION, Connections
from daywatch.config.deployment.databases import database_url
from daywatch.config.loading.load import problem_at
from daywatch.config.model.labels import SqlLabels
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import Problem, SetupError


def missing_connections(model: MonitoredModel, path: Path, connections: Connections) -> Iterator[Problem]:
    """Yield an error for each connection that a model needs and that does not exist, or cannot be used.

    Args:
        model: The configuration.
        path: Its file, for the line of the error.
        connections: Looks up a connection.
    """
    for where, conn_id, use in _named(model):
        try:
            found = connections(conn_id)
            if found is None:
                message = (
                    f"there is no connection {conn_id!r}: create it, or set AIRFLOW_CONN_{conn_id.upper()}"
                )
                yield problem_at(path, where, f"{message}; {use}")
            elif isinstance(model.labels, SqlLabels) and conn_id == model.labels.connection:
                database_url(found, conn_id)
        except SetupError as error:
            yield problem_at(path, where, str(error))


def _named(model: MonitoredModel) -> Iterator[tuple[Place, str, str]]:
    """Yield the connections that a model needs: the place that names each, its id, and what it is for."""
    yield ("contacts",), SMTP_CONNECTION, "it sends the mails"
    if isinstance(model.labels, SqlLabels):
        yield ("labels", "connection"), model.labels.connection, "the labels are in its database"
    if model.redaction.key is not None:
        yield ("redaction", "key"), model.redaction.key, "its password is the key of the hash"
