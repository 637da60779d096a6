"""Parquet and CSV tables as lines of JSON: the same way as every other record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.capture.reasons import Reason
from daywatch.config.capture import MEGABYTE, Limits
from daywatch.engine.duck import text

if TYPE_CHECKING:
    import duckdb

    from daywatch.storage import Storage, StoredObject

_EMPTY = "CREATE OR REPLACE TEMP TABLE capture_lines ({columns})"
_COLUMNS = "object INTEGER, record BIGINT, line VARCHAR, reason VARCHAR, detail VARCHAR, excerpt VARCHAR"


def parquet_lines(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    stored: StoredObject,
    number: int,
    scratch: Path,
    limits: Limits,
) -> None:
    """Make the relation ``capture_lines`` of one Parquet object: a row a line of JSON.

    Args:
        connection: Gets the relation.
        storage: Where the object lies.
        stored: Which.
        number: Its number among the objects.
        scratch: Where it is spooled: Parquet is read from its end.
        limits: A larger object is refused.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    spooled = scratch / f"object-{number}.parquet"
    _lines_of(connection, storage, stored, number, spooled, limits, f"read_parquet({text(str(spooled))})")


def csv_lines(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    stored: StoredObject,
    number: int,
    scratch: Path,
    limits: Limits,
) -> None:
    """Make the relation ``capture_lines`` of one CSV object with a header: a row a line of JSON.

    Rows that DuckDB cannot read come with their own text and reason. Arguments and errors as in
    ``parquet_lines``.
    """
    spooled = scratch / f"object-{number}.csv"
    reader = (
        f"read_csv({text(str(spooled))}, header = true, all_varchar = true, delim = ',', quote = '\"', "
        "escape = '\"', store_rejects = true, strict_mode = true, compression = 'auto_detect')"
    )
    _lines_of(connection, storage, stored, number, spooled, limits, reader, rejects=True)


def _lines_of(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    stored: StoredObject,
    number: int,
    spooled: Path,
    limits: Limits,
    reader: str,
    *,
    rejects: bool = False,
) -> None:
    """Spool the object, read it, and delete it; what cannot be read at all is one line with its reason."""
    import duckdb as engine

    connection.execute(_EMPTY.format(columns=_COLUMNS))
    allowed = limits.object_megabytes * MEGABYTE
    if stored.size > allowed:
        detail = f"the object has {stored.size:,} bytes, more than {allowed:,}"
        _one_line(connection, number, Reason.TOO_LARGE, detail)
        return
    with spooled.open("wb") as file:
        for chunk in storage.stream_listed(stored):
            file.write(chunk)
    try:
        connection.execute(f"""
            INSERT INTO capture_lines BY NAME
            SELECT {number} AS object, row_number() OVER () AS record, to_json(one)::VARCHAR AS line
            FROM {reader} AS one
        """)
        if rejects:
            connection.execute(f"""
                INSERT INTO capture_lines BY NAME
                SELECT {number} AS object,
                    row_number() OVER (ORDER BY line) + (SELECT count(*) FROM capture_lines) AS record,
                    '{Reason.VALUE_COUNT}' AS reason,
                    'line ' || line || ': ' || any_value(error_message) AS detail,
                    left(any_value(csv_line), 200) AS excerpt
                FROM reject_errors GROUP BY line
            """)
            connection.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    except engine.Error as error:
        cause = " ".join(str(error).split())[:200].replace(str(spooled), "the object")
        _one_line(connection, number, Reason.NOT_A_TABLE, f"the object cannot be read as a table: {cause}")
    spooled.unlink(missing_ok=True)


def _one_line(connection: duckdb.DuckDBPyConnection, number: int, reason: Reason, detail: str) -> None:
    connection.execute("DELETE FROM capture_lines")
    connection.execute(
        "INSERT INTO capture_lines (object, record, reason, detail, excerpt) VALUES (?, 1, ?, ?, '')",
        [number, reason.value, detail],
    )
