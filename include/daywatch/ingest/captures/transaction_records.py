"""Inference transaction records: the common log shape of self-hosted models, JSON Lines or Parquet."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.captures.source import SourceObject, of_object, partitioned_objects
from daywatch.ingest.captures.tabular import spool_table
from daywatch.ingest.reading.lines import registered_lines
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.capture import TransactionRecords
    from daywatch.storage import Storage
    from daywatch.window import Window

_FIELDS = {
    "model_name": "$.model_name",
    "environment": "$.environment",
    "model_version": "$.model_version",
    "deployment_id": "$.deployment_id",
    "request": "$.request",
    "response": "$.response",
    "request_size": "$.request_size",
    "response_size": "$.response_size",
    "start_at": "$.start_at",
    "status": "$.status",
    "elapse": "$.elapse",
    "sampling": "$.sampling_percent",
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
        objects: dict[int, SourceObject],
        scratch: Path,
    ) -> Generator[str]:
        """Yield queries for the records; requests that were not answered keep their status and no payload."""
        stored = {number: one.stored for number, one in objects.items()}
        for number, one in stored.items():
            if one.key.endswith(".parquet"):
                limits, wanted = self._capture.limits, [*_FIELDS, *self._columns()]
                spool_table(connection, storage, one, number, scratch, limits, wanted)
                yield self._query("table_lines")
        lined = {number: one for number, one in stored.items() if not one.key.endswith(".parquet")}
        with registered_lines(connection, "capture_lines", storage, lined, self._capture.limits):
            yield self._query("capture_lines")

    def _columns(self) -> list[str]:
        """Return the columns of a Parquet table that hold the values at configured paths."""
        paths = [self._capture.id, *([self._capture.confidence] if self._capture.confidence else [])]
        return [path.removeprefix("$.").partition(".")[0].partition("[")[0].strip('"') for path in paths]

    def _response(self) -> str:
        """Return SQL for the response, with the confidence in it where one is configured.

        It is put into the text as it stands there: parsed and written again, numbers would lose digits.
        """
        if self._capture.confidence is None:
            return "response"
        told = "coalesce(to_json(confidence)::VARCHAR, 'null')"
        rest = "ltrim(ltrim(response)[2:])"
        first = f"""'{{"confidence":' || {told} || if({rest}[1] = '}}', '', ',') || {rest}"""
        before = "rtrim(rtrim(response)[:-2])"
        last = f"{before} || if(ltrim({before}) = '[', '', ',') || {told} || ']'"
        return f"""CASE
            WHEN ltrim(response)[1] = '{{' THEN {first}
            WHEN ltrim(response)[1] = '[' AND rtrim(response)[-1] = ']' THEN {last}
            ELSE rtrim(response, chr(13) || chr(10)) || ',' || coalesce(confidence, '') END"""

    def _identity(self) -> str:
        """Return SQL for the id: in the record, or within a request that is JSON in a text."""
        inner = self._capture.id.removeprefix("$.request")
        if inner == self._capture.id or inner[:1] not in (".", "["):
            return "nullif(told_id, '')"
        within = f"CASE WHEN json_valid(request) THEN json_extract_string(request, {text('$' + inner)}) END"
        return f"nullif(coalesce(told_id, {within}), '')"

    def _query(self, lines: str) -> str:
        """Return the SQL from lines to ``records``."""
        wanted_fields = {**_FIELDS, "told_id": self._capture.id}
        if self._capture.confidence:
            wanted_fields["confidence"] = self._capture.confidence
        paths = ", ".join(text(path) for path in wanted_fields.values())
        fields = ", ".join(
            f"fields[{number}] AS {name}" for number, name in enumerate(wanted_fields, start=1)
        )
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
        names = [name for name in ("model_name", "environment") if getattr(self._capture, name) is not None]
        unnamed = " OR ".join(f"{name} IS NULL" for name in names) or "false"
        expected = " and ".join(["status", *names])
        nul = " OR ".join(
            f"contains({name}, chr(0))" for name in ("id", "status", "model_version", "deployment_id")
        )
        return f"""
            WITH parsed AS (
                SELECT object, record, reason, detail, excerpt, line,
                    TRY(json_extract_string(line, [{paths}])) AS fields
                FROM {lines}
            ), named AS (
                SELECT object, record, reason, detail, excerpt, line, fields IS NOT NULL AS is_json, {fields}
                FROM parsed
            ), identified AS (
                SELECT * REPLACE ({self._response()} AS response), {self._identity()} AS id FROM named
            )
            SELECT object, record, coalesce(id, {of_object("key")} || '#' || record) AS event_id, id AS inference_id,
                TRY_CAST(start_at AS TIMESTAMPTZ) AS inference_time,
                request, {_kind("request")} AS request_kind, response, {_kind("response")} AS response_kind,
                CASE WHEN lower(status) IN ({answered}) THEN 'succeeded' ELSE lower(status) END AS status,
                {_finite("elapse")} AS latency_ms,
                TRY_CAST(request_size AS BIGINT) AS request_bytes,
                TRY_CAST(response_size AS BIGINT) AS response_bytes,
                model_version, deployment_id AS variant, {_finite("sampling")} AS sampling_percent,
                CASE
                    WHEN reason IS NOT NULL THEN reason
                    WHEN NOT is_json THEN '{Reason.NOT_JSON}'
                    WHEN status IS NULL OR {unnamed} THEN '{Reason.NOT_A_CAPTURE}'
                    WHEN {nul} THEN '{Reason.NUL_CHARACTER}'
                    WHEN TRY_CAST(start_at AS TIMESTAMPTZ) IS NULL THEN '{Reason.NO_TIME}'
                END AS reason,
                CASE
                    WHEN detail IS NOT NULL THEN detail
                    WHEN NOT is_json THEN 'the line is not whole JSON'
                    WHEN status IS NULL OR {unnamed} THEN 'expected {expected}'
                    WHEN {nul} THEN 'a NUL character stands in the record, which no database stores'
                    ELSE 'expected start_at such as 2013-02-09T10:00:00Z'
                END AS detail,
                coalesce(excerpt, line) AS excerpt
            FROM identified
            -- What does not say whose it is may be ours.
            WHERE NOT coalesce(is_json, false) OR {unnamed} OR ({ours})
        """


def _finite(column: str) -> str:
    """Return SQL for a number, NULL where there is none."""
    return f"CASE WHEN isfinite(TRY_CAST({column} AS DOUBLE)) THEN TRY_CAST({column} AS DOUBLE) END"


def _kind(column: str) -> str:
    """Return SQL for the kind of a payload: JSON by its first character, else CSV."""
    return f"if(ltrim({column})[1] IN ('{{', '['), 'json', 'csv')"
