"""Casts of captured text to typed values, in SQL."""

from __future__ import annotations

from daywatch.config.model.columns import ColumnType

EXPECTED = {
    ColumnType.NUMBER: "a number",
    ColumnType.INTEGER: "a whole number",
    ColumnType.BOOLEAN: "true or false",
}
"""What a value of each type is, for the sentence about one that is not."""


def cast(value: str, kind: ColumnType) -> str:
    """Return SQL for a trimmed value in its type, NULL where it does not fit; NaN is NULL for a whole number.

    Args:
        value: SQL for the text, NULL where it is empty.
        kind: The type.
    """
    if kind is ColumnType.INTEGER:
        # Through DOUBLE only where needed, because that is exact only up to 2^53.
        exact = f"CASE WHEN regexp_full_match({value}, '[+-]?\\d+') THEN TRY_CAST({value} AS BIGINT) END"
        return f"coalesce({exact}, TRY_CAST(TRY_CAST({value} AS DOUBLE) AS BIGINT))"
    return f"TRY_CAST({value} AS {kind.sql_type})" if kind in EXPECTED else value


def cast_fails(value: str, column: str, kind: ColumnType) -> str:
    """Return SQL that is true where a trimmed value is not of its type.

    Args:
        value: SQL for the text, NULL where it is empty.
        column: SQL for the value that ``cast`` made of it.
        kind: The type.
    """
    broken = f"{value} IS NOT NULL AND {column} IS NULL"
    if kind is not ColumnType.INTEGER:
        return broken
    number = f"TRY_CAST({value} AS DOUBLE)"
    return f"coalesce(({broken}) AND NOT isnan({number}) OR {number} <> trunc({number}), {broken})"
