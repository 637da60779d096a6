"""Messages to receivers other than a window's own mail: whether they were delivered, and which run delivers them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.warehouse.claims import claim_row, end_claim_of, row_of
from daywatch.warehouse.incident_tables import alert_delivery
from daywatch.warehouse.record import insert_if_new

if TYPE_CHECKING:
    from daywatch.warehouse.tables import Row


def begin_delivery(
    connection: sa.Connection, message_key: str, receiver: str, about: Row
) -> tuple[datetime | None, bool]:
    """Return when a message was delivered to a receiver, None for not yet, and whether this run is to deliver it.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        message_key: What the message is, the same on every try.
        receiver: Name of the receiver.
        about: The other columns, for a message that is new.
    """
    key = {"message_key": message_key, "receiver": receiver}
    insert_if_new(connection, alert_delivery, {**key, **about})
    query = sa.select(alert_delivery.c.sent_at).where(*row_of(alert_delivery, key)).with_for_update()
    sent_at: datetime | None = connection.execute(query).scalar_one()
    return sent_at, sent_at is None and claim_row(connection, alert_delivery, key)


def end_delivery(
    connection: sa.Connection, message_key: str, receiver: str, sent_at: datetime | None
) -> None:
    """End the delivery that this run began.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        message_key: What the message is.
        receiver: Name of the receiver.
        sent_at: When it was delivered, None where it was not.
    """
    key = {"message_key": message_key, "receiver": receiver}
    end_claim_of(connection, alert_delivery, key, sent_at=sent_at)
