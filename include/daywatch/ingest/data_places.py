"""The storages of a model's captures, labels and data set: the installation's, unless the model names others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.config.model.capture import SqlCapture
from daywatch.config.model.data_place import DataPlace
from daywatch.errors import SetupError
from daywatch.ingest.query import DatabaseQuery
from daywatch.storage import Storage, open_storage

if TYPE_CHECKING:
    from daywatch.config.deployment.connections import Connections
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel


class Database(Storage):
    """A database that has captures: nothing is listed or fetched, but rows have an address."""

    def __init__(self, conn_id: str, connections: Connections) -> None:
        """Name the database.

        Args:
            conn_id: Id of its Airflow connection.
            connections: Look-up of Airflow connections.
        """
        super().__init__(f"sql:{conn_id}", None)
        self.connections = connections

    def address(self, key: str) -> str:  # noqa: ARG002 - the query is its only object
        """Return the address of the rows, for people."""
        return self.uri

    def find(self, key: str) -> None:  # noqa: ARG002 - there is only the query
        """Ask the database for nothing, which shows that it answers.

        Raises:
            SetupError: There is no such connection, or the database refuses it.
            InfrastructureError: The database did not answer.
        """
        conn_id = self.uri.removeprefix("sql:")
        DatabaseQuery("capture", "captures", conn_id, "SELECT 1", {}, (), self.connections).run(1)


_HERE = DataPlace()


def capture_storage(model: MonitoredModel, deployment: Deployment) -> Storage:
    """Open the storage of a model's captures.

    Args:
        model: The model's configuration.
        deployment: The data URI, and the look-up of connections.

    Raises:
        SetupError: There is no such connection or folder.
    """
    if isinstance(model.capture, SqlCapture):
        return Database(model.capture.connection, deployment.connections)
    return _open(model.capture, "capture", deployment)


def label_storage(model: MonitoredModel, deployment: Deployment) -> Storage:
    """Open the storage of a model's labels; a model without labels, or with labels in a database, needs none.

    Args:
        model: The model's configuration.
        deployment: The data URI, and the look-up of connections.

    Raises:
        SetupError: There is no such connection or folder.
    """
    place = model.labels if isinstance(model.labels, DataPlace) else _HERE
    return _open(place, "labels", deployment)


def dataset_storage(model: MonitoredModel, deployment: Deployment) -> tuple[Storage, str]:
    """Open the storage of a model's data set, and return the path below it.

    Args:
        model: The model, whose baseline is a data set.
        deployment: The data URI, and the look-up of connections.

    Raises:
        SetupError: There is no such connection or folder.
    """
    path = model.baseline.dataset or ""
    place: DataPlace = model.baseline
    if path.startswith("s3://"):
        bucket, _, path = path.removeprefix("s3://").partition("/")
        place = DataPlace(connection=place.connection, uri=f"s3://{bucket}")
    return _open(place, "baseline", deployment), path


def _open(place: DataPlace, section: str, deployment: Deployment) -> Storage:
    """Open a storage to read from: unlike that of the artifacts, a folder of it is not made.

    Args:
        place: The bucket or folder, and its connection.
        section: The section of the YAML that names it.
        deployment: The deployment.
    """
    uri = (place.uri or deployment.data_uri).rstrip("/")
    if place.uri and not uri.startswith("s3://") and not Path(uri).is_dir():
        msg = f"There is no folder {uri}, which {section}.uri names: correct it, or make the folder."
        raise SetupError(msg)
    if not uri.startswith("s3://"):
        return open_storage(uri, deployment)
    return open_storage(uri, deployment.with_s3(place.connection, uri))
