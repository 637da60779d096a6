"""What the warehouse knows about all models at once: each with its latest verdicts."""

from __future__ import annotations

import sqlalchemy as sa

from daywatch.config.metrics import headline_of
from daywatch.results import Record, State
from daywatch.warehouse import tables
from daywatch.warehouse.history import JudgedWindow
from daywatch.window import Window


class WindowState(Record):
    """A window's newest verdict, in short.

    Attributes:
        window: Its key.
        state: The verdict.
        short: Its first reason in a few words.
        revision: Of the evidence.
    """

    window: str
    state: State
    short: str
    revision: str


class ModelOverview(Record):
    """A model and how it has been lately.

    Attributes:
        model: Its name.
        namespace: Where it belongs.
        owner: Whose it is.
        tier: How important, 1 is most.
        description: What it predicts.
        windows: Its latest judged windows, oldest first.
    """

    model: str
    namespace: str
    owner: str
    tier: int
    description: str
    windows: tuple[WindowState, ...] = ()


_VERDICTS = sa.table(
    "current_verdict",
    sa.column("model", sa.String),
    sa.column("window_start", tables.UtcDateTime),
    sa.column("window_end", tables.UtcDateTime),
    sa.column("slice", sa.String),
    sa.column("state", sa.String),
    sa.column("short", sa.Text),
    sa.column("revision", sa.String),
)


def model_overviews(connection: sa.Connection, latest: int) -> list[ModelOverview]:
    """Return all models by name, each with at most so many of its latest windows."""
    age = sa.func.row_number().over(
        partition_by=_VERDICTS.c.model,
        order_by=(_VERDICTS.c.window_start.desc(), _VERDICTS.c.window_end.desc()),
    )
    ranked = sa.select(_VERDICTS, age.label("age")).where(_VERDICTS.c.slice == "").subquery()
    query = sa.select(ranked).where(ranked.c.age <= latest).order_by(ranked.c.model, ranked.c.age.desc())
    windows: dict[str, list[WindowState]] = {}
    for row in connection.execute(query):
        windows.setdefault(row.model, []).append(
            WindowState(
                window=Window(row.window_start, row.window_end).key,
                state=State(row.state),
                short=row.short,
                revision=row.revision,
            )
        )
    models = connection.execute(sa.select(tables.model).order_by(tables.model.c.model))
    return [ModelOverview(**row._mapping, windows=tuple(windows.get(row.model, ()))) for row in models]


def model_overview(connection: sa.Connection, model: str) -> ModelOverview | None:
    """Return one model without its windows, None where the warehouse does not know it."""
    row = connection.execute(sa.select(tables.model).where(tables.model.c.model == model)).first()
    return ModelOverview(**row._mapping) if row else None


def headline_of_window(connection: sa.Connection, window: JudgedWindow) -> str:
    """Return the metric that the plan in force at a window's verdict puts first, empty for none."""
    rules = tables.rule_outcome
    query = (
        sa.select(rules.c.metric)
        .where(rules.c.model == window.model, rules.c.revision == window.revision, rules.c.column_name == "")
        .order_by(rules.c.position)
    )
    return headline_of(connection.execute(query).scalars().all())
