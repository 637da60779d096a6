"""All models with their latest verdicts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from daywatch.results import Record, State
from daywatch.warehouse import result_tables, tables
from daywatch.window import Window

_EVER = sa.literal(datetime(1, 1, 1, tzinfo=UTC), tables.UtcDateTime)
"""A timestamp before all windows, for models with few windows."""


class WindowState(Record):
    """A window's newest verdict, in short.

    Attributes:
        window: Key of the window.
        state: Verdict on the window.
        short: First reason in a few words.
        revision: Newest revision of the window.
    """

    window: str
    state: State
    short: str
    revision: str


class ModelOverview(Record):
    """A model and its latest verdicts.

    Attributes:
        model: Name of the model.
        namespace: Namespace of the model.
        owner: Team or person responsible for the model.
        tier: Importance of the model; 1 is the highest.
        description: What the model predicts.
        windows: Latest judged windows, oldest first.
    """

    model: str
    namespace: str
    owner: str
    tier: int
    description: str
    windows: tuple[WindowState, ...] = ()


def model_overviews(
    connection: sa.Connection, latest: int, names: Collection[str] | None = None
) -> list[ModelOverview]:
    """Return all models by name.

    Args:
        connection: Connection to the warehouse.
        latest: Number of windows per model at most; the latest are returned.
        names: Names of the models; None for all.
    """
    windows: dict[str, dict[str, WindowState]] = {}
    for row in connection.execute(_recent_verdicts(latest, names)):
        key = Window(row.window_start, row.window_end).key
        shown = WindowState(window=key, state=State(row.state), short=row.short, revision=row.revision)
        # Of several revisions of a window, the last one counts.
        windows.setdefault(row.model, {})[key] = shown
    wanted = sa.select(tables.model).order_by(tables.model.c.model)
    if names is not None:
        wanted = wanted.where(tables.model.c.model.in_(sorted(names)))
    models = connection.execute(wanted)
    return [
        ModelOverview(**row._mapping, windows=tuple(windows.get(row.model, {}).values())[-latest:])
        for row in models
    ]


def model_overview(connection: sa.Connection, model: str) -> ModelOverview | None:
    """Return one model without its windows, None where the warehouse does not have it.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
    """
    row = connection.execute(sa.select(tables.model).where(tables.model.c.model == model)).first()
    return ModelOverview(**row._mapping) if row else None


def _recent_verdicts(latest: int, names: Collection[str] | None) -> sa.Select[Any]:
    """Return the query for the verdicts of each model's latest windows, all revisions, in order.

    The query looks up the start of the oldest one by the key, model by model. To rank all windows of 500 models
    would take a second for each year of windows.
    """
    runs, verdict, earlier = tables.window_run, result_tables.verdict, tables.window_run.alias()
    since = (
        sa.select(earlier.c.window_start)
        .where(earlier.c.model == tables.model.c.model)
        .distinct()
        .order_by(earlier.c.window_start.desc())
        .offset(latest - 1)
        .limit(1)
        .scalar_subquery()
    )
    starts = sa.select(tables.model.c.model, sa.func.coalesce(since, _EVER).label("since"))
    if names is not None:
        starts = starts.where(tables.model.c.model.in_(sorted(names)))
    models = starts.cte("latest")
    # Without this, PostgreSQL looks the start up again for every window.
    models = models.prefix_with("MATERIALIZED", dialect="postgresql")
    recent = sa.and_(runs.c.model == models.c.model, runs.c.window_start >= models.c.since)
    same = ("model", "window_start", "window_end", "revision")
    joined = models.join(runs, recent).join(
        verdict, sa.and_(*(verdict.c[name] == runs.c[name] for name in same), verdict.c.slice == "")
    )
    return (
        sa.select(*(runs.c[name] for name in same), verdict.c.state, verdict.c.short)
        .select_from(joined)
        .order_by(runs.c.model, runs.c.window_start, runs.c.window_end, runs.c.sequence)
    )
