"""Parquet and CSV tables as lines of JSON, so that their rows are read as all other records are."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import LONGEST_CSV_LINE, LONGEST_HEADER, MIB
from daywatch.engine.duck import identifier, text
from daywatch.ingest.reading.gzip_stream import Refusal, spool
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.storage import Storage, StoredObject

_COLUMNS = "object INTEGER, record BIGINT, line VARCHAR, reason VARCHAR, detail VARCHAR, excerpt VARCHAR"
_REJECTED = {
    "INVALID ENCODING": Reason.NOT_UTF8,
    "LINE SIZE OVER MAXIMUM": Reason.TOO_LONG,
    "UNQUOTED VALUE": Reason.NOT_CSV,
}
"""Reason codes for DuckDB's types of CSV errors; the other types are about the number of values."""


def spool_table(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    stored: StoredObject,
    number: int,
    scratch: Path,
    limits: Limits,
    wanted: list[str],
) -> None:
    """Make the table ``table_lines`` of one object: each row becomes a line of JSON with the wanted columns.

    A row that cannot be read has a reason instead; an object that is no table becomes one such line.

    Args:
        connection: The connection that gets the table.
        storage: The storage of the data URI.
        stored: The object, as it was listed: Parquet by its ending, else CSV with a header, plain or gzip.
        number: The number of the object among the window's objects.
        scratch: Existing local folder for a copy of the object, because Parquet is read from its end.
        limits: The largest objects and lines that are read.
        wanted: Names of columns; a column that the table lacks is missing in every line.

    Raises:
        InfrastructureError: The storage did not answer, or the object changed since it was listed.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE table_lines ({_COLUMNS})")
    spooled = scratch / f"object-{number}"
    try:
        if stored.key.endswith(".parquet"):
            spool(storage, stored, limits, spooled)
            _parquet(connection, spooled, number, limits, wanted)
        else:
            broken = spool(storage, stored, limits, spooled)
            _csv(connection, spooled, number, limits, wanted)
            if broken:
                _add_line(connection, number, broken)
    except Refusal as refusal:
        connection.execute("DELETE FROM table_lines")
        _add_line(connection, number, refusal)
    finally:
        spooled.unlink(missing_ok=True)


def _parquet(
    connection: duckdb.DuckDBPyConnection, spooled: Path, number: int, limits: Limits, wanted: list[str]
) -> None:
    """Fill ``table_lines`` from Parquet."""
    if not spooled.stat().st_size:
        return
    reader = f"read_parquet({text(str(spooled))}, hive_partitioning = false)"
    found = _rows_of_file(connection, f"DESCRIBE FROM {reader}", spooled)
    names = [str(row[0]) for row in found]
    counted = f"SELECT sum(num_rows) FROM parquet_file_metadata({text(str(spooled))})"
    rows = int(str(_rows_of_file(connection, counted, spooled)[0][0] or 0))
    allowed = limits.object_megabytes * MIB
    # Repeated values take no space in Parquet: a few bytes may contain more rows than fit on a disk.
    if rows * max(len(names), 1) > allowed:
        raise Refusal(
            Reason.TOO_LARGE, f"the table has {rows:,} rows of {len(names)} values, more than {allowed:,}"
        )
    _fill(connection, number, reader, {name: identifier(name) for name in names}, wanted, spooled)


def _csv(
    connection: duckdb.DuckDBPyConnection, spooled: Path, number: int, limits: Limits, wanted: list[str]
) -> None:
    """Fill ``table_lines`` from CSV; a row that DuckDB cannot read has its text and a reason."""
    names = _header(spooled)
    if not names:
        return
    columns = "{" + ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(names))) + "}"
    longest = min(limits.line_megabytes * MIB, LONGEST_CSV_LINE)
    reader = (
        f"read_csv({text(str(spooled))}, auto_detect = false, columns = {columns}, header = true, delim = ',', "
        f"quote = '\"', escape = '\"', strict_mode = true, compression = 'none', store_rejects = true, "
        f"rejects_limit = 0, max_line_size = {longest}, buffer_size = {2 * longest}, hive_partitioning = false)"
    )
    columns_by_name = {name: f"c{n}" for n, name in reversed(list(enumerate(names)))}
    connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    _fill(connection, number, reader, columns_by_name, wanted, spooled)
    reasons = " ".join(f"WHEN {text(kind)} THEN '{reason}'" for kind, reason in _REJECTED.items())
    connection.execute(f"""
        INSERT INTO table_lines BY NAME
        SELECT {number} AS object,
            row_number() OVER (ORDER BY line, byte_position) + (SELECT count(*) FROM table_lines) AS record,
            CASE error_type {reasons} ELSE '{Reason.VALUE_COUNT}' END AS reason,
            'line ' || line || ': ' || error_message AS detail, csv_line AS excerpt
        FROM (
            SELECT line, min(byte_position) AS byte_position,
                arg_min(error_type::VARCHAR, coalesce(column_idx, 0)) AS error_type,
                arg_min(error_message, coalesce(column_idx, 0)) AS error_message, any_value(csv_line) AS csv_line
            FROM reject_errors GROUP BY line
        )
    """)


def _header(spooled: Path) -> list[str]:
    """Return the names in the first row of a CSV file, none if the file is empty.

    Raises:
        Refusal: The first row cannot be read as names.
    """
    with spooled.open("rb") as file:
        begun = file.read(LONGEST_HEADER)
    if len(begun) == LONGEST_HEADER and not (b"\n" in begun or b"\r" in begun):
        raise Refusal(
            Reason.NOT_A_TABLE,
            f"the object has no header: its first line is longer than {len(begun):,} bytes",
        )
    head = begun.decode("utf-8", "replace")
    try:
        names = next((row for row in csv.reader(io.StringIO(head, newline=""), strict=True) if row), [])
    except csv.Error as error:
        raise Refusal(Reason.NOT_A_TABLE, f"the object has no header: {error}") from None
    if any("\ufffd" in name or "\x00" in name for name in names):
        raise Refusal(Reason.NOT_A_TABLE, "the object has no header: its first line is not UTF-8 text")
    return names


def _fill(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    reader: str,
    columns: dict[str, str],
    wanted: list[str],
    spooled: Path,
) -> None:
    """Insert the rows of a table as lines of JSON, numbered in the order of the file."""
    there = [name for name in dict.fromkeys(wanted) if name in columns]
    fields = ", ".join(f"{identifier(name)} := {columns[name]}" for name in there)
    line = f"to_json(struct_pack({fields}))::VARCHAR" if there else "'{}'"
    query = f"SELECT {number} AS object, row_number() OVER () AS record, {line} AS line FROM {reader}"
    _rows_of_file(connection, f"INSERT INTO table_lines BY NAME {query}", spooled)


def _rows_of_file(
    connection: duckdb.DuckDBPyConnection, query: str, spooled: Path
) -> list[tuple[object, ...]]:
    """Return the rows of a query that reads the local copy of an object.

    Raises:
        Refusal: The object is not the kind of file that its name says.
    """
    import duckdb as engine

    try:
        return connection.execute(query).fetchall()
    except (engine.OutOfMemoryException, engine.CatalogException, engine.ParserException):
        raise
    except engine.Error as error:
        cause = " ".join(str(error).split())[:200].replace(str(spooled), "the object")
        raise Refusal(Reason.NOT_A_TABLE, f"the object cannot be read as a table: {cause}") from None


def _add_line(connection: duckdb.DuckDBPyConnection, number: int, refusal: Refusal) -> None:
    connection.execute(
        "INSERT INTO table_lines (object, record, reason, detail, excerpt) "
        "SELECT ?, count(*) + 1, ?, ?, '' FROM table_lines",
        [number, str(refusal.reason), refusal.detail],
    )
