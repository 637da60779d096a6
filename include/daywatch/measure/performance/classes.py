"""The classes that get metrics of their own, and their names as harmless text."""

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

CLASS = "class"
"""Name of DuckDB's ENUM type of labels and predictions."""

MOST_CLASSES = 20
"""At most so many classes get metrics of their own, besides those that the plan names.

A hostile capture may hold millions of classes.
"""

LARGEST = 100_000
"""At most so many classes are measured. Labels with more values are free text or numbers and would fill memory."""

NAME_LENGTH = 120
"""Characters of a class's name at most: the width of the warehouse's column."""


def always_named(output: Output) -> tuple[str, ...]:
    """Return the classes that the model's output names: those of its vector, and the positive one of two."""
    return (*output.classes, output.positive_class) if output.task is Task.BINARY else output.classes


def make_classes(tables: Tables, named: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Create DuckDB's type ``class``, which numbers the classes, and return the classes in the order of their names.

    The classes are the labels and predictions of both sides, and the named ones. If there are more than fit in
    memory, no class is returned, and a sentence says why; otherwise the sentence is empty.

    Args:
        tables: The baseline and the window.
        named: Classes that are included even if no row has them.
    """
    configured = ", ".join(text(name) for name in named)
    occurring = " UNION ALL ".join(
        f"SELECT DISTINCT {column} AS v FROM {identifier(side)}"
        for side in Side
        for column in ("label", "prediction")
    )
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {CLASS}_names AS SELECT DISTINCT v FROM"
        f" ({occurring} UNION ALL SELECT unnest([{configured}]::VARCHAR[])) WHERE v IS NOT NULL"
    )
    ((count,),) = tables.rows(f"SELECT count(*) FROM {CLASS}_names")
    if count > LARGEST:
        return (), f"there are {count:,} classes, and {LARGEST:,} can be told apart"
    tables.execute(
        f"CREATE OR REPLACE TYPE {identifier(CLASS)} AS ENUM (SELECT v FROM {CLASS}_names ORDER BY v)"
    )
    return tuple(name for (name,) in tables.rows(f"SELECT v FROM {CLASS}_names ORDER BY v")), ""


def measured_classes(tables: Tables, classes: tuple[str, ...], named: Iterable[str]) -> dict[int, str]:
    """Return the classes that get metrics of their own, by number, with harmless names.

    Args:
        tables: The baseline and the window. The classes with the most labels on both sides are measured.
        classes: All classes, in the order of their numbers.
        named: Classes that are measured even if no row has them.
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
    """Return a harmless name for each class; no two names are the same."""
    given: dict[str, None] = {}
    for name in names:
        short, number = shown(name, NAME_LENGTH) or "(empty)", 2
        while short in given:
            ending = f" ({number})"
            short, number = shown(name, NAME_LENGTH - len(ending)) + ending, number + 1
        given[short] = None
    return list(given)
