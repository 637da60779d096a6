"""Captured text to typed values, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType, Task

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

SQL_TYPES = {
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.CATEGORY: "VARCHAR",
    ColumnType.TEXT: "VARCHAR",
}
"""How each type stands in Parquet."""

EXPECTED = {
    ColumnType.NUMBER: "a number",
    ColumnType.INTEGER: "a whole number",
    ColumnType.BOOLEAN: "true or false",
}
"""What a value has to be, for the sentence where it is not."""


def answer_type(model: MonitoredModel) -> ColumnType:
    """Return the type of predictions and labels: numbers for regression, classes otherwise."""
    return ColumnType.NUMBER if model.output.task is Task.REGRESSION else ColumnType.CATEGORY


def typed(value: str, kind: ColumnType) -> str:
    """Return SQL for a trimmed value in its type; NaN is NULL where only whole numbers belong."""
    if kind is ColumnType.INTEGER:
        # Not through DOUBLE where it can be helped: it is exact only up to 2^53.
        exact = f"CASE WHEN regexp_full_match({value}, '[+-]?\\d+') THEN TRY_CAST({value} AS BIGINT) END"
        return f"coalesce({exact}, TRY_CAST(TRY_CAST({value} AS DOUBLE) AS BIGINT))"
    return f"TRY_CAST({value} AS {SQL_TYPES[kind]})" if kind in EXPECTED else value


def unreadable(value: str, column: str, kind: ColumnType) -> str:
    """Return SQL that is true where a trimmed value is not of its type.

    Args:
        value: SQL for the text, NULL where it is empty.
        column: SQL for what ``typed`` made of it.
        kind: The type.
    """
    broken = f"{value} IS NOT NULL AND {column} IS NULL"
    if kind is not ColumnType.INTEGER:
        return broken
    number = f"TRY_CAST({value} AS DOUBLE)"
    return f"coalesce(({broken}) AND NOT isnan({number}) OR {number} <> trunc({number}), {broken})"
