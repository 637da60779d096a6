"""Labels as feedback next to transaction records: JSON Lines or Parquet; each value has a path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier, text
from daywatch.ingest.labels.dated import label_objects
from daywatch.ingest.labels.files import PARQUET, each_file
from daywatch.ingest.labels.json_lines import json_path, read_json_lines
from daywatch.ingest.labels.source import LabelReader

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.labels import FeedbackLabels
    from daywatch.ingest.labels.source import Insert, LabelObject, LabelRequest

_LINES = (".jsonl", ".jsonl.gz")
_SELECT = "SELECT object, record, id, label, position, collected, reason, detail, excerpt FROM parsed"


class FeedbackReader(LabelReader):
    """Reads the labels of a window from feedback records."""

    def __init__(self, labels: FeedbackLabels, request: LabelRequest) -> None:
        """Prepare to read.

        Args:
            labels: The model's configuration of labels: folder and paths.
            request: The window, and how to reach the storage.
        """
        self._labels, self._request = labels, request
        self.id_position, self.label_position = labels.id, labels.label
        self._paths = {
            "id": labels.id,
            "label": labels.label,
            "position": labels.row,
            "collected": labels.collected_at,
        }

    def objects(self) -> list[LabelObject]:
        """Return the objects of the days that the delay allows, or all that are not dated."""
        return label_objects(self._labels, self._request, (*_LINES, *PARQUET))

    def read(
        self, connection: duckdb.DuckDBPyConnection, objects: Mapping[int, LabelObject], insert: Insert
    ) -> None:
        """Pass ids and labels to ``insert``: the lines first, then the rows of each Parquet file."""
        paths = {name: json_path(path) if path else None for name, path in self._paths.items()}
        lines = {
            number: one.stored
            for number, one in objects.items()
            if one.stored is not None and one.stored.key.endswith(_LINES)
        }
        read_json_lines(connection, self._request.storage, lines, paths, _SELECT, insert)
        each_file(connection, self._request.storage, objects, PARQUET, self._rows, insert)

    def _rows(self, file: str, columns: dict[str, str]) -> str:
        """Return the query for the rows of a Parquet file, where a value may be nested inside a column."""
        firsts = {path.split(".")[0] for path in self._paths.values() if path} & columns.keys()
        packed = ", ".join(f"{identifier(name)} := {identifier(name)}" for name in sorted(firsts))
        line = f"to_json(struct_pack({packed}))" if packed else "NULL"
        values = ", ".join(
            f"json_extract_string(line, {text(json_path(path))}) AS {name}" if path else f"NULL AS {name}"
            for name, path in self._paths.items()
        )
        return (
            f"SELECT record, {values}, left(CAST(line AS VARCHAR), 200) AS excerpt FROM ("
            f"SELECT file_row_number + 1 AS record, {line} AS line "
            f"FROM read_parquet({text(file)}, file_row_number = true))"
        )
