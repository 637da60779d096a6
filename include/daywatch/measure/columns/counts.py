"""Counts of each column on both sides: rows, values, NULLs, and whether all values are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daywatch.engine.duck import identifier
from daywatch.measure.columns.tables import Side
from daywatch.profiles.profile import null_share

if TYPE_CHECKING:
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables

EXTREME = 1e30
"""Numbers so far from 0 are seldom measured: much software writes 1.8e308 or 3.4e38 for "no data"."""


@dataclass(frozen=True)
class ColumnCounts:
    """Counts of one column on one side.

    Attributes:
        rows: Rows of the side.
        filled: Rows whose value is not NULL.
        non_finite: Values that are NaN or infinite.
        constant: There are at least two values, and all are the same.
        absent: The file has no such column.
        stored: The column's type in the file, if it is not the model's; else empty.
        extreme: Finite values that are at least ``EXTREME`` away from 0.
        farthest: The one of them that is farthest from 0; 0 without such values.
    """

    rows: int
    filled: int
    non_finite: int
    constant: bool
    absent: bool
    stored: str = ""
    extreme: int = 0
    farthest: float = 0.0

    @property
    def usable(self) -> int:
        """Values that a drift score is computed from."""
        return self.filled - self.non_finite

    @property
    def null_share(self) -> float | None:
        """Share of rows without a value, None where there are no rows."""
        return null_share(self.rows - self.filled, self.rows)

    def unusable(self, side: Side) -> str:
        """Return why nothing can be computed from the column, in a sentence; empty where something can.

        Args:
            side: The side that was counted, for the sentence.
        """
        if not self.rows:
            return f"the {side} has no rows"
        if self.absent:
            return f"the {side} has no such column"
        if not self.filled:
            return f"the {side} has no value in any of its {self.rows:,} rows"
        return "" if self.usable else f"the {side} has no finite value"


CountsByColumn = dict[str, dict[Side, ColumnCounts]]
"""The counts of columns on both sides, by column name."""


def why_unusable(sides: dict[Side, ColumnCounts]) -> str:
    """Return why the two sides of a column cannot be compared, empty where they can."""
    return "; ".join(filter(None, (sides[side].unusable(side) for side in Side)))


def count_columns(tables: Tables) -> CountsByColumn:
    """Count values and NULLs of the columns on both sides, with one query a side.

    Columns of DOUBLE are left out. All their values are read anyway, and ``count_numbers`` counts those.
    """
    columns = [column for column in tables.columns if column.sql_type != "DOUBLE"]
    counted = {side: _count(tables, side, columns) for side in Side}
    return {column.name: {side: counted[side][column.name] for side in Side} for column in columns}


def _count(tables: Tables, side: Side, columns: list[Column]) -> dict[str, ColumnCounts]:
    selected = ["count(*)"]
    for column in columns:
        name = identifier(column.name)
        selected += [f"count({name})", f"count({name}) > 1 AND min({name}) = max({name})"]
    ((rows, *counts),) = tables.rows(f"SELECT {', '.join(selected)} FROM {identifier(side)}")
    return {
        column.name: _column_counts(
            tables, column, side, rows=rows, filled=counts[2 * index], constant=bool(counts[2 * index + 1])
        )
        for index, column in enumerate(columns)
    }


def count_numbers(tables: Tables, column: Column, side: Side, values: Array, missing: int) -> ColumnCounts:
    """Count a column of DOUBLE by its values.

    Args:
        tables: The baseline and the window.
        column: The column.
        side: The side whose values these are.
        values: One number a row, NaN where there is no value.
        missing: How many rows have no value.
    """
    import numpy as np

    finite = np.isfinite(values)
    usable = int(np.count_nonzero(finite))
    filled = len(values) - missing
    numbers = values if usable == len(values) else values[finite]
    low, high = (float(numbers.min()), float(numbers.max())) if usable else (0.0, 0.0)
    farthest = max(low, high, key=abs)
    return _column_counts(
        tables,
        column,
        side,
        rows=len(values),
        filled=filled,
        non_finite=filled - usable,
        constant=filled > 1 and (low == high if usable == filled else _is_constant(values, filled)),
        extreme=int(np.count_nonzero(np.abs(numbers) >= EXTREME)) if abs(farthest) >= EXTREME else 0,
        farthest=farthest if abs(farthest) >= EXTREME else 0.0,
    )


def _is_constant(values: Array, filled: int) -> bool:
    """Return whether all values are the same.

    Args:
        values: One number a row, NaN where there is no value.
        filled: How many values there are, NaN among them.
    """
    import numpy as np

    numbers = values[~np.isnan(values)]
    if len(numbers) < filled:
        return not len(numbers)
    return bool(numbers.min() == numbers.max())


def _column_counts(
    tables: Tables, column: Column, side: Side, *, non_finite: int = 0, **counts: Any
) -> ColumnCounts:
    return ColumnCounts(
        **counts,
        non_finite=non_finite,
        absent=column.name in tables.absent[side],
        stored=tables.retyped[side].get(column.name, ""),
    )
