"""CSV files as tables: what can be a row is read by DuckDB, every other line is a record with its reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import LONGEST_CSV_LINE, LONGEST_HEADER, MIB, UNSOUND_LINES
from daywatch.engine.duck import text
from daywatch.ingest.captures.csv_lines import SoundLines, UnsoundLine, with_line_feeds
from daywatch.ingest.captures.tabular import Table, TableColumn, local_copy, readable
from daywatch.ingest.reading.encoding import not_utf8
from daywatch.ingest.reading.gzip_stream import Refusal, plain_bytes
from daywatch.ingest.reading.lines import whole_lines
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.storage import Storage, StoredObject

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_REJECTED = {
    "INVALID ENCODING": Reason.NOT_UTF8,
    "LINE SIZE OVER MAXIMUM": Reason.TOO_LONG,
    "UNQUOTED VALUE": Reason.NOT_CSV,
}
"""Reason codes for DuckDB's types of CSV errors; the other types are about the number of values."""


@contextmanager
def csv_table(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    stored: StoredObject,
    number: int,
    scratch: Path,
    limits: Limits,
    *,
    header: bool = True,
) -> Iterator[Table | None]:
    """Yield an object that is CSV as a table, None for an empty object.

    Args:
        connection: The connection that reads the table.
        storage: The storage of the data URI.
        stored: The object, as it was listed, plain or gzip.
        number: The number of the object among the window's objects, for the records that are no rows.
        scratch: Existing local folder for a copy of the object.
        limits: The largest objects and lines that are read.
        header: Whether the first row has the names of the columns; else they are called ``0``, ``1`` and so on.

    Raises:
        Refusal: The object is larger than allowed, or has no first row.
        InfrastructureError: The storage did not answer, or the object changed since it was listed.
    """
    longest = min(limits.line_megabytes * MIB, LONGEST_CSV_LINE)
    with local_copy(scratch) as spooled:
        unsound = spooled.with_name("unsound")
        names, lines = _copy_lines(storage, stored, limits, longest, spooled, unsound, header=header)
        if not names:
            yield None
            return
        typed = "{" + ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(names))) + "}"
        reader = (
            f"read_csv({text(str(spooled))}, auto_detect = false, columns = {typed}, header = false, delim = ',', "
            "quote = '\"', escape = '\"', new_line = '\\n', strict_mode = true, compression = 'none', "
            f"store_rejects = true, rejects_limit = 0, max_line_size = {longest}, buffer_size = {2 * longest}, "
            "hive_partitioning = false)"
        )
        # Of columns with one name the first counts.
        columns = {name: TableColumn(f"c{n}", "VARCHAR") for n, name in reversed(list(enumerate(names)))}
        connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        with readable(spooled):
            leftovers = (_leftovers(number, lines, unsound),)
            yield Table(reader, dict(reversed(columns.items())), leftovers, names=tuple(names))


def _copy_lines(
    storage: Storage,
    stored: StoredObject,
    limits: Limits,
    longest: int,
    spooled: Path,
    unsound: Path,
    *,
    header: bool,
) -> tuple[list[str], int]:
    """Copy the lines that can be rows, and store those that cannot.

    Returns:
        The names in the header, none for an object without lines, and the number of its lines.
    """
    with spooled.open("wb") as target, _unsound_lines(unsound) as found:
        pieces = whole_lines(with_line_feeds(plain_bytes(storage, stored, limits)), longest)
        first = next(pieces, b"")
        names, lines_of_header, rest = _header(first)
        if not names:
            return [], 0
        sound = SoundLines(len(names), longest, target, found.append)
        if header:
            sound.add_blank(lines_of_header)
        else:
            names, rest = [str(n) for n in range(len(names))], first
        if rest:
            sound.add(rest)
        try:
            for piece in pieces:
                sound.add(piece)
        except Refusal as refusal:
            if refusal.reason is Reason.TOO_LARGE:
                raise
            found.append(UnsoundLine(sound.lines + 1, refusal.reason, refusal.detail, ""))
        sound.finish()
    return names, sound.lines


def _header(begun: bytes) -> tuple[list[str], int, bytes]:
    """Return the names in the first row of a CSV file, the number of its lines, and the bytes after it.

    Args:
        begun: The first lines of the file, whole.

    Raises:
        Refusal: The first row cannot be read as names.
    """
    if begun.startswith(_UTF16):
        raise Refusal(Reason.NOT_A_TABLE, "the object is text in UTF-16; expected UTF-8")
    if len(begun) > LONGEST_HEADER and b"\n" not in begun[:LONGEST_HEADER]:
        raise Refusal(
            Reason.NOT_A_TABLE,
            f"the object has no header: its first line is longer than {LONGEST_HEADER:,} bytes",
        )
    lines = csv.reader(
        io.StringIO(begun[:LONGEST_HEADER].decode("utf-8", "replace").replace("\r\n", "\n"), newline="\n"),
        strict=True,
    )
    try:
        names = next((row for row in lines if row), [])
    except csv.Error as error:
        raise Refusal(Reason.NOT_A_TABLE, f"the object has no header: {error}") from None
    if any("\ufffd" in name or "\x00" in name for name in names):
        found = not_utf8(begun[:LONGEST_HEADER]) or "not text: it has a NUL character"
        raise Refusal(Reason.NOT_A_TABLE, f"the object has no header: its beginning is {found}")
    parts = begun.split(b"\n", lines.line_num)
    return names, lines.line_num, parts[lines.line_num] if len(parts) > lines.line_num else b""


class _Unsound:
    """Lines that cannot be rows, written to a Parquet file some at a time."""

    def __init__(self, target: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        names = UnsoundLine._fields
        self._schema = pa.schema([(name, pa.int64() if name == "line" else pa.string()) for name in names])
        self._writer = pq.ParquetWriter(target, self._schema)
        self._lines: list[UnsoundLine] = []

    def append(self, line: UnsoundLine) -> None:
        self._lines.append(line)
        if len(self._lines) == UNSOUND_LINES:
            self._write()

    def close(self) -> None:
        self._write()
        self._writer.close()

    def _write(self) -> None:
        import pyarrow as pa

        rows = [line._asdict() for line in self._lines]
        self._writer.write_table(pa.Table.from_pylist(rows, self._schema))
        self._lines = []


@contextmanager
def _unsound_lines(target: Path) -> Iterator[_Unsound]:
    found = _Unsound(target)
    try:
        yield found
    finally:
        found.close()


def _leftovers(number: int, lines: int, unsound: Path) -> str:
    """Return a query for the lines that are no rows, numbered after the rows, of which there are no more than lines.

    Args:
        number: The number of the object among the window's objects.
        lines: The number of lines of the file.
        unsound: The file of lines that DuckDB did not get to see.
    """
    reasons = " ".join(f"WHEN {text(kind)} THEN '{reason}'" for kind, reason in _REJECTED.items())
    return f"""
        SELECT {number} AS object, {lines} + row_number() OVER (ORDER BY line) AS record, reason, detail, excerpt
        FROM (
            SELECT line, reason, detail, excerpt FROM read_parquet({text(str(unsound))})
            UNION ALL
            SELECT line, CASE error_type {reasons} ELSE '{Reason.VALUE_COUNT}' END AS reason,
                'line ' || line || ': ' || error_message AS detail, csv_line AS excerpt
            FROM (
                SELECT line, arg_min(error_type::VARCHAR, coalesce(column_idx, 0)) AS error_type,
                    arg_min(error_message, coalesce(column_idx, 0)) AS error_message, any_value(csv_line) AS csv_line
                FROM reject_errors GROUP BY line
            )
        )
    """
