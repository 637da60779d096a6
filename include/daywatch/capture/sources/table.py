"""Plain tables: Parquet or CSV, a row an inference, the time in a column or in the path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.capture.reasons import Reason
from daywatch.capture.sources.source import SourceObject, partitioned_objects
from daywatch.capture.sources.tabular import csv_lines, parquet_lines
from daywatch.engine.duck import text

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.capture import PlainTable
    from daywatch.storage import Storage
    from daywatch.window import Window


class TableSource:
    """Reads tables below ``{prefix}/{partition}``."""

    def __init__(self, capture: PlainTable) -> None:
        """Read as configured."""
        self._capture = capture

    @property
    def folder(self) -> str:
        """Folder of the tables below the data URI."""
        return self._capture.prefix

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the objects of the window's partitions; with a time column, of one past both ends too."""
        endings = (".parquet", ".csv", ".csv.gz")
        found = partitioned_objects(storage, self.folder, self._capture.partition, window, endings)
        return found if self._capture.time_column else [one for one in found if one.in_window(window)]

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: list[SourceObject],
        scratch: Path,
    ) -> None:
        """Fill the table ``records``: a row is its own request and its own response."""
        for number, one in enumerate(objects):
            lines = parquet_lines if one.stored.key.endswith(".parquet") else csv_lines
            lines(connection, storage, one.stored, number, scratch, self._capture.limits)
            connection.execute(self._query(), {"start": one.start, "key": one.stored.key})

    def _query(self) -> str:
        """Return the SQL from lines to ``records``."""
        time, identity = self._capture.time_column, self._capture.id_column
        moment = f"TRY_CAST({_field(time)} AS TIMESTAMPTZ)" if time else "$start::TIMESTAMPTZ"
        name = _field(identity) if identity else "NULL::VARCHAR"
        missing = f"{moment} IS NULL"
        return f"""
            INSERT INTO records BY NAME
            SELECT object, record, coalesce({name}, $key || '#' || record) AS event_id,
                {name} AS inference_id, {moment} AS inference_time,
                line AS request, 'json' AS request_kind, line AS response, 'json' AS response_kind,
                CASE WHEN reason IS NOT NULL THEN reason
                     WHEN contains(line, chr(92) || 'u0000') THEN '{Reason.NUL_CHARACTER}'
                     WHEN {missing} THEN '{Reason.NO_TIME}' END AS reason,
                CASE WHEN detail IS NOT NULL THEN detail
                     WHEN contains(line, chr(92) || 'u0000') THEN 'a NUL character stands in the row'
                     WHEN {missing} THEN 'expected a time in the column ' || {text(time or "")} END AS detail,
                coalesce(excerpt, left(line, 200)) AS excerpt
            FROM capture_lines WHERE $start IS NOT NULL
        """


def _field(column: str) -> str:
    """Return SQL for a column's value as text."""
    path = text('$."' + column.replace('"', '\\"') + '"')
    return f"(CASE WHEN line IS NOT NULL THEN json_extract_string(line, {path}) END)"
