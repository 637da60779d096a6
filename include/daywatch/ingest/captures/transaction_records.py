"""Inference transaction records, the common log format of self-hosted models: JSON Lines or Parquet."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.captures.line_fields import kept_values, line_fields
from daywatch.ingest.captures.source import Records, SourceObject, of_object, partitioned_objects
from daywatch.ingest.captures.tabular import json_lines, parquet_table, refused
from daywatch.ingest.reading.gzip_stream import Refusal
from daywatch.ingest.reading.json_array import lines_of_array
from daywatch.ingest.reading.portions import registered_lines
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.capture import PayloadKind, TransactionRecords
    from daywatch.storage import Storage
    from daywatch.window import Window

_PATHS = {
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
    "log_time": "$.log_time",
}

_ANSWERED = ("succeeded", "success", "ok")


class TransactionSource:
    """Reads records with ``status``, ``elapse`` (milliseconds), sizes, ``request`` and ``response``."""

    def __init__(self, capture: TransactionRecords) -> None:
        """Prepare to read.

        Args:
            capture: The model's capture configuration.
        """
        self._capture = capture

    @property
    def folder(self) -> str:
        """Folder of the records below the data URI."""
        return self._capture.prefix

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the objects of the window's partitions, and of the partition before and after it."""
        endings = (".jsonl", ".gz", ".parquet")
        return partitioned_objects(storage, self.folder, self._capture.partition, window, endings)

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: dict[int, SourceObject],
        scratch: Path,
    ) -> Generator[Records]:
        """Yield queries for the records; a request that was not answered has its status and no payload."""
        stored = {number: one.stored for number, one in objects.items()}
        for number, one in stored.items():
            if one.key.endswith(".parquet"):
                try:
                    with parquet_table(connection, storage, one, scratch, self._capture.limits) as table:
                        if table:
                            lines = json_lines(table, number, [*_PATHS, *self._columns()])
                            connection.execute(f"CREATE OR REPLACE TEMP VIEW table_lines AS {lines}")
                            yield self._query("table_lines")
                except Refusal as refusal:
                    yield refused(number, refusal)
        lined = {number: one for number, one in stored.items() if not one.key.endswith(".parquet")}
        limits = self._capture.limits
        with registered_lines(
            connection, "capture_lines", storage, lined, limits, arrays=lines_of_array
        ) as portions:
            for _ in portions:
                yield self._query("capture_lines")

    def _columns(self) -> list[str]:
        """Return the columns of a Parquet table that contain the values at configured paths."""
        capture = self._capture
        paths = [capture.id, *([capture.confidence] if capture.confidence else []), *capture.keep.values()]
        return [path.removeprefix("$.").partition(".")[0].partition("[")[0].strip('"') for path in paths]

    def _query(self, lines: str) -> str:
        """Return the SQL from a table of lines to ``records``; every step has one row per line."""
        rules = self._rules()
        return f"""
            WITH stamped AS ({_stamped(lines)}), {line_fields("stamped", self._paths())},
            identified AS ({self._identified()})
            {self._records(rules)}
            -- A record that does not say which model or environment it is of may be of this one.
            WHERE NOT coalesce(is_json, false) OR {self._is_unnamed()} OR ({self._is_of_this_model()})
        """

    def _paths(self) -> dict[str, str]:
        """Return the JSON path of each column that is read from a line."""
        paths = {**_PATHS, "captured_id": self._capture.id}
        return paths | ({"confidence": self._capture.confidence} if self._capture.confidence else {})

    def _identified(self) -> str:
        """Return SQL with one row per line: its id, and the confidence within the response."""
        return f"SELECT * REPLACE ({self._response()} AS response), {self._id()} AS id FROM named"

    def _response(self) -> str:
        """Return SQL for the response, with the confidence in it where one is configured.

        It is inserted into the captured text, because parsing and writing the response would lose digits.
        """
        if self._capture.confidence is None:
            return "response"
        confidence = "coalesce(to_json(confidence)::VARCHAR, 'null')"
        rest = "ltrim(ltrim(response)[2:])"
        first = f"""'{{"confidence":' || {confidence} || if({rest}[1] = '}}', '', ',') || {rest}"""
        start = "rtrim(rtrim(response)[:-2])"
        last = f"{start} || if(ltrim({start}) = '[', '', ',') || {confidence} || ']'"
        return f"""CASE
            WHEN ltrim(response)[1] = '{{' THEN {first}
            WHEN ltrim(response)[1] = '[' AND rtrim(response)[-1] = ']' THEN {last}
            ELSE rtrim(response, chr(13) || chr(10)) || ',' || coalesce(confidence, '') END"""

    def _id(self) -> str:
        """Return SQL for the id: in the record, or within a request that is JSON in a text."""
        inner = self._capture.id.removeprefix("$.request")
        if inner == self._capture.id or inner[:1] not in (".", "["):
            return "nullif(captured_id, '')"
        within = f"CASE WHEN json_valid(request) THEN json_extract_string(request, {text('$' + inner)}) END"
        return f"nullif(coalesce(captured_id, {within}), '')"

    def _records(self, rules: list[Rule]) -> str:
        """Return SQL with one row per line: the columns of ``RECORD_COLUMNS`` that this source fills."""
        answered, layout = ", ".join(text(word) for word in _ANSWERED), self._capture.payload
        return f"""
            SELECT object, record, coalesce(id, {of_object("key")} || '#' || record) AS event_id, id AS inference_id,
                TRY_CAST(coalesce(start_at, log_time) AS TIMESTAMPTZ) AS inference_time,
                request, {_kind("request", layout.request_kind)} AS request_kind,
                response, {_kind("response", layout.response_kind)} AS response_kind,
                CASE WHEN lower(status) IN ({answered}) THEN 'succeeded' ELSE lower(status) END AS status,
                {_finite("elapse")} AS latency_ms,
                TRY_CAST(request_size AS BIGINT) AS request_bytes,
                TRY_CAST(response_size AS BIGINT) AS response_bytes,
                model_version, deployment_id AS variant, {_finite("sampling")} AS sampling_percent,
                {kept_values(self._capture.keep, "CASE WHEN is_json THEN line END")} AS kept,
                coalesce(reason, {first_reason(rules)}) AS reason,
                coalesce(detail, {first_detail(rules)}) AS detail,
                coalesce(excerpt, line) AS excerpt
            FROM identified
        """

    def _rules(self) -> list[Rule]:
        """Return the rules about lines that cannot be read; the first one that applies counts."""
        nul = " OR ".join(
            f"contains({name}, chr(0))" for name in ("id", "status", "model_version", "deployment_id")
        )
        expected = " and ".join(["status", *self._owner()])
        return [
            Rule("NOT is_json", Reason.NOT_JSON, "'the line is not whole JSON'"),
            Rule(
                f"status IS NULL OR {self._is_unnamed()}", Reason.NOT_A_CAPTURE, text(f"expected {expected}")
            ),
            Rule(
                nul, Reason.NUL_CHARACTER, "'the record contains a NUL character, which no database stores'"
            ),
            Rule(
                "TRY_CAST(coalesce(start_at, log_time) AS TIMESTAMPTZ) IS NULL",
                Reason.NO_TIME,
                "'expected start_at such as 2013-02-09T10:00:00Z'",
            ),
        ]

    def _owner(self) -> dict[str, str]:
        """Return the configured fields that say which model and environment a record is of."""
        configured = {"model_name": self._capture.model_name, "environment": self._capture.environment}
        return {name: value for name, value in configured.items() if value is not None}

    def _is_unnamed(self) -> str:
        """Return SQL that is true for a record without one of these fields."""
        return " OR ".join(f"{name} IS NULL" for name in self._owner()) or "false"

    def _is_of_this_model(self) -> str:
        """Return SQL that is true for a record whose fields have the configured values."""
        equal = (f"{name} IS NOT DISTINCT FROM {text(value)}" for name, value in self._owner().items())
        return " AND ".join(equal) or "true"


