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
    """Read a column's usable values of both sides, in file order.

    Categories come as codes in the order of their names: the tests only count them, and sets of text would
    be added up in another order in every process.
    """
    name = identifier(column.name)
    if column.kind is Kind.CATEGORICAL:
        tables.execute(
            "CREATE OR REPLACE TYPE category AS ENUM (SELECT DISTINCT v FROM"
            f" (SELECT {name} AS v FROM reference UNION ALL SELECT {name} FROM current)"
            " WHERE v IS NOT NULL ORDER BY v)"
        )
    return {side: Values(_read(tables, column, side, facts)) for side in Side}


def _read(tables: Tables, column: Column, side: Side, facts: Facts) -> Array:
    name = identifier(column.name)
    selected, usable = name, f"{name} IS NOT NULL"
    if column.kind is Kind.CATEGORICAL:
        selected = f"enum_code(CAST({name} AS category))"
    elif column.sql_type == "DOUBLE":
        usable = f"isfinite({name})"
    elif column.kind is Kind.NUMERIC and facts[column.name][side].filled < facts[column.name][side].rows:
        # As pandas reads integers with gaps, and so Evidently: its bins differ by type.
        selected = f"CAST({name} AS DOUBLE)"
    return tables.array(f"SELECT {selected} AS v FROM {identifier(side)} WHERE {usable}")
