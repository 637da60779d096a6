"""Captures as rows of a query: streamed into a local table, and read like any other."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import TYPE_CHECKING

from daywatch.config.model.capture import PlainTable
from daywatch.engine.budget import CAPTURE_QUERY_ROWS, MIB
from daywatch.engine.duck import text
from daywatch.errors import SetupError
from daywatch.ingest.captures.source import SourceObject
from daywatch.ingest.captures.table import TableSource
from daywatch.ingest.captures.tabular import Table, TableColumn, local_copy, parquet_reader
from daywatch.ingest.data_places import Database
from daywatch.ingest.query import DatabaseQuery, as_text
from daywatch.storage import StoredObject

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.capture import SqlCapture
    from daywatch.ingest.captures.source import Records
    from daywatch.ingest.payloads.positions import ColumnPosition
    from daywatch.storage import Storage
    from daywatch.window import Window

_SLACK = timedelta(days=1)
"""How far outside the window a row may be that the query gives all the same: it belongs to another window."""


class SqlSource(TableSource):
    """Reads the rows of a query, in the order of their times and ids, whatever the order of the database."""

    def __init__(self, capture: SqlCapture, positions: list[ColumnPosition]) -> None:
        """Prepare to read; nothing is opened yet.

        Args:
            capture: The model's capture configuration.
            positions: The columns of features and answers.
        """
        as_table = PlainTable(
            source="table",
            prefix="query",
            time_column=capture.time_column,
            id_column=capture.id_column,
            keep=capture.keep,
            limits=capture.limits,
        )
        super().__init__(as_table, positions)
        self._sql = capture
        self._query: DatabaseQuery | None = None

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the one object that stands for the query."""
        self._query = self._asked(storage, window)
        stored = StoredObject(storage.address("query"), 0)
        return [SourceObject(stored, window.start, window.end, _SLACK)]

    def with_fingerprints(self, objects: list[SourceObject]) -> list[StoredObject]:
        """Return the query's object with a fingerprint of all its rows, in any order; runs the query if needed."""
        if self._query is None:
            return [one.stored for one in objects]
        self._query.run(CAPTURE_QUERY_ROWS)
        return [
            StoredObject(one.stored.key, self._query.rows or 0, f"{self._query.fingerprint:032x}")
            for one in objects
        ]

    def _asked(self, storage: Storage, window: Window) -> DatabaseQuery:
        capture = self._sql
        if not isinstance(storage, Database):
            msg = f"expected the database of the captures, but received {storage!r}"
            raise TypeError(msg)
        return DatabaseQuery(
            section="capture",
            what="captures",
            connection=capture.connection,
            query=capture.query,
            parameters={"window_start": window.start, "window_end": window.end},
            wanted=(capture.id_column, capture.time_column),
            connections=storage.connections,
        )

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,  # noqa: ARG002 - the query knows its database
        objects: dict[int, SourceObject],
        scratch: Path,
    ) -> Generator[Records]:
        """Yield the query for the rows, which are local by then.

        Raises:
            SetupError: There is no such connection, the database refuses it, or the query cannot be run as it is
                written, or gives too much.
            InfrastructureError: The database did not answer.
        """
        for number in objects:
            with local_copy(scratch) as streamed, local_copy(scratch) as ordered:
                names = self._fetch(streamed)
                connection.execute(f"""
                    COPY (FROM {parquet_reader([streamed])} ORDER BY ALL) TO {text(str(ordered))} (FORMAT parquet)
                """)
                columns = {
                    name: TableColumn(f'"{name.replace(chr(34), chr(34) * 2)}"', "VARCHAR") for name in names
                }
                yield self._records({number: Table(parquet_reader([ordered]), columns, file=ordered)})

    def columns(self) -> tuple[str, ...]:
        """Return the names of the query's columns."""
        names, _ = next(self._query.chunks(1)) if self._query else ([], [])
        return tuple(names)

    def _fetch(self, target: Path) -> list[str]:
        """Stream the rows into a Parquet file of texts, id and time first, and return the names of its columns.

        Raises:
            SetupError: Columns have the same name, or the rows are larger than ``capture.limits`` allows.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        first = [self._sql.time_column, self._sql.id_column]
        names: list[str] = []
        writer: pq.ParquetWriter | None = None
        size = 0
        query = self._query
        for given, rows in query.chunks(CAPTURE_QUERY_ROWS) if query else ():
            if writer is None:
                _check_distinct(given)
                names = [*first, *(name for name in given if name not in first)]
                schema = pa.schema([(name, pa.string()) for name in names])
                writer = pq.ParquetWriter(target, schema, compression="zstd")
            by_name = dict(zip(given, zip(*rows, strict=True), strict=True)) if rows else {}
            arrays = [
                pa.array([as_text(one) for one in by_name.get(name, ())], pa.string()) for name in names
            ]
            table = pa.table(arrays, names=names)
            size += table.nbytes
            if size > self._sql.limits.object_megabytes * MIB:
                msg = (
                    f"The query under capture.query gives more than {self._sql.limits.object_megabytes} MB for a "
                    "window: let it return fewer rows or columns, or raise capture.limits.object_megabytes."
                )
                raise SetupError(msg)
            writer.write_table(table)
        if writer is not None:
            writer.close()
        return names


def _check_distinct(names: list[str]) -> None:
    """Check that no two columns have the same name; in DuckDB, capital letters make no difference.

    Raises:
        SetupError: Two have, as those of joined tables may.
    """
    folded = [name.casefold() for name in names]
    if doubled := [name for name in dict.fromkeys(names) if folded.count(name.casefold()) > 1]:
        msg = (
            f"The query under capture.query gives several columns of the name {', '.join(doubled)[:200]}: select "
            "one of them, or name them differently with AS."
        )
        raise SetupError(msg)
