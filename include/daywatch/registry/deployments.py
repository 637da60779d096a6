"""Deployments: which version serves at which endpoint, since when, and how it was deployed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.config.loading.load import find_model
from daywatch.errors import SetupError
from daywatch.registry.secrets import check_environment
from daywatch.results import Record
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, record_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daywatch.config.deployment.deployment import Deployment as Installation


class ModelDeployment(Record):
    """A deployed version.

    Attributes:
        model: Name of the model.
        deployment_id: Name of the deployment.
        version: Name of the deployed version, which is registered.
        endpoint: Endpoint at which the version serves.
        environment: Environment variables of the service, none of them secret.
        method: Way of deployment, such as ``sagemaker``.
        rollout_strategy: Way in which traffic was moved, such as ``canary``.
        created_at: Time of the deployment.
        created_by: Person or job that deployed it.
    """

    model: str
    deployment_id: str
    version: str
    endpoint: str
    environment: dict[str, str]
    method: str
    rollout_strategy: str
    created_at: datetime
    created_by: str


def add_deployment(installation: Installation, new: ModelDeployment) -> bool:
    """Register a deployment; the same again changes nothing.

    Args:
        installation: Addresses and connections of models and warehouse.
        new: The deployment; where it is registered already, the first time and person are kept.

    Returns:
        False where it was registered before.

    Raises:
        ValueError: A variable of the environment looks like a secret.
        SetupError: The version is not registered, or the deployment's id is taken.
        ConfigurationError: There is no such model.
        InfrastructureError: The warehouse did not answer.
    """
    check_environment(new.environment)
    model = find_model(new.model, installation.models)
    versions, table = tables.model_version, tables.deployment
    known = (versions.c.model == new.model) & (versions.c.version == new.version)
    with transaction(installation.warehouse_url) as connection:
        record_model(connection, model)
        if connection.execute(sa.select(versions.c.version).where(known)).first() is None:
            msg = (
                f"The version {new.version!r} of {new.model!r} is not registered: register it with "
                f"`daywatch versions add --model {new.model} --version {new.version}` first."
            )
            raise SetupError(msg)
        if insert_if_new(connection, table, new.model_dump()):
            return True
        this = (table.c.model == new.model) & (table.c.deployment_id == new.deployment_id)
        there = ModelDeployment(**connection.execute(sa.select(table).where(this)).mappings().one())
    if there.model_copy(update={"created_at": new.created_at, "created_by": new.created_by}) != new:
        msg = (
            f"The deployment {new.deployment_id!r} of {new.model!r} is registered already, by {there.created_by} on "
            f"{there.created_at:%Y-%m-%d}, with other values. What is registered does not change: choose another id."
        )
        raise SetupError(msg)
    return False


def list_deployments(installation: Installation, models: Sequence[str]) -> list[ModelDeployment]:
    """Return the deployments of models, by model and time.

    Raises:
        InfrastructureError: The warehouse did not answer.
    """
    table = tables.deployment
    query = (
        sa.select(table)
        .where(table.c.model.in_(models))
        .order_by(table.c.model, table.c.created_at, table.c.deployment_id)
    )
    with transaction(installation.warehouse_url) as connection:
        return [ModelDeployment(**row) for row in connection.execute(query).mappings()]
