"""Store all results of a window in one transaction; the same revision again changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.result_rows import looked_at, result_rows, run_row

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.warehouse.window_results import WindowResults
    from daywatch.window import Window

Row = dict[str, Any]


def record_window(connection: sa.Connection, results: WindowResults) -> bool:
    """Store a window's results.

    Args:
        connection: Inside a transaction.
        results: What is stored.

    Returns:
        False where this revision is already the window's newest, and nothing was changed.
    """
    record_model(connection, results.model)
    key = window_key(results.model.model, results.window, results.revision)
    runs = tables.window_run
    of_window = [runs.c[name] == key[name] for name in ("model", "window_start", "window_end")]
    newest = connection.execute(
        sa.select(runs.c.revision, runs.c.sequence)
        .where(*of_window)
        .order_by(runs.c.sequence.desc())
        .limit(1)
    ).first()
    if newest is not None and newest.revision == results.revision:
        _look_again(connection, key, results)
        return False
    sequence = 1 if newest is None else newest.sequence + 1
    known = [*of_window, runs.c.revision == results.revision]
    if connection.execute(sa.update(runs).where(*known).values(sequence=sequence)).rowcount:
        # Evidence or plan went back to what they were: its results are here already and count again.
        _look_again(connection, key, results)
        return True
    connection.execute(sa.insert(runs).values(**key, sequence=sequence, **run_row(results)))
    for table, rows in result_rows(results):
        if rows:
            connection.execute(sa.insert(table), [{**key, **row} for row in rows])
    return True


def _look_again(connection: sa.Connection, key: Row, results: WindowResults) -> None:
    """Store how far was looked this time, where the results are those that are stored already."""
    for table, row in (
        (tables.window_run, {"evidence_listing": results.listing or None}),
        (result_tables.label_coverage, looked_at(results)),
    ):
        same = [table.c[name] == value for name, value in key.items()]
        connection.execute(sa.update(table).where(*same).values(**row))


def record_model(connection: sa.Connection, model: MonitoredModel) -> None:
    """Store what the configuration says about a model; its row is locked until the transaction ends."""
    row = {
        "namespace": model.namespace,
        "owner": model.owner,
        "tier": model.tier,
        "description": model.description,
    }
    insert_if_new(connection, tables.model, {"model": model.model, **row})
    connection.execute(sa.update(tables.model).where(tables.model.c.model == model.model).values(**row))


def insert_if_new(connection: sa.Connection, table: sa.Table, row: Row) -> bool:
    """Insert a row unless its primary key is there, also when another transaction is just inserting it."""
    from sqlalchemy.dialects import postgresql, sqlite

    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # The row count of an INSERT is not to be relied on; what it returns is.
    returned = insert(table).values(**row).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(returned).first() is not None


def window_key(model: str, window: Window, revision: str) -> Row:
    """Return the columns that all results of a window share."""
    return {"model": model, "window_start": window.start, "window_end": window.end, "revision": revision}
