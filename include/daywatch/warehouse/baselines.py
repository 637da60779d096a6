"""The baselines in use of a model: one for all versions, and those of single versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.errors import SetupError
from daywatch.warehouse.database import transaction
from daywatch.warehouse.tables import baseline

if TYPE_CHECKING:
    from daywatch.window import Window


def current_baseline(warehouse_url: str, model: str, window: Window | None = None) -> str:
    """Return the id of the baseline that a window is compared with.

    Args:
        warehouse_url: Address of the warehouse.
        model: Name of the model.
        window: The window; None for the newest baseline of all.

    Raises:
        SetupError: There is none.
        InfrastructureError: The warehouse did not answer.
    """
    with transaction(warehouse_url) as connection:
        found = newest_baseline(connection, model, window)
    if found is None:
        msg = (
            f"The model {model!r} has no baseline to compare with: run the DAG baseline__{model} "
            f"or `daywatch baseline --model {model}`."
        )
        raise SetupError(msg)
    return found


def newest_baseline(connection: sa.Connection, model: str, window: Window | None = None) -> str | None:
    """Return the id of the newest baseline for all versions, None where there is none.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window that is compared with it; a promoted version's baseline counts from some window on. None
            for the newest of all.
    """
    query = sa.select(baseline.c.baseline_id).where(baseline.c.model == model, baseline.c.versions.is_(None))
    if window is not None:
        query = query.where(baseline.c.counts_from.is_(None) | (baseline.c.counts_from <= window.start))
    return connection.execute(query.order_by(baseline.c.sequence.desc()).limit(1)).scalar()


def is_frozen(warehouse_url: str, model: str, baseline_id: str) -> bool:
    """Return whether a baseline is stored, in use or not.

    Args:
        warehouse_url: Address of the warehouse.
        model: Name of the model.
        baseline_id: Id of the baseline.

    Raises:
        InfrastructureError: The warehouse did not answer.
    """
    query = sa.select(baseline.c.model).where(
        baseline.c.model == model, baseline.c.baseline_id == baseline_id
    )
    with transaction(warehouse_url) as connection:
        return connection.execute(query).first() is not None


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
