"""Plain tables, Parquet or CSV: one row per inference, its time in a column or in the path."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.engine.budget import GROUPED_BYTES, GROUPED_TABLES, LISTED_NAMES
from daywatch.engine.duck import text
from daywatch.ingest.captures.csv_table import csv_table
from daywatch.ingest.captures.line_fields import LONGEST_KEPT
from daywatch.ingest.captures.source import (
    Records,
    SourceObject,
    TableRecords,
    of_object,
    partitioned_objects,
)
from daywatch.ingest.captures.tabular import (
    Table,
    TableColumn,
    parquet_reader,
    parquet_table,
    refused,
    row_ranges,
)
from daywatch.ingest.payloads.positions import column_and_path, first_key
from daywatch.ingest.reading.fetched import fetched_ahead
from daywatch.ingest.reading.gzip_stream import Refusal
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.capture import PlainTable
    from daywatch.ingest.payloads.positions import ColumnPosition
    from daywatch.storage import Storage
    from daywatch.window import Window

_NAMES, _NEAR = 200, 0.75
_OTHER_MARKS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_FRACTIONAL = ("DOUBLE", "FLOAT")
_TIMES = ("TIMESTAMP", "DATE", "VARCHAR")


class TableSource:
    """Reads tables below ``{prefix}/{partition}``."""

    def __init__(self, capture: PlainTable, positions: list[ColumnPosition]) -> None:
        """Prepare to read.

        Args:
            capture: The model's capture configuration.
            positions: The positions of features and answers, in the order of the columns ``captured_<n>``.
        """
        self._capture = capture
        self._positions = positions

    @property
    def folder(self) -> str:
        """Folder of the tables below the data URI."""
        return self._capture.prefix

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the objects of the window's partitions; with a time column, of one before and after it too."""
        endings = (".parquet", ".csv", ".csv.gz")
        slack = None if self._capture.time_column else timedelta()
        return partitioned_objects(storage, self.folder, self._capture.partition, window, endings, slack)

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: dict[int, SourceObject],
        scratch: Path,
    ) -> Generator[Records]:
        """Yield queries for the records: a row is both the request and the response.

        Small Parquet files with the same columns are read by one query: DuckDB plans a query in a quarter of a second.
        If one of them cannot be read, each is read alone.
        """
        is_alone = len(objects) == 1
        for group in _groups(objects):
            if len(group) > 1 and (yield from self._together(connection, storage, group, scratch)):
                continue
            for number, one in group.items():
                try:
                    with self._table(connection, storage, number, one, scratch) as table:
                        if table:
                            yield self._of_one(number, table, row_ranges(table) if is_alone else ())
                            yield from table.leftovers
                except Refusal as refusal:
                    yield refused(number, refusal)

    def _together(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        group: dict[int, SourceObject],
        scratch: Path,
    ) -> Generator[Records, None, bool]:
        """Yield one query for several Parquet files; return False if they cannot be read together."""
        import duckdb as engine

        tables: dict[int, Table] = {}
        stored, limits = {number: one.stored for number, one in group.items()}, self._capture.limits
        with ExitStack() as stack:
            try:
                for number, one, fetched in fetched_ahead(storage, stored):
                    opened = parquet_table(connection, storage, one, scratch, limits, fetched)
                    if table := stack.enter_context(opened):
                        tables[number] = table
            except Refusal:
                return False
            if len({one.schema for one in tables.values()}) > 1 or any(
                not one.is_numbered for one in tables.values()
            ):
                return False
            try:
                if tables:
                    yield self._records(tables)
            except engine.Error:
                return False
        return True

    def _table(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        number: int,
        one: SourceObject,
        scratch: Path,
    ) -> AbstractContextManager[Table | None]:
        """Return the object opened as what its ending says: Parquet, else CSV with a header."""
        limits = self._capture.limits
        if one.stored.key.endswith(".parquet"):
            return parquet_table(connection, storage, one.stored, scratch, limits)
        return csv_table(connection, storage, one.stored, number, scratch, limits)

    def _of_one(self, number: int, table: Table, ranges: tuple[str, ...]) -> TableRecords:
        """Return the query for the rows of a table, and those for ranges of its rows."""
        whole = self._records({number: table})
        return replace(whole, parts=tuple(self._records({number: table}, one).query for one in ranges))

    def _records(self, tables: dict[int, Table], rows: str = "") -> TableRecords:
        """Return the query for the rows of tables with the same columns, by the numbers of their objects.

        Args:
            tables: The tables; several are Parquet.
            rows: Condition in SQL of the rows to read; empty for all.
        """
        table, *_ = tables.values()
        reader, number, record = table.reader, str(next(iter(tables))), "row_number() OVER ()"
        if table.is_numbered:
            record = "file_row_number + 1"
        if len(tables) > 1:
            reader = parquet_reader(one.file for one in tables.values() if one.file)
            number = f"{list(tables)}[(file_index + 1)::BIGINT]"
        values = {
            f"captured_{n}": (table.columns[at.column], at.path)
            for n, at in enumerate(self._positions)
            if at.column in table.columns and at.name != "ignore"
        }
        time = self._capture.time_column
        captured = [f"{_value(column, path)} AS {name}" for name, (column, path) in values.items()]
        inner = [
            f"{number} AS object",
            f"{record} AS record",
            f"{self._id(table)} AS id",
            f"{_time(table.columns.get(time)) if time else 'NULL::TIMESTAMPTZ'} AS given_time",
            f"{self._kept(table)} AS kept",
            *captured,
        ]
        types = {name: _type(column, path) for name, (column, path) in values.items()}
        texts = [name for name, kind in types.items() if kind == "VARCHAR"]
        # Some writers do not mark their texts as UTF-8; what is none is shown as text without such characters.
        texts += [f"TRY(decode({name}))" for name, kind in types.items() if kind == "BLOB"]
        rules = self._rules(texts, table)
        return TableRecords(
            f"""
            SELECT object, record, coalesce(id, {of_object("key")} || '#' || record) AS event_id,
                id AS inference_id, {"given_time" if time else of_object("start")} AS inference_time,
                {first_reason(rules)} AS reason, {first_detail(rules)} AS detail, kept,
                {", ".join([f"{self._extra(table)} AS extra_names", "NULL::VARCHAR AS excerpt", *values])}
            FROM (SELECT {", ".join(inner)} FROM {reader} {f"WHERE {rows}" if rows else ""})
            """,
            types,
        )

    def _rules(self, texts: list[str], table: Table) -> list[Rule]:
        """Return the rules about rows that cannot be read; the first one that applies counts."""
        nul = " OR ".join(f"coalesce(contains({one}, chr(0)), false)" for one in ("id", *texts))
        absent = self._absent(table)
        return [
            Rule(
                "true" if absent else "false", Reason.NO_COLUMN, text(_no_column(absent, list(table.columns)))
            ),
            Rule(nul, Reason.NUL_CHARACTER, "'the row contains a NUL character, which no database stores'"),
            Rule(
                "given_time IS NULL" if self._capture.time_column else "false",
                Reason.NO_TIME,
                text(f"expected a time in the column {self._capture.time_column or ''}"),
            ),
        ]

    def _extra(self, table: Table) -> str:
        """Return SQL for the names of the columns that nothing in the configuration names."""
        known = {at.column for at in self._positions} | {self._capture.id_column, self._capture.time_column}
        known |= {first_key(path) for path in self._capture.keep.values()}
        names = sorted(name for name in table.columns if name not in known)
        return f"[{', '.join(map(text, names[:LISTED_NAMES]))}]::VARCHAR[]"

    def _absent(self, table: Table) -> list[str]:
        """Return the columns that the table lacks, if it cannot be read without one of them.

        A feature whose column is not there is missing; without any feature, or an answer, there is no inference.
        """
        capture = self._capture
        needed = [name for name in (capture.id_column, capture.time_column) if name]
        answers = [at.column for at in self._positions if at.is_answer and at.name != "ignore"]
        features = [at.column for at in self._positions if not at.is_answer]
        absent = [name for name in (*needed, *features, *answers) if name not in table.columns]
        readable = not {*needed, *answers} & set(absent) and not set(features) <= set(absent)
        return [] if readable else list(dict.fromkeys(absent))

    def _kept(self, table: Table) -> str:
        """Return SQL for the kept values; the first key of a path is a column, and one that is absent is missing."""
        values = []
        for path in self._capture.keep.values():
            column, below = column_and_path(path)
            found = table.columns.get(column)
            values.append(f"left({found.as_text(below)}, {LONGEST_KEPT})" if found else "NULL")
        return f"[{', '.join(values)}]::VARCHAR[]" if values else "NULL::VARCHAR[]"

    def _id(self, table: Table) -> str:
        """Return SQL for the inference id; a whole number has no decimals, whatever its type."""
        column = table.columns.get(self._capture.id_column or "")
        if column is None:
            return "NULL::VARCHAR"
        if column.type in _FRACTIONAL:
            whole = f"TRY_CAST({column.sql} AS BIGINT)"
            return (
                f"CASE WHEN {whole} = {column.sql} THEN CAST({whole} AS VARCHAR) ELSE {column.as_text()} END"
            )
        return f"nullif({column.as_text()}, '')"


