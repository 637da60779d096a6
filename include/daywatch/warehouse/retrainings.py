"""Decisions on retraining, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.history import current_revisions
from daywatch.warehouse.record import insert_if_new, window_key
from daywatch.warehouse.tables import retraining

if TYPE_CHECKING:
    from datetime import datetime

    from daywatch.run import WindowRun
    from daywatch.warehouse.tables import Row
    from daywatch.window import Window


def store_decision(connection: sa.Connection, run: WindowRun, row: Row, *, again: bool) -> Row:
    """Store a decision on a revision, and return the one that counts.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        run: The window's run.
        row: The decision's columns.
        again: Whether it replaces an earlier decision of the same trigger; otherwise the first one counts. A no
            never replaces one that started a training, which cooldown and running depend on.
    """
    key = window_key(run.model, run.window, run.revision)
    if again:
        before = stored_decision(connection, run, row["trigger"])
        if before is not None and row["decision"] == "no" != before["decision"]:
            return row
        same = [retraining.c[name] == value for name, value in {**key, "trigger": row["trigger"]}.items()]
        connection.execute(sa.delete(retraining).where(*same))
    insert_if_new(connection, retraining, {**key, **row})
    stored = stored_decision(connection, run, row["trigger"])
    return stored if stored is not None else row


def stored_decision(connection: sa.Connection, run: WindowRun, trigger: str) -> Row | None:
    """Return the decision on a revision, None where there is none.

    Args:
        connection: Connection to the warehouse.
        run: The window's run.
        trigger: What asked for it.
    """
    key = window_key(run.model, run.window, run.revision)
    query = sa.select(retraining).where(
        *(retraining.c[name] == value for name, value in key.items()), retraining.c.trigger == trigger
    )
    found = connection.execute(query).mappings().first()
    return dict(found) if found is not None else None


def trained_version(connection: sa.Connection, model: str, window: Window) -> str | None:
    """Return the version that was trained because of a window's verdict, None where there is none.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window whose verdict triggered the retraining.
    """
    query = sa.select(retraining.c.version).where(
        *_of_window(model, window), retraining.c.version.is_not(None)
    )
    return connection.execute(query.order_by(retraining.c.version).limit(1)).scalar()


def decided_retrainings(connection: sa.Connection, model: str) -> list[Row]:
    """Return the retrainings that were decided on, each run once.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
    """
    columns = [retraining.c[name] for name in ("window_start", "run_id", "outcome", "decision", "decided_at")]
    query = (
        sa.select(*columns)
        .where(retraining.c.model == model, retraining.c.decision != "no")
        .order_by(retraining.c.window_start, retraining.c.run_id, retraining.c.decided_at)
    )
    by_run = {row.run_id: row._asdict() for row in connection.execute(query)}
    return list(by_run.values())


def registered_version(connection: sa.Connection, model: str, version: str) -> Row | None:
    """Return a version as it is registered, None where it is not.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        version: Name of the version.
    """
    table = tables.model_version
    query = sa.select(table).where(table.c.model == model, table.c.version == version)
    found = connection.execute(query).mappings().first()
    return dict(found) if found is not None else None


def asked_decisions(connection: sa.Connection, model: str) -> list[Row]:
    """Return the newest decision on each window whose plan, or a person, asked for retraining, oldest window first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
    """
    query = (
        sa.select(retraining)
        .where(retraining.c.model == model)
        .order_by(retraining.c.window_start, retraining.c.decided_at)
    )
    by_window = {
        row["window_start"]: dict(row)
        for row in connection.execute(query).mappings()
        if any(one["name"] == "asked" and one["met"] for one in row["conditions"])
    }
    return list(by_window.values())


def last_trained(connection: sa.Connection, model: str) -> datetime | None:
    """Return the end of the last window that a version was trained on, None where Daywatch trained none.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
    """
    versions = tables.model_version
    query = sa.select(sa.func.max(versions.c.trained_until)).where(versions.c.model == model)
    found: datetime | None = connection.execute(query).scalar()
    return found


def unused_labels(connection: sa.Connection, model: str, until: datetime) -> int:
    """Return the number of labelled rows up to a timestamp that no training has used.

    Where Daywatch has trained no version yet, these are those of the baseline and of all judged windows.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        until: Only windows that end at or before this timestamp.
    """
    labels, baseline = result_tables.label_coverage, tables.baseline
    trained = last_trained(connection, model)
    windows = {
        (window.start, revision)
        for window, revision in current_revisions(connection, model, until)
        if trained is None or window.start >= trained
    }
    query = sa.select(labels.c.window_start, labels.c.revision, labels.c.labelled).where(
        labels.c.model == model
    )
    rows = sum(
        row.labelled for row in connection.execute(query) if (row.window_start, row.revision) in windows
    )
    if trained is not None:
        return rows
    newest = sa.select(baseline.c.labelled).where(baseline.c.model == model)
    return rows + (connection.execute(newest.order_by(baseline.c.sequence.desc()).limit(1)).scalar() or 0)


def close_retraining(connection: sa.Connection, model: str, run_id: str, values: dict[str, Any]) -> None:
    """Store what came of a retraining run, with every decision that led to it.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        model: Name of the model.
        run_id: Id of the run.
        values: The columns ``outcome``, ``outcome_reason`` and ``version``, as far as they are known.
    """
    same = (retraining.c.model == model) & (retraining.c.run_id == run_id)
    connection.execute(sa.update(retraining).where(same).values(**values))


def _of_window(model: str, window: Window) -> list[sa.ColumnElement[bool]]:
    return [
        retraining.c.model == model,
        retraining.c.window_start == window.start,
        retraining.c.window_end == window.end,
    ]
