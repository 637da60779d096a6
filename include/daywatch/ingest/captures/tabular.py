"""Objects that are tables: opened as what they are, with typed columns, or refused in one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import MIB, PART_ROWS, REPEATED_ROWS, ROWS_A_BYTE, TABLE_PARTS, VALUE_BYTES
from daywatch.engine.duck import identifier, text
from daywatch.ingest.reading.gzip_stream import Refusal, spool
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.storage import Storage, StoredObject

_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT", "JSON")
_VIRTUAL = {"file_index", "file_row_number"}
"""DuckDB's own columns of Parquet files, which a column of the same name hides."""

_DEEPEST = 10
"""Lists and structs in each other: with each level more DuckDB takes twice the time, a second for 18 of them."""

_QUERY = re.compile(r"\nLINE \d+:")
_PARTS_OF_TYPE = re.compile(r""""(?:[^"]|"")*"|[(),]|\[\d*\]""")
_DECIMAL = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')|DECIMAL\(\d+,\d+\)""")


class TableColumn(NamedTuple):
    """A column of a table.

    Attributes:
        sql: SQL for its value.
        type: Its DuckDB type.
    """

    sql: str
    type: str

    @property
    def is_nested(self) -> bool:
        """True for a column whose values consist of others."""
        return self.type.startswith(_NESTED) or self.type.endswith("]")

    def as_json(self) -> str:
        """Return SQL for the value as JSON. DuckDB writes some decimals as JSON has them not, such as ``.5``."""
        safe = _DECIMAL.sub(lambda found: found[1] or "VARCHAR", self.type)
        return f"to_json({self.sql if safe == self.type else f'CAST({self.sql} AS {safe})'})"

    def as_text(self, path: str = "") -> str:
        """Return SQL for the value, or for the one at a path within it, as text.

        Args:
            path: JSON path within the value, empty for the value itself.
        """
        if path:
            document = self.as_json() if self.is_nested else f"TRY_CAST({self.sql} AS VARCHAR)"
            return f"TRY(json_extract_string({document}, {text(path)}))"
        return f"{self.as_json()}::VARCHAR" if self.is_nested else f"CAST({self.sql} AS VARCHAR)"


@dataclass(frozen=True)
class Table:
    """A table, ready to be read.

    Attributes:
        reader: SQL for its rows, to stand after FROM.
        columns: Its columns by name, in the order of the file.
        leftovers: Queries for the records that are no rows of it; they run after the rows were read.
        file: Its local copy if it is Parquet, which may be read together with others.
        names: The names of its columns if it is CSV, as the file has them: some may come twice.
        rows: The number of its rows if it is Parquet.
    """

    reader: str
    columns: Mapping[str, TableColumn]
    leftovers: tuple[str, ...] = field(default=())
    file: Path | None = None
    names: tuple[str, ...] = ()
    rows: int = 0

    @property
    def schema(self) -> tuple[tuple[str, str], ...]:
        """Names and types of its columns, in their order."""
        return tuple((name, column.type) for name, column in self.columns.items())

    @property
    def is_numbered(self) -> bool:
        """True where DuckDB knows the number of each row, because it is Parquet without columns of such names."""
        return self.file is not None and not {name.lower() for name in self.columns} & _VIRTUAL


@contextmanager
def parquet_table(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    stored: StoredObject,
    scratch: Path,
    limits: Limits,
    fetched: Callable[[], bytes] | None = None,
) -> Iterator[Table | None]:
    """Yield an object that is Parquet as a table, None for an empty object; in between there is a local copy of it.

    Args:
        connection: The connection that reads the table.
        storage: The storage of the data URI.
        stored: The object, as it was listed.
        scratch: Existing local folder for a copy of the object, because Parquet is read from its end.
        limits: The largest objects that are read.
        fetched: Returns the object's content, where it was fetched ahead; None to stream it.

    Raises:
        Refusal: The object is larger than allowed, or no Parquet.
        InfrastructureError: The storage did not answer, or the object changed since it was listed.
    """
    with local_copy(scratch) as spooled:
        broken = spool(storage, stored, limits, spooled, fetched)
        if broken:
            raise broken
        if not spooled.stat().st_size:
            yield None
            return
        with readable(spooled):
            reader = parquet_reader([spooled])
            described = connection.execute(f"DESCRIBE FROM {reader}").fetchall()
            counted = f"SELECT sum(num_rows) FROM parquet_file_metadata({text(str(spooled))})"
            ((rows,),) = connection.execute(counted).fetchall()
            _check_size(int(rows or 0), len(described), spooled.stat().st_size, limits)
            columns = {str(row[0]): TableColumn(identifier(str(row[0])), str(row[1])) for row in described}
            _check_nesting(columns)
            yield Table(reader, columns, file=spooled, rows=int(rows or 0))


