"""Statistics of a category, boolean or text column, from its counted values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daywatch.config.model.columns import ColumnType
from daywatch.engine.duck import identifier
from daywatch.profiles.hyperloglog import text_registers

if TYPE_CHECKING:
    from daywatch.profiles.reader import Rows

FREQUENT = 50
"""How many of the most frequent values are listed."""

LONGEST_VALUE = 200
"""In characters. Longer values are counted but not listed, as are values with a NUL, which PostgreSQL cannot store."""

_COUNTED = """
    CREATE OR REPLACE TEMP TABLE counted AS
    WITH found AS (
        SELECT {number} AS s, {value} AS value, count(*) AS n
        FROM inferences WHERE {column} IS NOT NULL GROUP BY {groups} HAVING {number} IS NOT NULL
    ), fit AS (
        SELECT *, length(value) <= {longest} AND NOT contains(value, chr(0)) AS fits FROM found
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY s ORDER BY NOT fits, n DESC, value) AS rank FROM fit
    )
    SELECT *, fits AND (rank <= {most} OR list_contains($known, value)) AS listed FROM ranked
"""

_TOTALS = """
    SELECT s, sum(n)::BIGINT, count(*), min(length(value)), max(length(value)), sum(length(value) * n)::BIGINT,
        coalesce(max(n) FILTER (NOT listed), 0)
    FROM counted GROUP BY s
"""


def categorical(
    rows: Rows, name: str | None, kind: ColumnType, known: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Measure a column of all slices in one grouped query.

    Args:
        rows: The opened Parquet file.
        name: The column, None if the file has no such column.
        kind: Type of the column: category, boolean or text.
        known: Values to list however rare they are, with a count of 0 if they do not occur.

    Returns:
        Fields of a ``ColumnProfile``, for each slice.
    """
    measured: list[dict[str, Any]] = [{"nulls": count} for count in rows.counts]
    if name is None:
        return measured
    connection = rows.connection
    column = identifier(name)
    value = f"CAST({column} AS VARCHAR)"
    number, groups = rows.by_slice(value)
    query = _COUNTED.format(
        number=number, value=value, column=column, groups=groups, longest=LONGEST_VALUE, most=FREQUENT
    )
    connection.execute(query, {"known": list(known)})
    listed: list[list[dict[str, Any]]] = [[] for _ in rows.counts]
    query = "SELECT s, value, n FROM counted WHERE listed ORDER BY s, rank"
    for slice_, entry, n in connection.execute(query).fetchall():
        listed[slice_].append({"value": entry, "count": n})
    for slice_, count, distinct, shortest, longest, length, unlisted in connection.execute(
        _TOTALS
    ).fetchall():
        frequent = listed[slice_]
        occurring = {entry["value"] for entry in frequent}
        # Listing a value with a count of 0 says that it does not occur; leaving it out would not.
        frequent += [{"value": value, "count": 0} for value in sorted(known) if value not in occurring]
        found = {
            "count": count,
            "nulls": rows.counts[slice_] - count,
            "distinct": distinct,
            "frequent": frequent,
            "other": count - sum(entry["count"] for entry in frequent),
            "unlisted_most": unlisted,
        }
        if found["other"]:
            query = f"SELECT md5_number_lower(value) FROM counted WHERE s = {slice_}"
            (hashes,) = connection.execute(query).fetchnumpy().values()
            found["registers"] = text_registers(hashes)
        if kind is ColumnType.TEXT:
            found |= {"length_min": shortest, "length_max": longest, "length_mean": length / count}
        measured[slice_] = found
    return measured
