"""The stored causes of windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.verdicts import VerdictCause
from daywatch.warehouse import result_tables
from daywatch.warehouse.rows.outcomes import CAUSE_COLUMNS
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.warehouse.history import JudgedWindow

Key = tuple[str, str]
"""The key of a window, and its revision."""


def stored_causes(
    connection: sa.Connection, model: str, windows: Iterable[JudgedWindow]
) -> dict[Key, tuple[VerdictCause, ...]]:
    """Return the causes of judged windows in the order of their ranks; no entry for a GREEN window.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        windows: Judged windows of the model.
    """
    causes = result_tables.cause
    columns = {name: CAUSE_COLUMNS.get(name, name) for name in VerdictCause.model_fields}
    revisions = sorted({one.revision for one in windows})
    query = (
        sa.select(causes)
        .where(causes.c.model == model, causes.c.revision.in_(revisions))
        .order_by(causes.c.window_start, causes.c.revision, causes.c.rank)
    )
    found: dict[Key, tuple[VerdictCause, ...]] = {}
    for row in connection.execute(query).mappings():
        key = Window(row["window_start"], row["window_end"]).key, row["revision"]
        cause = VerdictCause.model_validate({name: row[column] for name, column in columns.items()})
        found[key] = (*found.get(key, ()), cause)
    return found
