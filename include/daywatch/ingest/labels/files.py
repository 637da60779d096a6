"""Label files one by one, local and unpacked; one that cannot be read is a record with its reason."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import LONGEST_CSV_LINE, LONGEST_HEADER
from daywatch.engine.duck import text
from daywatch.engine.settings import settings_in_force
from daywatch.ingest.reading.gzip_stream import Refusal, spool
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.ingest.labels.source import Insert, LabelObject
    from daywatch.storage import Storage

PARQUET = (".parquet",)
CSV = (".csv", ".csv.gz")


Rows = Callable[[str, list[str]], str]
"""Makes the query for a file's rows, given its path and its columns; without object, reason and detail."""


def each_file(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: Mapping[int, LabelObject],
    endings: tuple[str, ...],
    rows: Rows,
    insert: Insert,
    needed: Collection[str] = (),
) -> None:
    """Hand over the rows of each Parquet file.

    Args:
        connection: Where the queries run.
        storage: Where the objects lie.
        objects: By number; those with other endings are left out.
        endings: Of the files meant.
        rows: Makes the query for a file.
        insert: Takes the queries.
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
            columns = [str(row[0]) for row in found]
            if missing := [name for name in needed if name not in columns]:
                _refuse(number, _unreadable(_missing(missing, columns)), insert)
                continue
            query = rows(file, columns)
            # All of it before any of it is taken over: a file may be damaged in its middle.
            connection.execute(f"CREATE OR REPLACE TEMP TABLE label_file AS {query}")
        except _content_errors() as error:
            _refuse(number, _unreadable(f"it is no whole Parquet file: {_told(error, file)}"), insert)
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
    """Hand over the rows of each CSV file by the names in its header; lines that are none have their reason.

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
            _refuse(number, _unreadable(f"it is no CSV: {_told(error, file)}"), insert)
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
    """Return the columns that a CSV file's first line names, or why they cannot be used."""
    with file.open("rb") as opened:
        line = opened.readline(LONGEST_HEADER)
    try:
        names = next(csv.reader([line.decode("utf-8-sig").strip("\r\n")], strict=True), [])
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
    return f"expected the columns {', '.join(missing)}, but found {', '.join(columns)[:120]}"


def _local(
    storage: Storage, objects: Mapping[int, LabelObject], endings: tuple[str, ...]
) -> Iterator[tuple[int, str, Refusal | None]]:
    """Yield the number of each object with these endings, its local file, and why that is not the whole object."""
    with tempfile.TemporaryDirectory(prefix="daywatch-", dir=settings_in_force().folder) as scratch:
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
    """Hand over the one record that stands for what of a file is not read."""
    insert(
        f"SELECT {number} AS object, 0 AS record, NULL AS id, NULL AS label, NULL AS position, "
        f"NULL AS collected, '{refusal.reason}' AS reason, {text(refusal.detail)} AS detail, NULL AS excerpt"
    )


def _unreadable(detail: str) -> Refusal:
    return Refusal(Reason.UNREADABLE, f"the object is not whole: {detail[:300]}")


def _told(error: Exception, file: str) -> str:
    return str(error).splitlines()[0].replace(file, "it")


def _content_errors() -> tuple[type[Exception], ...]:
    """Return DuckDB's errors about a file's content; a full disk or memory is none of them."""
    import duckdb

    return (
        duckdb.DataError,
        duckdb.InvalidInputException,
        duckdb.NotSupportedError,
        duckdb.SerializationException,
        duckdb.IOException,
    )
