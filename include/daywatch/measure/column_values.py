"""A column read from the Parquet files of both sides, apart from how it is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier
from daywatch.measure.kernels.values import Values
from daywatch.measure.stat_tests import Kind
from daywatch.measure.tables import Side

if TYPE_CHECKING:
    from daywatch.measure.facts import Facts
    from daywatch.measure.kernels.values import Array
    from daywatch.measure.tables import Column, Tables


def read_values(tables: Tables, column: Column, facts: Facts) -> dict[Side, Values]:
    """Read a column's usable values of both sides, in file order, for the score of all rows."""
    _name_categories(tables, column)
    name = identifier(column.name)
    usable = f"isfinite({name})" if column.sql_type == "DOUBLE" else f"{name} IS NOT NULL"
    return {
        side: Values(
            tables.array(
                f"SELECT {_selected(column, side, facts)} AS v FROM {identifier(side)} WHERE {usable}"
            )
        )
        for side in Side
    }


def read_aligned(tables: Tables, column: Column, side: Side, facts: Facts) -> Array:
    """Read a column of numbers or categories with a place for each row of the file, in file order.

    Columns read so can be held against each other, or cut into slices by a mask. ``usable`` says which places
    hold a value; where there is none, there is NaN, or the code -1.
    """
    _name_categories(tables, column)
    selected = _selected(column, side, facts)
    if column.kind is Kind.CATEGORICAL:
        selected = f"coalesce(CAST({selected} AS INTEGER), -1)"
    elif facts[column.name][side].filled < facts[column.name][side].rows:
        selected = f"coalesce({selected}, 'nan'::DOUBLE)"
    return tables.array(f"SELECT {selected} AS v FROM {identifier(side)}")


def usable(column: Column, array: Array) -> Array:
    """Return a mask of the places that hold a value: neither missing nor infinite."""
    import numpy as np

    return np.isfinite(array) if column.kind is Kind.NUMERIC else array >= 0


def _name_categories(tables: Tables, column: Column) -> None:
    """Give each category of both sides a code, in the order of the names.

    The tests only count categories, and sets of text would be added up in another order in every process.
    """
    if column.kind is not Kind.CATEGORICAL:
        return
    name = identifier(column.name)
    tables.execute(
        "CREATE OR REPLACE TYPE category AS ENUM (SELECT DISTINCT v FROM"
        f" (SELECT {name} AS v FROM reference UNION ALL SELECT {name} FROM current)"
        " WHERE v IS NOT NULL ORDER BY v)"
    )


def _selected(column: Column, side: Side, facts: Facts) -> str:
    name = identifier(column.name)
    if column.kind is Kind.CATEGORICAL:
        return f"enum_code(CAST({name} AS category))"
    if column.sql_type == "BIGINT" and facts[column.name][side].filled < facts[column.name][side].rows:
        return (
            f"CAST({name} AS DOUBLE)"  # as pandas reads integers with gaps, and so Evidently: its bins differ
        )
    return name