def _no_column(absent: list[str], there: list[str]) -> str:
    """Return the sentence about columns that a table lacks, with the names that it has."""
    names = ", ".join(there)
    sentence = f"the table has no column {', '.join(absent)[:_NAMES]}; its columns are: {names[:_NAMES]}"
    marks = [mark for mark in _OTHER_MARKS if len(there) == 1 and mark in names]
    if marks:
        return f"{sentence}. Its values seem to be separated by {_OTHER_MARKS[marks[0]]}; expected commas"
    near = {name: found[0] for name in absent if (found := get_close_matches(name, there, 1, _NEAR))}
    hints = ", ".join(f"{found} for {name}" for name, found in near.items())
    return f"{sentence}. Is it {hints[:_NAMES]}?" if near else sentence


def _value(column: TableColumn, path: str) -> str:
    """Return SQL for a captured value: as the column has it, or as text where it is, or is in, a nested one."""
    return column.as_text(path) if path or column.is_nested else column.sql


def _type(column: TableColumn, path: str) -> str:
    return "VARCHAR" if path or column.is_nested else column.type


def _time(column: TableColumn | None) -> str:
    """Return SQL for the time in a column, NULL where there is none."""
    if column is None:
        return "NULL::TIMESTAMPTZ"
    value = column.sql if column.type.startswith(_TIMES) else column.as_text()
    return f"TRY_CAST({value} AS TIMESTAMPTZ)"


def _groups(objects: dict[int, SourceObject]) -> Iterator[dict[int, SourceObject]]:
    """Yield the objects in groups: small Parquet files one after the other are one, any other object is its own."""
    group: dict[int, SourceObject] = {}
    size = 0
    for number, one in objects.items():
        is_small = one.stored.key.endswith(".parquet") and one.stored.size <= GROUPED_BYTES
        if group and (not is_small or size + one.stored.size > GROUPED_BYTES or len(group) == GROUPED_TABLES):
            yield group
            group, size = {}, 0
        if is_small:
            group[number] = one
            size += one.stored.size
        else:
            yield {number: one}
    if group:
        yield group
