"""What retraining came of a window's verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.warehouse.tables import retraining

if TYPE_CHECKING:
    from daywatch.window import Window


def trained_version(
    connection: sa.Connection, model: str, window: Window, *, other_than: str | None = None
) -> str | None:
    """Return the version that was trained because of a window's verdict, None where there is none.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window whose verdict triggered the retraining.
        other_than: A revision of the window that does not count; None to count all.
    """
    query = sa.select(retraining.c.version).where(
        retraining.c.model == model,
        retraining.c.window_start == window.start,
        retraining.c.window_end == window.end,
        retraining.c.version.is_not(None),
    )
    if other_than is not None:
        query = query.where(retraining.c.revision != other_than)
    return connection.execute(query.order_by(retraining.c.version).limit(1)).scalar()
