"""The results of drills: how well a model's plan finds known faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.results import State
from daywatch.warehouse.tables import drill
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.warehouse.tables import Row


@dataclass(frozen=True)
class DrillRow:
    """What a drill of one day showed, in numbers.

    Attributes:
        model: Name of the model.
        window: The day that was copied.
        revision: Its revision.
        baseline_id: The baseline that it was compared with.
        state: The verdict on the day without faults.
        faults: Number of faults that were injected.
        found: How many were found.
        named: How many were found and named in the headline.
        resamples: Number of copies without a fault.
        false_alarms: How many of them were RED or AMBER.
        detail: Each fault with what was blamed for it, and the reasons of the false alarms.
    """

    model: str
    window: Window
    revision: str
    baseline_id: str
    state: State
    faults: int
    found: int
    named: int
    resamples: int
    false_alarms: int
    detail: dict[str, Any]


def record_drill(connection: sa.Connection, result: DrillRow) -> None:
    """Store a drill in place of an earlier one of the same day.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        result: The drill.
    """
    days = {"window_start": result.window.start, "window_end": result.window.end}
    row: Row = {name: value for name, value in vars(result).items() if name != "window"}
    of_day = [drill.c.model == result.model, *(drill.c[name] == value for name, value in days.items())]
    connection.execute(sa.delete(drill).where(*of_day))
    connection.execute(sa.insert(drill).values(**row | days | {"state": result.state.value}))


def latest_drill(connection: sa.Connection, model: str) -> DrillRow | None:
    """Return a model's drill of the latest day, None where there was none.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
    """
    query = sa.select(drill).where(drill.c.model == model).order_by(drill.c.window_start.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    values = {name: row[name] for name in DrillRow.__dataclass_fields__ if name != "window"}
    window = Window(row["window_start"], row["window_end"])
    return DrillRow(**values | {"window": window, "state": State(row["state"])})
