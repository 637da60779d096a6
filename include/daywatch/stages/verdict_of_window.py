"""What is stored of the verdict on a window, small enough for an event or an XCom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.database import transaction

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.window import Window

_KEY = ("model", "window_start", "window_end", "revision")
_REASONS = 5
_LONGEST = 300


def stored_verdict(model: str, window: Window, deployment: Deployment) -> dict[str, Any] | None:
    """Return state, window, revision and reasons of the revision that counts, None where nothing was judged.

    Args:
        model: Name of the model.
        window: The window.
        deployment: Where the warehouse is.
    """
    runs, verdict = tables.window_run, result_tables.verdict
    same = sa.and_(*(verdict.c[name] == runs.c[name] for name in _KEY), verdict.c.slice == "")
    query = (
        sa.select(verdict.c.state, verdict.c.reasons, verdict.c.revision)
        .select_from(runs.join(verdict, same))
        .where(runs.c.model == model, runs.c.window_start == window.start, runs.c.window_end == window.end)
        .order_by(runs.c.sequence.desc())
        .limit(1)
    )
    with transaction(deployment.warehouse_url) as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    reasons = [str(reason)[:_LONGEST] for reason in row.reasons[:_REASONS]]
    return {"state": row.state, "window": window.key, "revision": row.revision, "reasons": reasons}
