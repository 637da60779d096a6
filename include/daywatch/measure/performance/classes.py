"""Which classes are measured by themselves, and how they are called where text has to be harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.columns import Task
from daywatch.engine.duck import identifier, text
from daywatch.measure.columns.tables import Side
from daywatch.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.model.columns import Output
    from daywatch.measure.columns.tables import Tables

ANSWER = "answer"
"""DuckDB's type of labels and predictions."""

MOST_CLASSES = 20
"""Classes measured by themselves beside those that the plan names: a hostile capture may hold millions."""

LARGEST = 100_000
"""Classes that are told apart: beyond, labels are free text or numbers, and their names would fill the memory."""

NAME_LENGTH = 120
"""Characters of a class's name: what the warehouse's column takes."""


def always_named(output: Output) -> tuple[str, ...]:
    """Return the classes that the model's answer names: those of its vector, the positive one of two."""
    return (*output.classes, output.positive_class) if output.task is Task.BINARY else output.classes


def make_classes(tables: Tables, named: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Make DuckDB's type ``answer`` and return its classes, so that they have numbers instead of names.

    They are the labels and predictions of both sides and those that are named, in the order of their names.
    Where there are more than can be held in memory there are none, and a sentence that says so.
    """
    configured = ", ".join(text(name) for name in named)
    occurring = " UNION ALL ".join(
        f"SELECT DISTINCT {column} AS v FROM {identifier(side)}"
        for side in Side
        for column in ("label", "prediction")
    )
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {ANSWER}_names AS SELECT DISTINCT v FROM"
        f" ({occurring} UNION ALL SELECT unnest([{configured}]::VARCHAR[])) WHERE v IS NOT NULL"
    )
    ((count,),) = tables.rows(f"SELECT count(*) FROM {ANSWER}_names")
    if count > LARGEST:
        return (), f"there are {count:,} classes, and {LARGEST:,} can be told apart"
    tables.execute(f"CREATE OR REPLACE TYPE {ANSWER} AS ENUM (SELECT v FROM {ANSWER}_names ORDER BY v)")
    return tuple(name for (name,) in tables.rows(f"SELECT v FROM {ANSWER}_names ORDER BY v")), ""


def measured_classes(tables: Tables, classes: tuple[str, ...], named: Iterable[str]) -> dict[int, str]:
    """Return the classes that are measured by themselves: their numbers, and names that are harmless.

    Args:
        tables: The baseline and the window; the classes with the most labels of both are measured.
        classes: All of them.
        named: Classes that are measured whether they occur or not.
    """
    of_both = " UNION ALL ".join(f"SELECT label FROM {identifier(side)}" for side in Side)
    frequent = tables.rows(
        f"SELECT label FROM ({of_both}) WHERE label IS NOT NULL"
        f" GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_CLASSES}"
    )
    numbers = {name: number for number, name in enumerate(classes)}
    chosen = list(dict.fromkeys([*named, *(name for (name,) in frequent)]))
    return dict(zip((numbers[name] for name in chosen), _distinct(chosen), strict=True))


def _distinct(names: list[str]) -> list[str]:
    """Return a harmless name for each class, no two the same."""
    given: dict[str, None] = {}
    for name in names:
        short, number = shown(name, NAME_LENGTH) or "(empty)", 2
        while short in given:
            ending = f" ({number})"
            short, number = shown(name, NAME_LENGTH - len(ending)) + ending, number + 1
        given[short] = None
    return list(given)
