"""Inference transaction records: the common log shape of self-hosted models, JSON Lines or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.capture.lines import line_reader
from daywatch.capture.reasons import Reason
from daywatch.capture.sources.source import SourceObject, partitioned_objects
from daywatch.capture.sources.tabular import parquet_lines
from daywatch.engine.duck import text

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.capture import TransactionRecords
    from daywatch.storage import Storage
    from daywatch.window import Window

_FIELDS = {
    "model_name": "$.model_name",
    "environment": "$.environment",
    "model_version": "$.model_version",
    "deployment_id": "$.deployment_id",
    "transaction_id": "$.transaction_id",
    "request": "$.request",
    "response": "$.response",
    "request_size": "$.request_size",
    "response_size": "$.response_size",
    "start_at": "$.start_at",
    "status": "$.status",
    "elapse": "$.elapse",
}

_ANSWERED = ("succeeded", "success", "ok")


class TransactionSource:
    """Reads records with ``status``, ``elapse`` (milliseconds), sizes, ``request`` and ``response``."""

    def __init__(self, capture: TransactionRecords) -> None:
        """Read as configured."""
        self._capture = capture

    @property
    def folder(self) -> str:
        """Folder of the records below the data URI."""
        return self._capture.prefix

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the objects of the window's partitions and of one past both ends."""
        endings = (".jsonl", ".jsonl.gz", ".parquet")
        return partitioned_objects(storage, self.folder, self._capture.partition, window, endings)

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: list[SourceObject],
        scratch: Path,
    ) -> None:
        """Fill the table ``records``; requests that were not answered keep their status and no payload."""
        query = self._query()
        stored = {number: one.stored for number, one in enumerate(objects)}
        for number, one in stored.items():
            if one.key.endswith(".parquet"):
                parquet_lines(connection, storage, one, number, scratch, self._capture.limits)
                connection.execute(query)
        lined = {number: one for number, one in stored.items() if not one.key.endswith(".parquet")}
        with line_reader(storage, lined, self._capture.limits) as lines:
            connection.register("capture_lines", lines)
            connection.execute(query)
            connection.unregister("capture_lines")

    def _query(self) -> str:
        """Return the SQL from lines to ``records``."""
        paths = ", ".join(text(path) for path in _FIELDS.values())
        fields = ", ".join(f"fields[{number}] AS {name}" for number, name in enumerate(_FIELDS, start=1))
        answered = ", ".join(text(word) for word in _ANSWERED)
        wanted = [
            f"{name} IS NOT DISTINCT FROM {text(value)}"
            for name, value in (
                ("model_name", self._capture.model_name),
                ("environment", self._capture.environment),
            )
            if value is not None
        ]
        ours = " AND ".join(wanted) or "true"
        key = "coalesce(transaction_id, object || '-' || record)"
        return f"""
            INSERT INTO records BY NAME
            WITH parsed AS (
                SELECT object, record, reason, detail, excerpt, line,
                    CASE WHEN line IS NOT NULL AND json_valid(line)
                         THEN json_extract_string(line, [{paths}]) END AS fields
                FROM capture_lines
            ), named AS (
                SELECT object, record, reason, detail, excerpt, line, fields IS NOT NULL AS is_json, {fields}
                FROM parsed
            )
            SELECT object, record, {key} AS event_id, transaction_id AS inference_id,
                TRY_CAST(start_at AS TIMESTAMPTZ) AS inference_time,
                request, 'json' AS request_kind, response, 'json' AS response_kind,
                CASE WHEN lower(status) IN ({answered}) THEN 'succeeded' ELSE lower(status) END AS status,
                TRY_CAST(elapse AS DOUBLE) AS latency_ms,
                TRY_CAST(request_size AS BIGINT) AS request_bytes,
                TRY_CAST(response_size AS BIGINT) AS response_bytes,
                model_version, deployment_id AS variant,
                CASE
                    WHEN reason IS NOT NULL THEN reason
                    WHEN NOT is_json THEN '{Reason.NOT_JSON}'
                    WHEN status IS NULL OR request IS NULL THEN '{Reason.NOT_A_CAPTURE}'
                    WHEN contains(line, chr(92) || 'u0000') THEN '{Reason.NUL_CHARACTER}'
                    WHEN TRY_CAST(start_at AS TIMESTAMPTZ) IS NULL THEN '{Reason.NO_TIME}'
                END AS reason,
                CASE
                    WHEN detail IS NOT NULL THEN detail
                    WHEN NOT is_json THEN 'the line is not whole JSON'
                    WHEN status IS NULL OR request IS NULL THEN 'expected status and request'
                    WHEN contains(line, chr(92) || 'u0000') THEN 'a NUL character stands in the record'
                    ELSE 'expected start_at such as 2013-02-09T10:00:00Z'
                END AS detail,
                coalesce(excerpt, left(line, 200)) AS excerpt
            FROM named WHERE NOT coalesce(is_json, false) OR ({ours})
        """
