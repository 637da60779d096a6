"""Claims: of several runs that would send the same message, one sends it and the others wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.warehouse.tables import UtcDateTime

if TYPE_CHECKING:
    from daywatch.warehouse.tables import Row

CLAIM = timedelta(minutes=3)
"""How long a run may take to send a message. If it is killed, others wait so long before they send it."""


def claim_row(connection: sa.Connection, table: sa.Table, key: Row) -> bool:
    """Claim the sending of a row's message, and return whether no other run has claimed it.

    The clock is that of the database, which all runs share.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        table: A table with the column ``claimed_until``.
        key: Values of the primary key by column.
    """
    now: datetime = connection.execute(
        sa.select(sa.type_coerce(sa.func.current_timestamp(), UtcDateTime))
    ).scalar_one()
    until = table.c.claimed_until
    free = sa.or_(until.is_(None), until <= now)
    statement = sa.update(table).where(*row_of(table, key), free).values(claimed_until=now + CLAIM)
    return connection.execute(statement).rowcount == 1


def end_claim_of(connection: sa.Connection, table: sa.Table, key: Row, **outcome: Any) -> None:
    """End a claim, and store what came of it.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        table: The table of the claim.
        key: Values of the primary key by column.
        **outcome: Values by column.
    """
    connection.execute(sa.update(table).where(*row_of(table, key)).values(claimed_until=None, **outcome))


def row_of(table: sa.Table, key: Row) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that select a row by its key."""
    return [table.c[name] == value for name, value in key.items()]
