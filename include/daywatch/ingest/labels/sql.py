"""Labels from a query through an Airflow connection to PostgreSQL or SQLite, read only and in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daywatch.engine.budget import LABEL_QUERY_ROWS
from daywatch.ingest.labels.source import LabelObject, LabelReader
from daywatch.ingest.query import DatabaseQuery, as_text
from daywatch.storage import StoredObject

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.labels import SqlLabels
    from daywatch.ingest.labels.source import Insert, LabelRequest

_COLUMNS = {"id": "id", "label": "label", "row": "position", "collected_at": "collected"}


class SqlReader(LabelReader):
    """Reads the labels of a window as rows of a query."""

    id_position, label_position = "the column id", "the column label"

    def __init__(self, labels: SqlLabels, request: LabelRequest) -> None:
        """Prepare to read; nothing is opened yet.

        Args:
            labels: The model's configuration of labels: connection, query and delay.
            request: The window, and the look-up of connections.
        """
        timestamps = {
            "window_start": request.window.start,
            "window_end": request.window.end,
            "until": request.until(labels),
        }
        self._query = DatabaseQuery(
            section="labels",
            what="labels",
            connection=labels.connection,
            query=labels.query,
            parameters={name: timestamps[name] for name in labels.parameters},
            wanted=("id", "label"),
            connections=request.connections,
        )

    def objects(self) -> list[LabelObject]:
        """Return the one object that stands for the query."""
        return [LabelObject(f"sql:{self._query.connection}")]

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        objects: Mapping[int, LabelObject],  # noqa: ARG002 - there is only the query
        insert: Insert,
    ) -> None:
        """Pass the rows to ``insert``, in the query's order.

        Raises:
            SetupError: There is no such connection, the database refuses it, or the query cannot be run as it is
                written.
            InfrastructureError: The database did not answer.
        """
        import pyarrow as pa

        record = 0
        for names, rows in self._query.chunks(LABEL_QUERY_ROWS):
            if not rows:
                return
            columns = {
                name: pa.array([as_text(value) for value in values], pa.string())
                for name, values in zip(names, zip(*rows, strict=True), strict=True)
                if name in _COLUMNS
            }
            table = pa.table(
                {"record": pa.array(range(record + 1, record + 1 + len(rows)), pa.int64()), **columns}
            )
            record += len(rows)
            given = ", ".join(
                f"{name if name in columns else 'NULL'} AS {meant}" for name, meant in _COLUMNS.items()
            )
            connection.register("label_chunk", table)
            insert(
                f"SELECT 0 AS object, record, {given}, NULL AS reason, NULL AS detail, "
                "concat_ws(', ', id, label) AS excerpt FROM label_chunk"
            )
            connection.unregister("label_chunk")

    def with_fingerprints(self, objects: list[LabelObject]) -> list[LabelObject]:
        """Return the query's object with a fingerprint of all its rows, in any order; runs the query if needed."""
        self._query.run(LABEL_QUERY_ROWS)
        (query,) = objects
        stored = StoredObject(query.address, self._query.rows or 0, f"{self._query.fingerprint:032x}")
        return [LabelObject(query.address, stored=stored)]
