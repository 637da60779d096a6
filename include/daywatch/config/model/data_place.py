"""In which bucket or folder captures, labels and data sets are, where it is not the installation's."""

from __future__ import annotations

from typing import Annotated

from daywatch.config.base import Frozen, shaped

ConnectionId = Annotated[
    str, shaped(r"[A-Za-z0-9_.-]+", "the id of an Airflow connection, such as 'shop_labels'")
]

DataUri = Annotated[
    str,
    shaped(
        r"s3://[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9._=-]+)*/?|/[^\n\r?*\[]*",
        "s3://bucket, s3://bucket/prefix or an absolute path of a folder, without a login",
    ),
]


class DataPlace(Frozen):
    """Where objects are read, for a model whose data are not where the installation's are.

    Attributes:
        connection: Id of the Airflow connection of type aws; None: ``daywatch_s3``.
        uri: The bucket with its prefix, or a local folder; None: ``DAYWATCH_DATA_URI``.
    """

    connection: ConnectionId | None = None
    uri: DataUri | None = None
