"""SageMaker's real-time capture.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.captures.source import SourceObject, partitioned_objects
from daywatch.ingest.reading.lines import registered_lines
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.capture import SageMakerRealtime
    from daywatch.storage import Storage
    from daywatch.window import Window

_PARTITION = "%Y/%m/%d/%H"
_PATHS = {
    "event_id": "$.eventMetadata.eventId",
    "inference_id": "$.eventMetadata.inferenceId",
    "moment": "$.eventMetadata.inferenceTime",
    "attributes": "$.eventMetadata.customAttributes",
    "request": "$.captureData.endpointInput.data",
    "request_encoding": "$.captureData.endpointInput.encoding",
    "request_type": "$.captureData.endpointInput.observedContentType",
    "response": "$.captureData.endpointOutput.data",
    "response_encoding": "$.captureData.endpointOutput.encoding",
    "response_type": "$.captureData.endpointOutput.observedContentType",
}


class RealtimeSource:
    """Reads ``{prefix}/{endpoint}/{variant}/yyyy/mm/dd/hh/*.jsonl[.gz]``."""

    def __init__(self, capture: SageMakerRealtime) -> None:
        """Read as configured."""
        self._capture = capture

    @property
    def folder(self) -> str:
        """Folder of the endpoint's variant below the data URI."""
        capture = self._capture
        return "/".join(part for part in (capture.prefix, capture.endpoint, capture.variant) if part)

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the objects of the window's hours and of one hour past both ends."""
        return partitioned_objects(storage, self.folder, _PARTITION, window, (".jsonl", ".jsonl.gz"))

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: dict[int, SourceObject],
        scratch: Path,  # noqa: ARG002 - nothing is spooled: lines are streamed
    ) -> Generator[str]:
        """Yield the query for the records, which reads the lines while they arrive."""
        query = _query(self._capture)
        stored = {number: one.stored for number, one in objects.items()}
        with registered_lines(connection, "capture_lines", storage, stored, self._capture.limits):
            yield query


def _query(capture: SageMakerRealtime) -> str:
    """Return the SQL from lines to ``records``."""
    wanted = [name for name in ("request", "response") if capture.payload.parts in ("both", name)]
    unknown = " OR ".join(f"(raw_{name} IS NOT NULL AND {name}_kind IS NULL)" for name in wanted)
    undecoded = " OR ".join(f"(raw_{name} IS NOT NULL AND {name} IS NULL)" for name in wanted)
    paths = ", ".join(text(path) for path in _PATHS.values())
    fields = ", ".join(f"fields[{number}] AS {name}" for number, name in enumerate(_PATHS, start=1))
    named = ("event_id", "inference_id", *wanted)
    nul = " OR ".join(f"contains({name}, chr(0))" for name in named)
    return f"""
        WITH parsed AS (
            SELECT object, record, reason, detail, excerpt, line,
                TRY(json_extract_string(line, [{paths}])) AS fields
            FROM capture_lines
        ), named AS (
            SELECT object, record, reason, detail, excerpt, line, fields IS NOT NULL AS is_json, {fields}
            FROM parsed
        ), decoded AS (
            SELECT * REPLACE (
                {payload_text("request", "request_encoding")} AS request,
                {payload_text("response", "response_encoding")} AS response),
                request AS raw_request, response AS raw_response
            FROM named
        ), judged AS (
            SELECT *, TRY_CAST(moment AS TIMESTAMPTZ) AS inference_time,
                {payload_kind("request_type", "request_encoding")} AS request_kind,
                {payload_kind("response_type", "response_encoding")} AS response_kind,
                CASE
                    WHEN reason IS NOT NULL THEN reason
                    WHEN NOT is_json THEN '{Reason.NOT_JSON}'
                    WHEN event_id IS NULL OR (raw_request IS NULL AND raw_response IS NULL)
                        THEN '{Reason.NOT_A_CAPTURE}'
                    WHEN {unknown} THEN '{Reason.ENCODING}'
                    WHEN {nul} THEN '{Reason.NUL_CHARACTER}'
                    WHEN inference_time IS NULL THEN '{Reason.NO_TIME}'
                    WHEN {undecoded} THEN '{Reason.NOT_BASE64}'
                END AS found
            FROM decoded
        )
        SELECT object, record, event_id, inference_id, {_attributes("attributes")} AS attributes,
            {text(capture.variant)} AS variant, {capture.sampling_percent or "NULL"}::DOUBLE AS sampling_percent,
            request, request_kind, response, response_kind, inference_time,
            strlen(raw_request) AS request_bytes, strlen(raw_response) AS response_bytes,
            found AS reason,
            CASE
                WHEN found IS NULL THEN NULL
                WHEN detail IS NOT NULL THEN detail
                WHEN NOT is_json THEN 'the line is not whole JSON'
                WHEN event_id IS NULL OR (raw_request IS NULL AND raw_response IS NULL)
                    THEN 'expected captureData.endpointInput.data, captureData.endpointOutput.data '
                      || 'and eventMetadata.eventId'
                WHEN {unknown}
                    THEN 'expected the encoding CSV or JSON, or BASE64 of text/csv or JSON, but received '
                      || concat_ws(' and ', request_encoding, response_encoding) || ' of '
                      || coalesce(nullif(concat_ws(' and ', request_type, response_type), ''), 'no content type')
                WHEN {nul} THEN 'a NUL character stands in an id or a payload, which no database stores'
                WHEN inference_time IS NULL
                    THEN 'expected eventMetadata.inferenceTime such as 2013-02-09T10:00:00Z'
                ELSE 'the payload is said to be BASE64, but is not, or holds no UTF-8 text'
            END AS detail,
            coalesce(excerpt, line) AS excerpt
        FROM judged
    """


def _attributes(column: str) -> str:
    """Return SQL for custom attributes as a JSON object: of JSON objects in texts, else of ``a=1,b=2``.

    They are what the client sent, "an opaque value" of at most 1024 characters of ASCII
    (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html); captures hold a
    list of them, as AWS's own sample reads it
    (https://github.com/aws-samples/amazon-sagemaker-data-quality-monitor-custom-preprocessing).
    """
    told = (
        f"CASE WHEN {column}[1] = '[' AND json_valid({column}) "
        f"THEN json_extract_string({column}, '$[*]') ELSE [{column}] END"
    )
    objects = (
        f"len({told}) > 0 AND list_bool_and(list_transform({told}, "
        "lambda one: CASE WHEN json_valid(one) THEN json_type(one) = 'OBJECT' ELSE false END))"
    )
    merged = f"list_reduce({told}, lambda one, other: json_merge_patch(one, other)::VARCHAR)"
    texts = f"string_split_regex(coalesce(array_to_string({told}, ','), ''), '[,;]')"
    pairs = f"list_filter({texts}, lambda one: trim(one) <> '')"
    names = f"list_distinct(list_transform({pairs}, lambda one: trim(split_part(one, '=', 1))))"
    named = "lambda one: trim(split_part(one, '=', 1)) = name"
    last = f"list_filter({pairs}, {named})[-1]"
    value = f"CASE WHEN contains({last}, '=') THEN trim({last}[strpos({last}, '=') + 1:]) ELSE '' END"
    object_ = f"map_from_entries(list_transform(list_sort({names}), lambda name: (name, {value})))"
    return f"""CASE WHEN {column} IS NULL THEN NULL
        WHEN {objects} THEN json({merged})::VARCHAR ELSE to_json({object_})::VARCHAR END"""


def payload_text(data: str, encoding: str) -> str:
    """Return SQL for a payload as text: BASE64 is unpacked, NULL where it cannot be."""
    return f"CASE WHEN {encoding} = 'BASE64' THEN TRY(decode(from_base64({data}))) ELSE {data} END"


def payload_kind(content_type: str, encoding: str) -> str:
    """Return SQL for a payload's kind: by its encoding where that says it, else by its content type."""
    kind = f"lower(trim(split_part(coalesce({content_type}, ''), ';', 1)))"
    lines = ", ".join(
        text(f"application/{name}") for name in ("jsonlines", "x-jsonlines", "jsonl", "x-ndjson")
    )
    return f"""CASE
        WHEN coalesce({encoding}, 'CSV') = 'CSV' THEN 'csv'
        WHEN {encoding} NOT IN ('JSON', 'BASE64') THEN NULL
        WHEN {kind} IN ({lines}) THEN 'jsonl'
        WHEN {encoding} = 'JSON' OR {kind} IN ('application/json', 'text/json') THEN 'json'
        WHEN {kind} = 'text/csv' THEN 'csv'
    END"""
