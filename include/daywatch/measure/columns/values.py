"""Reading a column of both sides from their Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.duck import identifier
from daywatch.measure.columns.pairs import SideValues
from daywatch.measure.columns.tables import Side

if TYPE_CHECKING:
    from daywatch.measure.columns.counts import CountsByColumn
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables


class ColumnValues(NamedTuple):
    """The values of a column on both sides.

    Attributes:
        values: Numbers and categories in the form of ``read_aligned``; of a text column only the texts that exist.
        missing: How many rows have no value. Only columns of DOUBLE are counted; for others it is 0.
    """

    values: dict[Side, Array]
    missing: dict[Side, int]


def read_column(tables: Tables, column: Column, counts: CountsByColumn) -> ColumnValues:
    """Read both sides of a column.

    Args:
        tables: The baseline and the window.
        column: The column.
        counts: Counts of the columns that are not DOUBLE.
    """
    _name_categories(tables, column)
    read = {side: _aligned(tables, column, side, counts) for side in Side}
    return ColumnValues({side: read[side][0] for side in Side}, {side: read[side][1] for side in Side})


def read_aligned(tables: Tables, column: Column, side: Side, counts: CountsByColumn) -> Array:
    """Read a column of numbers or categories: one value for each row of the file, in file order.

    Columns in this form can be compared row by row, and split into slices. A row without a value has NaN or
    the code -1; ``usable_mask`` tells which rows have one.

    Args:
        tables: The baseline and the window.
        column: The column, which must not be a text column.
        side: The side to read.
        counts: Counts of the columns that are not DOUBLE.
    """
    _name_categories(tables, column)
    return _aligned(tables, column, side, counts)[0]


def usable_values(column: Column, sides: dict[Side, Array]) -> dict[Side, SideValues]:
    """Return the usable values of what ``read_column`` read, in file order, without a copy where possible."""
    if column.kind is ColumnKind.TEXT:
        return {side: SideValues(array) for side, array in sides.items()}
    masks = {side: usable_mask(column, array) for side, array in sides.items()}
    return {
        side: SideValues(array if masks[side].all() else array[masks[side]]) for side, array in sides.items()
    }


def usable_mask(column: Column, array: Array) -> Array:
    """Return for each value whether it is usable: neither missing nor infinite."""
    import numpy as np

    return np.isfinite(array) if column.kind is ColumnKind.NUMERIC else array >= 0


def _name_categories(tables: Tables, column: Column) -> None:
    """Give each category of both sides a code, in the order of the names.

    The drift methods only count categories, and codes have the same order in every process.
    """
    if column.kind is not ColumnKind.CATEGORICAL:
        return
    name = identifier(column.name)
    tables.execute(
        "CREATE OR REPLACE TYPE category AS ENUM (SELECT DISTINCT v FROM"
        f" ({' UNION ALL '.join(f'SELECT {name} AS v FROM {identifier(side)}' for side in Side)})"
        " WHERE v IS NOT NULL ORDER BY v)"
    )


def _aligned(tables: Tables, column: Column, side: Side, counts: CountsByColumn) -> tuple[Array, int]:
    name = identifier(column.name)
    if column.sql_type == "DOUBLE":
        return tables.numbers(f"SELECT {name} AS v FROM {identifier(side)}")
    if column.kind is ColumnKind.TEXT:
        return tables.array(f"SELECT {name} AS v FROM {identifier(side)} WHERE {name} IS NOT NULL"), 0
    selected = name
    if column.kind is ColumnKind.CATEGORICAL:
        selected = tables.code(name, "category")
    elif counts[column.name][side].filled < counts[column.name][side].rows:
        # Integers with gaps become floats, as pandas and so Evidently read them: the bins differ.
        selected = f"coalesce(CAST({name} AS DOUBLE), 'nan'::DOUBLE)"
    return tables.array(f"SELECT {selected} AS v FROM {identifier(side)}"), 0
