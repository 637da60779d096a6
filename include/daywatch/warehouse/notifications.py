"""The mail of each revision: whether one is due, which run sends it, and who has it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.config.model.alerts import CONTACTS
from daywatch.results import Record, State
from daywatch.warehouse import tables
from daywatch.warehouse.claims import claim_row, end_claim_of, row_of
from daywatch.warehouse.record import insert_if_new

if TYPE_CHECKING:
    from daywatch.warehouse.tables import Row
    from daywatch.window import Window


class Notification(Record):
    """What is stored about the mail of a revision.

    Attributes:
        kind: The kind of mail, as a word.
        state: The verdict that it is about.
        reason: The reason for it, as a sentence.
        recipients: The recipients that the server accepted.
        refused: The recipients that it refused, with its answer.
        sent_at: When the first run started that sent it to somebody, None where nobody has it.
        receivers: Names of who hears of it.
    """

    kind: str
    state: State
    reason: str
    recipients: tuple[str, ...]
    refused: dict[str, str]
    sent_at: datetime | None
    receivers: tuple[str, ...] = ()


def stored_notification(connection: sa.Connection, key: Row, decided: Row) -> Notification:
    """Store what was decided about a revision's mail, and return what is stored; the first decision counts.

    The row stays locked until the transaction ends: between this look and a claim, no other run can send the mail.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        key: Model, window and revision.
        decided: The other columns of the table, for a revision without a row.
    """
    insert_if_new(connection, tables.notification, {**key, **decided})
    row = connection.execute(
        sa.select(tables.notification).where(*row_of(tables.notification, key)).with_for_update()
    ).one()
    return Notification(
        kind=row.kind,
        state=State(row.state),
        reason=row.reason,
        recipients=tuple(row.recipients),
        refused=row.refused,
        sent_at=row.sent_at,
        receivers=(CONTACTS,) if row.receivers is None else tuple(row.receivers),
    )


def claim(connection: sa.Connection, key: Row) -> bool:
    """Claim the sending of a revision's mail, and return whether no other run has claimed it.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        key: Model, window and revision.
    """
    return claim_row(connection, tables.notification, key)


def end_claim(connection: sa.Connection, key: Row, **outcome: Any) -> None:
    """End a claim, and store what came of it.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        key: Model, window and revision.
        **outcome: Values by column.
    """
    end_claim_of(connection, tables.notification, key, **outcome)


def known_state(
    connection: sa.Connection, model: str, window: Window, revision: str, quiet: tuple[str, ...]
) -> State | None:
    """Return the verdict on a window that people know, from the last mail or where none was due; None for none.

    They know nothing of a revision whose mail was due and never sent.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window.
        revision: Only earlier revisions than this one count.
        quiet: Kinds of which no mail is due: what people know still holds.
    """
    runs, mails = tables.window_run, tables.notification
    of_window = [runs.c.model == model, runs.c.window_start == window.start, runs.c.window_end == window.end]
    this = sa.select(runs.c.sequence).where(*of_window, runs.c.revision == revision).scalar_subquery()
    same = (mails.c[name] == runs.c[name] for name in ("model", "window_start", "window_end", "revision"))
    query = (
        sa.select(mails.c.state)
        .select_from(runs.join(mails, sa.and_(*same)))
        .where(*of_window, runs.c.sequence < this)
        .where(sa.or_(mails.c.sent_at.is_not(None), mails.c.kind.in_(quiet)))
        .order_by(runs.c.sequence.desc())
        .limit(1)
    )
    state = connection.execute(query).scalar()
    return State(state) if state else None
