"""The connections that a model names: whether they exist, for `daywatch lint --connections`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from daywatch.config.base import Place
from daywatch.config.deployment.connections import SMTP_CONNECTION, Connections, check_s3_type
from daywatch.config.deployment.databases import database_url
from daywatch.config.loading.load import problem_at
from daywatch.config.model.capture import SqlCapture
from daywatch.config.model.data_place import DataPlace
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
    for one in _named(model):
        try:
            found = connections(one.conn_id)
            if found is None:
                variable = f"AIRFLOW_CONN_{one.conn_id.upper()}"
                message = f"there is no connection {one.conn_id!r}: create it, or set {variable}; {one.use}"
                yield problem_at(path, one.where, message)
            elif one.kind == "database":
                database_url(found, one.conn_id)
            elif one.kind == "bucket":
                check_s3_type(found, one.conn_id)
        except SetupError as error:
            yield problem_at(path, one.where, str(error))


class _Named(NamedTuple):
    """A connection that a model needs: the place that names it, its id, what it is for and what it must be."""

    where: Place
    conn_id: str
    use: str
    kind: Literal["database", "bucket", ""] = ""


def _named(model: MonitoredModel) -> Iterator[_Named]:
    yield _Named(("contacts",), SMTP_CONNECTION, "it sends the mails")
    if isinstance(model.capture, SqlCapture):
        use = "the captures are in its database"
        yield _Named(("capture", "connection"), model.capture.connection, use, "database")
    places = (
        ("capture", model.capture, "captures"),
        ("labels", model.labels, "labels"),
        ("baseline", model.baseline, "data set"),
    )
    for section, place, what in places:
        if isinstance(place, DataPlace) and place.connection is not None:
            yield _Named((section, "connection"), place.connection, f"it reads the {what}", "bucket")
    if isinstance(model.labels, SqlLabels):
        use = "the labels are in its database"
        yield _Named(("labels", "connection"), model.labels.connection, use, "database")
    if model.redaction.key is not None:
        yield _Named(("redaction", "key"), model.redaction.key, "its password is the key of the hash")
