"""Plain tables, Parquet or CSV: one row per inference, its time in a column or in the path."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.captures.source import SourceObject, partitioned_objects
from daywatch.ingest.captures.tabular import spool_table
from daywatch.ingest.payloads.positions import json_path
from daywatch.ingest.payloads.split_rows import holds_nul
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.capture import PlainTable
    from daywatch.storage import Storage
    from daywatch.window import Window


class TableSource:
    """Reads tables below ``{prefix}/{partition}``."""

    def __init__(self, capture: PlainTable, columns: list[str]) -> None:
        """Prepare to read.

        Args:
            capture: The model's capture configuration.
            columns: Names of the columns of features and answers.
        """
        self._capture = capture
        named = (capture.time_column, capture.id_column)
        self._wanted = [*columns, *(name for name in named if name is not None)]

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
    ) -> Generator[str]:
        """Yield queries for the records: a row is both the request and the response."""
        for number, one in objects.items():
            limits = self._capture.limits
            spool_table(connection, storage, one.stored, number, scratch, limits, self._wanted)
            yield self._query(one)

    def _query(self, one: SourceObject) -> str:
        """Return the SQL from ``table_lines`` to ``records``."""
        time, identity = self._capture.time_column, self._capture.id_column
        inference_time = (
            f"TRY_CAST({_field(time)} AS TIMESTAMPTZ)"
            if time
            else f"TIMESTAMPTZ {text(one.start.isoformat())}"
        )
        name = _field(identity) if identity else "NULL::VARCHAR"
        rules = [
            Rule(
                holds_nul("line"),
                Reason.NUL_CHARACTER,
                "'the row contains a NUL character, which no database stores'",
            ),
            Rule(
                f"{inference_time} IS NULL",
                Reason.NO_TIME,
                text(f"expected a time in the column {time or ''}"),
            ),
        ]
        return f"""
            SELECT object, record, coalesce(nullif({name}, ''), {text(one.stored.key)} || '#' || record) AS event_id,
                nullif({name}, '') AS inference_id, {inference_time} AS inference_time,
                line AS request, 'json' AS request_kind, line AS response, 'json' AS response_kind,
                coalesce(reason, {first_reason(rules)}) AS reason,
                coalesce(detail, {first_detail(rules)}) AS detail,
                coalesce(excerpt, line) AS excerpt
            FROM table_lines
        """


def _field(column: str) -> str:
    """Return SQL for a column's value as text."""
    return f"(CASE WHEN line IS NOT NULL THEN json_extract_string(line, {text(json_path(column))}) END)"
