"""All models with their latest verdicts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from daywatch.results import Record, State
from daywatch.warehouse import result_tables, tables
from daywatch.window import Window

_EVER = sa.literal(datetime(1, 1, 1, tzinfo=UTC), tables.UtcDateTime)
"""A timestamp before all windows, for models with few windows."""

_MOST_STARTS = 100
"""Starts of models in one query at most; of more, the starts of their months."""


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
    starts = _starts(connection, latest, names)
    for row in connection.execute(_recent_verdicts(starts)) if starts else ():
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


def _starts(
    connection: sa.Connection, latest: int, names: Collection[str] | None
) -> dict[datetime, list[str]]:
    """Return the start of each model's oldest window that is wanted, with the names of the models that begin there.

    The query looks it up by the key, model by model. To rank all windows of 500 models would take a second for each
    year of windows.
    """
    earlier = tables.window_run.alias()
    since = (
        sa.select(earlier.c.window_start)
        .where(earlier.c.model == tables.model.c.model)
        .distinct()
        .order_by(earlier.c.window_start.desc())
        .offset(latest - 1)
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(tables.model.c.model, sa.func.coalesce(since, _EVER, type_=tables.UtcDateTime))
    if names is not None:
        query = query.where(tables.model.c.model.in_(sorted(names)))
    found = connection.execute(query.order_by(tables.model.c.model)).all()
    months = len({start for _, start in found}) > _MOST_STARTS
    groups: dict[datetime, list[str]] = {}
    for model, start in found:
        groups.setdefault(start.replace(day=1) if months else start, []).append(model)
    return groups


def _recent_verdicts(starts: Mapping[datetime, Sequence[str]]) -> sa.Select[Any]:
    """Return the query for the verdicts of each model's windows from its start on, all revisions, in order.

    The starts are literals, because with a join of them PostgreSQL reads all windows of all models.
    """
    runs, verdict = tables.window_run, result_tables.verdict

    def recent(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.or_(
            *(
                sa.and_(table.c.model.in_(models), table.c.window_start >= start)
                for start, models in sorted(starts.items())
            )
        )

    same = ("model", "window_start", "window_end", "revision")
    joined = runs.join(
        verdict, sa.and_(*(verdict.c[name] == runs.c[name] for name in same), verdict.c.slice == "")
    )
    return (
        sa.select(*(runs.c[name] for name in same), verdict.c.state, verdict.c.short)
        .select_from(joined)
        .where(recent(runs), recent(verdict))  # of both, or PostgreSQL reads all verdicts
        .order_by(runs.c.model, runs.c.window_start, runs.c.window_end, runs.c.sequence)
    )