def parquet_reader(files: Iterable[Path]) -> str:
    """Return SQL for the rows of Parquet files with the same columns, to stand after FROM."""
    return f"read_parquet([{', '.join(text(str(file)) for file in files)}], hive_partitioning = false)"


def row_ranges(table: Table) -> tuple[str, ...]:
    """Return SQL conditions for ranges of the rows of a large table, in their order; none for a small one.

    DuckDB reads of a file only the pages of such a range. The ranges depend on the table only, as the bytes that are
    written from them do.
    """
    parts = min(TABLE_PARTS, table.rows // PART_ROWS) if table.is_numbered else 0
    bounds = [table.rows * n // parts for n in range(parts + 1)] if parts > 1 else []
    return tuple(f"file_row_number >= {first} AND file_row_number < {end}" for first, end in pairwise(bounds))


def _check_size(rows: int, columns: int, size: int, limits: Limits) -> None:
    """Refuse a table of repeated values: they take no space in Parquet, but they would fill a disk."""
    allowed = limits.object_megabytes * MIB
    if rows * max(columns, 1) * VALUE_BYTES > allowed:
        raise Refusal(
            Reason.TOO_LARGE,
            f"the table has {rows:,} rows of {columns} values, which are more than {allowed:,} bytes",
        )
    if rows > REPEATED_ROWS and rows > size * ROWS_A_BYTE:
        raise Refusal(
            Reason.TOO_LARGE, f"the table has {rows:,} rows in {size:,} bytes: it repeats a row over and over"
        )


def _check_nesting(columns: Mapping[str, TableColumn]) -> None:
    """Refuse a table with a column of lists in lists in lists, which would keep DuckDB busy for ever."""
    for name, column in columns.items():
        depth = nesting(column.type) if column.is_nested else 0
        if depth > _DEEPEST:
            raise Refusal(
                Reason.NOT_A_TABLE,
                f"the values of the column {name[:60]} are nested {depth} deep, expected at most {_DEEPEST}",
            )


def nesting(sql_type: str) -> int:
    """Return how many lists, structs and maps are in each other in a DuckDB type.

    Args:
        sql_type: The type, as ``DESCRIBE`` gives it.
    """
    depths, last = [0], 0
    for part in _PARTS_OF_TYPE.findall(sql_type):
        if part == "(":
            depths.append(0)
        elif part == ")":
            last = depths.pop() + 1
        elif part.startswith("["):
            last += 1
        if part in ("(", ","):
            last = 0
        depths[-1] = max(depths[-1], last)
    return depths[0]


@contextmanager
def local_copy(scratch: Path) -> Iterator[Path]:
    """Yield a path for a local copy of an object, in a folder of its own, which is deleted afterwards."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="object-", dir=scratch) as folder:
        yield Path(folder) / "object"


@contextmanager
def readable(spooled: Path) -> Iterator[None]:
    """Refuse the object if a query of this block fails because of its content.

    Args:
        spooled: The local copy of the object, which no sentence names.

    Raises:
        Refusal: The object is not the kind of file that its name says.
    """
    import duckdb as engine

    try:
        yield
    except (engine.OutOfMemoryException, engine.InterruptException):
        raise
    except (engine.BinderException, engine.CatalogException, engine.ParserException):
        raise  # a defect of the query
    except engine.Error as error:
        if isinstance(error, engine.IOException) and str(spooled) not in str(error):
            raise  # of the scratch folder
        # DuckDB repeats the query, with the path of the local copy, which is another one each time.
        said = _QUERY.split(str(error).replace(str(spooled), "the object"), maxsplit=1)[0]
        cause = " ".join(said.split())[:200]
        raise Refusal(Reason.NOT_A_TABLE, f"the object cannot be read as a table: {cause}") from None


def refused(number: int, refusal: Refusal) -> str:
    """Return a query for the one record that an object is which cannot be read.

    Args:
        number: The number of the object among the window's objects.
        refusal: Why it cannot be read.
    """
    return (
        f"SELECT {number} AS object, 1 AS record, {text(refusal.reason)} AS reason, "
        f"{text(refusal.detail)} AS detail, '' AS excerpt"
    )


def json_lines(table: Table, number: int, wanted: Iterable[str]) -> str:
    """Return SQL for the rows of a table as lines of JSON, with the columns of ``reading.lines.line_schema``.

    Args:
        table: The table.
        number: The number of the object among the window's objects.
        wanted: Names of columns; one that the table lacks is missing in every line.
    """
    there = [name for name in dict.fromkeys(wanted) if name in table.columns]
    fields = ", ".join(f"{identifier(name)} := {table.columns[name].as_json()}" for name in there)
    return f"""
        SELECT {number} AS object, row_number() OVER () AS record,
            {f"to_json(struct_pack({fields}))::VARCHAR" if there else "'{}'"} AS line,
            NULL::VARCHAR AS reason, NULL::VARCHAR AS detail, NULL::VARCHAR AS excerpt
        FROM {table.reader}
    """
