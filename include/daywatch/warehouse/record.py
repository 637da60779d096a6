"""Store all results of a window in one transaction; the same revision again changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.rows.results import judgement_rows, result_rows
from daywatch.warehouse.rows.runs import label_progress, run_row

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.warehouse.tables import Row
    from daywatch.warehouse.window_results import Judgement, WindowResults
    from daywatch.window import Window


def record_window(connection: sa.Connection, results: WindowResults) -> bool:
    """Store a window's results.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        results: Everything that is stored about the window.

    Returns:
        False where this revision is already the window's newest with these results, and nothing was changed.
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
        _store_progress(connection, key, results)
        return replace_judgement(connection, key, results)
    sequence = 1 if newest is None else newest.sequence + 1
    known = [*of_window, runs.c.revision == results.revision]
    if connection.execute(sa.update(runs).where(*known).values(sequence=sequence)).rowcount:
        # Evidence or plan are what they were before: the results of then are stored and count again.
        _store_progress(connection, key, results)
        replace_judgement(connection, key, results)
        return True
    connection.execute(sa.insert(runs).values(**key, sequence=sequence, **run_row(results)))
    for table, rows in result_rows(results):
        if rows:
            connection.execute(sa.insert(table), [{**key, **row} for row in rows])
    return True


def replace_judgement(connection: sa.Connection, key: Row, judgement: Judgement) -> bool:
    """Replace what depends on the windows before a recorded window, unless it is stored already.

    Args:
        connection: Connection to the warehouse, inside a transaction that holds the model's row.
        key: The window's key.
        judgement: What is stored of the window now.

    Returns:
        Whether it was another one.
    """
    runs = tables.window_run
    same = [runs.c[name] == value for name, value in key.items()]
    stored = connection.execute(sa.select(runs.c.history, runs.c.judged_by).where(*same)).one()
    values = {"history": judgement.history or None, "judged_by": judgement.judged_by or None}
    if stored._mapping == values:
        return False
    connection.execute(sa.update(runs).where(*same).values(**values))
    for table, rows in judgement_rows(judgement):
        connection.execute(sa.delete(table).where(*(table.c[name] == value for name, value in key.items())))
        if rows:
            connection.execute(sa.insert(table), [{**key, **row} for row in rows])
    return True


def _store_progress(connection: sa.Connection, key: Row, results: WindowResults) -> None:
    """Store which evidence was looked at this time, where its results are stored already."""
    for table, row in (
        (tables.window_run, {"evidence_listing": results.evidence_listing or None}),
        (result_tables.label_coverage, label_progress(results)),
    ):
        same = [table.c[name] == value for name, value in key.items()]
        connection.execute(sa.update(table).where(*same).values(**row))


def record_model(connection: sa.Connection, model: MonitoredModel) -> None:
    """Store what the configuration says about a model; its row is locked until the transaction ends.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        model: The model's configuration.
    """
    row = {
        "namespace": model.namespace,
        "owner": model.owner,
        "tier": model.tier,
        "description": model.description,
    }
    insert_if_new(connection, tables.model, {"model": model.model, **row})
    connection.execute(sa.update(tables.model).where(tables.model.c.model == model.model).values(**row))


def insert_if_new(connection: sa.Connection, table: sa.Table, row: Row) -> bool:
    """Insert a row unless its primary key is there, also where another transaction inserts it at the same time.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        table: Table of the row.
        row: Values by column.

    Returns:
        Whether the row was inserted.
    """
    from sqlalchemy.dialects import postgresql, sqlite

    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # The row count of an INSERT is not reliable, what it returns is.
    returned = insert(table).values(**row).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(returned).first() is not None


def window_key(model: str, window: Window, revision: str) -> Row:
    """Return the columns that all results of a window share.

    Args:
        model: Name of the model.
        window: The window.
        revision: Revision of the window, or id of a baseline.
    """
    return {"model": model, "window_start": window.start, "window_end": window.end, "revision": revision}
