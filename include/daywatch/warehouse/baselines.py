"""The baselines in use of a model: one for all versions, and those of single versions."""

from __future__ import annotations

import json

import sqlalchemy as sa

from daywatch.errors import SetupError
from daywatch.warehouse.database import transaction
from daywatch.warehouse.tables import baseline


def current_baseline(warehouse_url: str, model: str) -> str:
    """Return the id of the newest baseline.

    Args:
        warehouse_url: Address of the warehouse.
        model: Name of the model.

    Raises:
        SetupError: There is none.
        InfrastructureError: The warehouse did not answer.
    """
    with transaction(warehouse_url) as connection:
        found = newest_baseline(connection, model)
    if found is None:
        msg = (
            f"The model {model!r} has no baseline to compare with: run the DAG baseline__{model} "
            f"or `daywatch baseline --model {model}`."
        )
        raise SetupError(msg)
    return found


def newest_baseline(connection: sa.Connection, model: str) -> str | None:
    """Return the id of the newest baseline for all versions, None where there is none.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
    """
    query = (
        sa.select(baseline.c.baseline_id)
        .where(baseline.c.model == model, baseline.c.versions.is_(None))
        .order_by(baseline.c.sequence.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def version_baselines(warehouse_url: str, model: str) -> dict[str, str]:
    """Return the id of the newest baseline of each version that has one of its own.

    Args:
        warehouse_url: Address of the warehouse.
        model: Name of the model.

    Raises:
        InfrastructureError: The warehouse did not answer.
    """
    query = (
        sa.select(baseline.c.versions, baseline.c.baseline_id)
        .where(baseline.c.model == model, baseline.c.versions.is_not(None))
        .order_by(baseline.c.sequence)
    )
    with transaction(warehouse_url) as connection:
        rows = connection.execute(query).all()
    return {version: found for versions, found in rows for version in json.loads(versions)}