def _stamped(lines: str) -> str:
    """Return SQL with the lines of a table; a time in front of a line becomes its key ``log_time``.

    So CloudWatch Logs exports a log group to S3, an object for each part of a log stream in the stream's folder
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html): the folder becomes ``log_stream``.

    Args:
        lines: Name of the table of the lines.
    """
    time = "regexp_extract(line, '^(\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z) +\\{', 1)"
    rest = "ltrim(line[strpos(line, '{') + 1:])"
    stream = f"to_json(split_part({of_object('key')}, '/', -2))"
    keys = f"""'{{"log_time":"' || {time} || '","log_stream":' || {stream} || if({rest}[1] = '}}', '', ',') || {rest}"""
    stamped = f"CASE WHEN line[1] BETWEEN '0' AND '9' AND {time} <> '' THEN {keys} ELSE line END"
    return f"SELECT * REPLACE ({stamped} AS line) FROM {lines}"


def _finite(column: str) -> str:
    """Return SQL for a finite number, NULL for anything else."""
    return f"CASE WHEN isfinite(TRY_CAST({column} AS DOUBLE)) THEN TRY_CAST({column} AS DOUBLE) END"


def _kind(column: str, configured: PayloadKind | None) -> str:
    """Return SQL for the kind of a payload: as configured, else JSON by its first character, else CSV."""
    return text(configured) if configured else f"if(ltrim({column})[1] IN ('{{', '['), 'json', 'csv')"
