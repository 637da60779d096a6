"""Model versions: what each is, where its files are stored, who made it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.config.loading.load import find_model
from daywatch.errors import SetupError
from daywatch.registry.secrets import check_value
from daywatch.results import Record
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, record_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daywatch.config.deployment.deployment import Deployment as Installation


class ModelVersion(Record):
    """A model version.

    Attributes:
        namespace: Namespace of the model, from its YAML.
        model: Name of the model.
        version: Name of the version.
        description: What the version is, in a sentence.
        artifacts: Addresses of its files by name.
        created_at: Time at which it was made.
        created_by: Person or run that made it.
    """

    namespace: str
    model: str
    version: str
    description: str
    artifacts: dict[str, str]
    created_at: datetime
    created_by: str


def add_version(
    installation: Installation,
    model_name: str,
    version: str,
    *,
    description: str,
    artifacts: dict[str, str],
    created_at: datetime,
    created_by: str,
) -> bool:
    """Register a version; the same again changes nothing.

    Args:
        installation: Addresses and connections of models and warehouse.
        model_name: Name of the model.
        version: Name of the version.
        description: What the version is, in a sentence.
        artifacts: Addresses of its files by name.
        created_at: Time at which it was made; where it is registered already, the first is kept.
        created_by: Person or run that made it; where it is registered already, the first is kept.

    Returns:
        False where it was registered before.

    Raises:
        ValueError: An address holds a secret.
        SetupError: The name is taken by another version.
        ConfigurationError: There is no such model.
        InfrastructureError: The warehouse did not answer.
    """
    for name, uri in artifacts.items():
        check_value(f"The address of the artifact {name}", uri)
    model = find_model(model_name, installation.models)
    content: dict[str, Any] = {"description": description, "artifacts": artifacts}
    row = {
        "model": model_name,
        "version": version,
        "created_at": created_at,
        "created_by": created_by,
        **content,
    }
    with transaction(installation.warehouse_url) as connection:
        record_model(connection, model)
        if insert_if_new(connection, tables.model_version, row):
            return True
        table = tables.model_version
        this = (table.c.model == model_name) & (table.c.version == version)
        there = connection.execute(sa.select(table).where(this)).one()
        if {name: getattr(there, name) for name in content} != content:
            msg = (
                f"The version {version!r} of {model_name!r} is registered already, by {there.created_by} on "
                f"{there.created_at:%Y-%m-%d}, with another description or other artifacts. What is registered "
                "does not change: choose another name."
            )
            raise SetupError(msg)
        return False


def list_versions(installation: Installation, models: Sequence[str]) -> list[ModelVersion]:
    """Return the registered and retrained versions of models, by model and time.

    Raises:
        InfrastructureError: The warehouse did not answer.
    """
    versions, names = tables.model_version, tables.model
    columns = [versions.c[name] for name in ModelVersion.model_fields if name != "namespace"]
    query = (
        sa.select(names.c.namespace, *columns)
        .join(names, names.c.model == versions.c.model)
        .where(versions.c.model.in_(models))
        .order_by(versions.c.model, versions.c.created_at, versions.c.version)
    )
    with transaction(installation.warehouse_url) as connection:
        return [ModelVersion(**row) for row in connection.execute(query).mappings()]
