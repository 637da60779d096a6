"""A column read from the Parquet files of both sides, apart from how it is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.duck import identifier
from daywatch.measure.columns.pairs import Values
from daywatch.measure.columns.tables import Side

if TYPE_CHECKING:
    from daywatch.measure.columns.counts import Facts
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Column, Tables


class ReadSides(NamedTuple):
    """A column of both sides.

    Attributes:
        values: Of numbers and categories as ``read_aligned`` says, of a text only what is there.
        missing: How many places have no value; not counted where it is no column of DOUBLE.
    """

    values: dict[Side, Array]
    missing: dict[Side, int]


def read_column(tables: Tables, column: Column, facts: Facts) -> ReadSides:
    """Read both sides of a column; a column of DOUBLE needs no facts."""
    _name_categories(tables, column)
    read = {side: _aligned(tables, column, side, facts) for side in Side}
    return ReadSides({side: read[side][0] for side in Side}, {side: read[side][1] for side in Side})


def read_aligned(tables: Tables, column: Column, side: Side, facts: Facts) -> Array:
    """Read a column of numbers or categories with a place for each row of the file, in file order.

    Columns read so can be held against each other, or cut into slices by a mask. ``usable`` says which places
    hold a value; where there is none, there is NaN, or the code -1.
    """
    _name_categories(tables, column)
    return _aligned(tables, column, side, facts)[0]


def usable_values(column: Column, sides: dict[Side, Array]) -> dict[Side, Values]:
    """Return the usable values of a column as ``read_column`` read it, in file order, without a copy if possible."""
    if column.kind is ColumnKind.TEXT:
        return {side: Values(array) for side, array in sides.items()}
    masks = {side: usable(column, array) for side, array in sides.items()}
    return {side: Values(array if masks[side].all() else array[masks[side]]) for side, array in sides.items()}


def usable(column: Column, array: Array) -> Array:
    """Return a mask of the places that hold a value: neither missing nor infinite."""
    import numpy as np

    return np.isfinite(array) if column.kind is ColumnKind.NUMERIC else array >= 0


def _name_categories(tables: Tables, column: Column) -> None:
    """Give each category of both sides a code, in the order of the names.

    The tests only count categories, and sets of text would be added up in another order in every process.
    """
    if column.kind is not ColumnKind.CATEGORICAL:
        return
    name = identifier(column.name)
    tables.execute(
        "CREATE OR REPLACE TYPE category AS ENUM (SELECT DISTINCT v FROM"
        f" (SELECT {name} AS v FROM reference UNION ALL SELECT {name} FROM current)"
        " WHERE v IS NOT NULL ORDER BY v)"
    )


def _aligned(tables: Tables, column: Column, side: Side, facts: Facts) -> tuple[Array, int]:
    name = identifier(column.name)
    if column.sql_type == "DOUBLE":
        return tables.numbers(f"SELECT {name} AS v FROM {identifier(side)}")
    if column.kind is ColumnKind.TEXT:
        return tables.array(f"SELECT {name} AS v FROM {identifier(side)} WHERE {name} IS NOT NULL"), 0
    selected = name
    if column.kind is ColumnKind.CATEGORICAL:
        selected = tables.code(name, "category")
    elif facts[column.name][side].filled < facts[column.name][side].rows:
        # Integers with gaps as pandas reads them, and so Evidently: its bins differ.
        selected = f"coalesce(CAST({name} AS DOUBLE), 'nan'::DOUBLE)"
    return tables.array(f"SELECT {selected} AS v FROM {identifier(side)}"), 0
