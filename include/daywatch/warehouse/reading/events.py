"""What happened to a model: versions, deployments, decisions on retraining, changes of the serving version."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from daywatch.results import FindingCode
from daywatch.warehouse import result_tables, tables
from daywatch.window import Window

_CHANGES = (FindingCode.MODEL_VERSION_CHANGED, FindingCode.VARIANT_CHANGED)


class StoredDecision(NamedTuple):
    """A stored decision on retraining.

    Attributes:
        window: Key of the window whose verdict was looked at.
        start: Start of the window.
        trigger: ``verdict`` or ``person``.
        answer: ``yes``, ``ask`` or ``no``.
        reason: Why, or why not.
        conditions: Name, met and reason of each condition.
        run_id: The run that trains the model, empty where it is not trained.
        version: The version that came of it, None so far.
        decided_by: The person who asked for it, empty for a verdict.
        outcome: ``trained``, ``rejected`` or ``failed``; None until it is known.
        outcome_reason: Why.
    """

    window: str
    start: datetime
    trigger: str
    answer: str
    reason: str
    conditions: list[dict[str, Any]]
    run_id: str
    version: str | None
    decided_by: str
    outcome: str | None
    outcome_reason: str | None


def retraining_decisions(
    connection: sa.Connection, model: str, days: Window | None = None, *, limit: int | None = 200
) -> list[StoredDecision]:
    """Return the decisions on retraining at each window's newest revision, the newest window first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: Only windows that start within these days; None for all.
        limit: Number of decisions at most, the latest ones; None for all.
    """
    table, runs = tables.retraining, tables.window_run
    later = runs.alias()
    key = ("model", "window_start", "window_end")
    replaced = sa.exists().where(
        *(later.c[name] == runs.c[name] for name in key), later.c.sequence > runs.c.sequence
    )
    same = sa.and_(*(table.c[name] == runs.c[name] for name in (*key, "revision")))
    query = (
        sa.select(table)
        .outerjoin(runs, same)
        .where(table.c.model == model, sa.or_(~replaced, table.c.run_id != ""))
        .order_by(
            table.c.window_start.desc(), table.c.window_end.desc(), table.c.trigger, runs.c.sequence.desc()
        )
        .limit(limit)
    )
    if days is not None:
        query = query.where(table.c.window_start >= days.start, table.c.window_start < days.end)
    return [
        StoredDecision(
            window=Window(row.window_start, row.window_end).key,
            start=row.window_start,
            trigger=row.trigger,
            answer=row.decision,
            reason=row.reason,
            conditions=list(row.conditions or ()),
            run_id=row.run_id,
            version=row.version,
            decided_by=row.decided_by,
            outcome=row.outcome,
            outcome_reason=row.outcome_reason,
        )
        for row in connection.execute(query)
    ]


def model_versions(connection: sa.Connection, model: str, limit: int = 100) -> list[Any]:
    """Return the rows of the registered versions of a model, the newest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        limit: Number of versions at most.
    """
    table = tables.model_version
    query = sa.select(table).where(table.c.model == model)
    return list(connection.execute(query.order_by(table.c.created_at.desc(), table.c.version).limit(limit)))


def model_deployments(connection: sa.Connection, model: str, limit: int = 100) -> list[Any]:
    """Return the rows of the deployments of a model, the newest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        limit: Number of deployments at most.
    """
    table = tables.deployment
    query = sa.select(table).where(table.c.model == model)
    newest = (table.c.created_at.desc(), table.c.deployment_id)
    return list(connection.execute(query.order_by(*newest).limit(limit)))


def changes_of_serving(connection: sa.Connection, model: str, days: Window) -> list[tuple[datetime, str]]:
    """Return the windows in which another version or variant served, with what changed, oldest first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: The days.
    """
    table = result_tables.finding
    query = (
        sa.select(table.c.window_start, table.c.detail)
        .where(table.c.model == model, table.c.code.in_(_CHANGES))
        .where(table.c.window_start >= days.start, table.c.window_start < days.end)
        .distinct()
        .order_by(table.c.window_start, table.c.detail)
    )
    return [(row.window_start, row.detail) for row in connection.execute(query)]
