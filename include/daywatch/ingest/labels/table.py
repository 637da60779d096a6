"""Labels in tables: Parquet, or CSV with a header; each value has a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier, text
from daywatch.ingest.labels.dated import label_objects
from daywatch.ingest.labels.files import CSV, PARQUET, each_csv, each_file
from daywatch.ingest.labels.source import LabelReader
from daywatch.ingest.payloads.casts import stored_text

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.labels import TableLabels
    from daywatch.ingest.labels.source import Insert, LabelObject, LabelRequest


class TableReader(LabelReader):
    """Reads the labels of a window from tables."""

    def __init__(self, labels: TableLabels, request: LabelRequest) -> None:
        """Prepare to read.

        Args:
            labels: The model's configuration of labels: folder and columns.
            request: The window, and how to reach the storage.
        """
        self._labels, self._request = labels, request
        self.id_position, self.label_position = f"the column {labels.id}", f"the column {labels.label}"
        named = {
            "id": labels.id,
            "label": labels.label,
            "position": labels.row,
            "collected": labels.collected_at,
        }
        self._columns = {name: column for name, column in named.items() if column}

    def objects(self) -> list[LabelObject]:
        """Return the objects of the days that the delay allows, or all that are not dated."""
        return label_objects(self._labels, self._request, (*PARQUET, *CSV))

    def read(
        self, connection: duckdb.DuckDBPyConnection, objects: Mapping[int, LabelObject], insert: Insert
    ) -> None:
        """Pass the rows of each file to ``insert``."""
        storage = self._request.storage
        each_file(connection, storage, objects, PARQUET, self._parquet, insert, self._columns.values())
        each_csv(connection, storage, objects, self._values, insert, self._columns.values())

    def _parquet(self, file: str, columns: dict[str, str]) -> str:
        """Return the query for the rows of a Parquet file."""
        source = f"read_parquet({text(file)}, file_row_number = true)"
        return f"SELECT file_row_number + 1 AS record, {self._values(columns)} FROM {source}"

    def _values(self, types: Mapping[str, str] | None = None) -> str:
        """Return SQL for the values of a row from their configured columns; without types, these are text."""
        shown = [f"CAST({identifier(column)} AS VARCHAR)" for column in self._columns.values()]
        values = [
            f"{_as_text(self._columns[name], types or {})} AS {name}"
            if name in self._columns
            else f"NULL AS {name}"
            for name in ("id", "label", "position", "collected")
        ]
        return f"{', '.join(values)}, left(concat_ws(', ', {', '.join(shown)}), 200) AS excerpt"


def _as_text(column: str, types: Mapping[str, str]) -> str:
    """Return SQL for a value as text; a whole number has no decimals, whatever its type."""
    kind = types.get(column, "VARCHAR")
    return identifier(column) if kind == "VARCHAR" else stored_text(identifier(column), kind)
