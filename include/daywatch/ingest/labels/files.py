"""Label files, read one by one from an unpacked local copy; a file that cannot be read is a record with its reason."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import LONGEST_CSV_LINE, LONGEST_HEADER
from daywatch.engine.duck import text
from daywatch.engine.scratch import locked_folder
from daywatch.engine.settings import settings_in_force
from daywatch.ingest.reading.gzip_stream import Refusal, spool
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.ingest.labels.source import Insert, LabelObject
    from daywatch.storage import Storage

PARQUET = (".parquet",)
CSV = (".csv", ".csv.gz")


RowsQuery = Callable[[str, dict[str, str]], str]
"""Makes the query for the rows of a file from its path and the types of its columns by name.

It returns ``VALUES`` without object, reason and detail.
"""


def each_file(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: Mapping[int, LabelObject],
    endings: tuple[str, ...],
    rows: RowsQuery,
    insert: Insert,
    needed: Collection[str] = (),
) -> None:
    """Pass the rows of each Parquet file to ``insert``.

    Args:
        connection: The connection that runs the queries.
        storage: The storage of the data URI.
        objects: The label objects by number; those with other endings are left out.
        endings: Endings of the names of Parquet files.
        rows: Makes the query for the rows of a file.
        insert: Stores what a query returns.
        needed: Columns without which a file cannot be read.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    for number, file, refusal in _local(storage, objects, endings):
        if refusal:
            _refuse(number, refusal, insert)
            continue
        try:
            found = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({text(file)})").fetchall()
            columns = {str(row[0]): str(row[1]) for row in found}
            if missing := [name for name in needed if name not in columns]:
                _refuse(number, _unreadable(_missing(missing, list(columns))), insert)
                continue
            query = rows(file, columns)
            # The whole file is read before any row of it is stored: it may be damaged in the middle.
            connection.execute(f"CREATE OR REPLACE TEMP TABLE label_file AS {query}")
        except _content_errors() as error:
            _refuse(number, _unreadable(f"it is no whole Parquet file: {_first_line(error, file)}"), insert)
            continue
        insert(
            f"SELECT {number} AS object, record, id, label, position, collected, NULL AS reason, NULL AS detail, "
            "excerpt FROM label_file"
        )
    connection.execute("DROP TABLE IF EXISTS label_file")


def each_csv(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: Mapping[int, LabelObject],
    values: Callable[[], str],
    insert: Insert,
    needed: Collection[str],
) -> None:
    """Pass the rows of each CSV file to ``insert``; a line that is no CSV is a record with its reason.

    Args:
        connection: The connection that runs the queries.
        storage: The storage of the data URI.
        objects: The label objects by number; those that are not CSV are left out.
        values: Makes the SQL for the values of a row from the columns that the header names.
        insert: Stores what a query returns.
        needed: Columns without which a file cannot be read.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    for number, file, refusal in _local(storage, objects, CSV):
        columns, problem = _header(Path(file), needed)
        if refusal or problem:
            _refuse(number, refusal or _unreadable(problem), insert)
        if not columns:
            continue
        try:
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE label_file AS SELECT row_number() OVER () AS record, {values()} "
                f"FROM {_csv_scan(file, columns)}"
            )
            insert(
                f"SELECT {number} AS object, record, id, label, position, collected, NULL AS reason, "
                "NULL AS detail, excerpt FROM label_file"
            )
            insert(
                f"SELECT {number} AS object, line AS record, NULL AS id, NULL AS label, NULL AS position, "
                f"NULL AS collected, '{Reason.NOT_CSV}' AS reason, left(min(error_message), 200) AS detail, "
                "left(min(csv_line), 200) AS excerpt FROM label_rejects GROUP BY line"
            )
        except _content_errors() as error:
            _refuse(number, _unreadable(f"it is no CSV: {_first_line(error, file)}"), insert)
        finally:
            connection.execute("DROP TABLE IF EXISTS label_rejects; DROP TABLE IF EXISTS label_scans")
    connection.execute("DROP TABLE IF EXISTS label_file")


def _csv_scan(file: str, columns: list[str]) -> str:
    named = ", ".join(f"{text(name)}: 'VARCHAR'" for name in columns)
    return (
        f"read_csv({text(file)}, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
        f"columns = {{{named}}}, max_line_size = {LONGEST_CSV_LINE}, ignore_errors = true, store_rejects = true, "
        "rejects_table = 'label_rejects', rejects_scan = 'label_scans', rejects_limit = 0)"
    )


def _header(file: Path, needed: Collection[str]) -> tuple[list[str], str]:
    """Return the columns that the first line of a CSV file names, or why they cannot be used."""
    with file.open("rb") as opened:
        line = opened.readline(LONGEST_HEADER)
    try:
        names = next(csv.reader([line.decode("utf-8-sig").strip("\r\n")], strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        return [], f"its first line is no header: {error}"
    if not line:
        return [], ""  # an empty object has no labels
    names = [name.strip() for name in names]
    folded = [name.casefold() for name in names]
    if len(set(folded)) < len(folded) or "" in names or any("\x00" in name for name in names):
        return [], f"its header has empty or doubled names: {', '.join(names)[:120]}"
    missing = [name for name in needed if name not in names]
    return ([], _missing(missing, names)) if missing else (names, "")


def _missing(missing: list[str], columns: list[str]) -> str:
    return f"expected the columns {', '.join(missing)}, but found {', '.join(columns)[:120] or 'none'}"


def _local(
    storage: Storage, objects: Mapping[int, LabelObject], endings: tuple[str, ...]
) -> Iterator[tuple[int, str, Refusal | None]]:
    """Yield each object with these endings: its number, its local copy, and why the copy is not whole if it is not."""
    with locked_folder(settings_in_force().folder) as scratch:
        target = Path(scratch) / "labels"
        for number, one in objects.items():
            if one.stored is not None and one.stored.key.endswith(endings):
                try:
                    refusal = spool(storage, one.stored, Limits(), target)
                except Refusal as whole:
                    target.write_bytes(b"")
                    refusal = whole
                yield number, str(target), refusal


def _refuse(number: int, refusal: Refusal, insert: Insert) -> None:
    """Pass one record to ``insert`` that stands for the part of a file that cannot be read."""
    insert(
        f"SELECT {number} AS object, 0 AS record, NULL AS id, NULL AS label, NULL AS position, "
        f"NULL AS collected, '{refusal.reason}' AS reason, {text(refusal.detail)} AS detail, NULL AS excerpt"
    )


def _unreadable(detail: str) -> Refusal:
    return Refusal(Reason.UNREADABLE, f"the object is not whole: {detail[:300]}")


def _first_line(error: Exception, file: str) -> str:
    return str(error).splitlines()[0].replace(file, "it")


def _content_errors() -> tuple[type[Exception], ...]:
    """Return DuckDB's errors about the content of a file; a full disk or memory is not among them."""
    import duckdb

    return (
        duckdb.DataError,
        duckdb.InvalidInputException,
        duckdb.NotSupportedError,
        duckdb.SerializationException,
        duckdb.IOException,
    )
