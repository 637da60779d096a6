"""SQL from the lines of SageMaker's real-time capture to records, in four steps of one row per line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.captures.line_fields import line_fields
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from daywatch.config.model.capture import SageMakerRealtime

_PATHS = {
    "event_id": "$.eventMetadata.eventId",
    "inference_id": "$.eventMetadata.inferenceId",
    "time_text": "$.eventMetadata.inferenceTime",
    "attributes": "$.eventMetadata.customAttributes",
    "request": "$.captureData.endpointInput.data",
    "request_encoding": "$.captureData.endpointInput.encoding",
    "request_type": "$.captureData.endpointInput.observedContentType",
    "response": "$.captureData.endpointOutput.data",
    "response_encoding": "$.captureData.endpointOutput.encoding",
    "response_type": "$.captureData.endpointOutput.observedContentType",
}


def records_query(capture: SageMakerRealtime) -> str:
    """Return SQL from the lines in ``capture_lines`` to records (see ``RECORD_COLUMNS``).

    Args:
        capture: The model's capture configuration: which payloads are captured, variant and sampling.
    """
    rules = _rules(capture)
    return f"""
        WITH {line_fields("capture_lines", _PATHS)}, decoded AS ({_decoded()}), judged AS ({_judged(rules)})
        {_records(capture, rules)}
    """


def _decoded() -> str:
    """Return SQL with one row per line: payloads as text, NULL for wrong BASE64; ``raw_*`` as captured."""
    return f"""
        SELECT * REPLACE (
            {_payload_text("request", "request_encoding")} AS request,
            {_payload_text("response", "response_encoding")} AS response),
            request AS raw_request, response AS raw_response
        FROM named
    """


def _judged(rules: list[Rule]) -> str:
    """Return SQL with one row per line: its time, the kinds of its payloads, and why the line cannot be read if so."""
    return f"""
        SELECT *, TRY_CAST(time_text AS TIMESTAMPTZ) AS inference_time,
            {_payload_kind("request_type", "request_encoding")} AS request_kind,
            {_payload_kind("response_type", "response_encoding")} AS response_kind,
            coalesce(reason, {first_reason(rules)}) AS final_reason
        FROM decoded
    """


def _records(capture: SageMakerRealtime, rules: list[Rule]) -> str:
    """Return SQL with one row per line: the columns of ``RECORD_COLUMNS`` that this source fills."""
    return f"""
        SELECT object, record, event_id, inference_id, {_attributes("attributes")} AS attributes,
            {text(capture.variant)} AS variant, {capture.sampling_percent or "NULL"}::DOUBLE AS sampling_percent,
            request, request_kind, response, response_kind, inference_time,
            strlen(raw_request) AS request_bytes, strlen(raw_response) AS response_bytes,
            final_reason AS reason,
            CASE WHEN final_reason IS NOT NULL THEN coalesce(detail, {first_detail(rules)}) END AS detail,
            coalesce(excerpt, line) AS excerpt
        FROM judged
    """


def _rules(capture: SageMakerRealtime) -> list[Rule]:
    """Return the rules about lines that cannot be read; the first one that applies counts."""
    wanted = [name for name in ("request", "response") if capture.payload.parts in ("both", name)]
    unknown = " OR ".join(f"(raw_{name} IS NOT NULL AND {name}_kind IS NULL)" for name in wanted)
    undecoded = " OR ".join(f"(raw_{name} IS NOT NULL AND {name} IS NULL)" for name in wanted)
    nul = " OR ".join(f"contains({name}, chr(0))" for name in ("event_id", "inference_id", *wanted))
    return [
        Rule("NOT is_json", Reason.NOT_JSON, "'the line is not whole JSON'"),
        Rule(
            "event_id IS NULL OR (raw_request IS NULL AND raw_response IS NULL)",
            Reason.NOT_A_CAPTURE,
            "'expected captureData.endpointInput.data, captureData.endpointOutput.data and eventMetadata.eventId'",
        ),
        Rule(
            unknown,
            Reason.ENCODING,
            "'expected the encoding CSV or JSON, or BASE64 of text/csv or JSON, but received '"
            " || concat_ws(' and ', request_encoding, response_encoding) || ' of '"
            " || coalesce(nullif(concat_ws(' and ', request_type, response_type), ''), 'no content type')",
        ),
        Rule(
            nul,
            Reason.NUL_CHARACTER,
            "'an id or a payload contains a NUL character, which no database stores'",
        ),
        Rule(
            "inference_time IS NULL",
            Reason.NO_TIME,
            "'expected eventMetadata.inferenceTime such as 2013-02-09T10:00:00Z'",
        ),
        Rule(
            undecoded,
            Reason.NOT_BASE64,
            "'the payload is said to be BASE64, but is not, or holds no UTF-8 text'",
        ),
    ]


def _attributes(column: str) -> str:
    """Return SQL for custom attributes as one JSON object, from texts of JSON objects or of ``a=1,b=2``.

    They are what the client sent, "an opaque value" of at most 1024 characters of ASCII
    (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html); captures hold a
    list of them, as AWS's own sample reads it
    (https://github.com/aws-samples/amazon-sagemaker-data-quality-monitor-custom-preprocessing).
    """
    sent = (
        f"CASE WHEN {column}[1] = '[' AND json_valid({column}) "
        f"THEN json_extract_string({column}, '$[*]') ELSE [{column}] END"
    )
    objects = (
        f"len({sent}) > 0 AND list_bool_and(list_transform({sent}, "
        "lambda one: CASE WHEN json_valid(one) THEN json_type(one) = 'OBJECT' ELSE false END))"
    )
    merged = f"list_reduce({sent}, lambda one, other: json_merge_patch(one, other)::VARCHAR)"
    texts = f"string_split_regex(coalesce(array_to_string({sent}, ','), ''), '[,;]')"
    pairs = f"list_filter({texts}, lambda one: trim(one) <> '')"
    names = f"list_distinct(list_transform({pairs}, lambda one: trim(split_part(one, '=', 1))))"
    named = "lambda one: trim(split_part(one, '=', 1)) = name"
    last = f"list_filter({pairs}, {named})[-1]"
    value = f"CASE WHEN contains({last}, '=') THEN trim({last}[strpos({last}, '=') + 1:]) ELSE '' END"
    object_ = f"map_from_entries(list_transform(list_sort({names}), lambda name: (name, {value})))"
    return f"""CASE WHEN {column} IS NULL THEN NULL
        WHEN {objects} THEN json({merged})::VARCHAR ELSE to_json({object_})::VARCHAR END"""


def _payload_text(data: str, encoding: str) -> str:
    """Return SQL for a payload as text; BASE64 is decoded, NULL where it cannot be."""
    return f"CASE WHEN {encoding} = 'BASE64' THEN TRY(decode(from_base64({data}))) ELSE {data} END"


def _payload_kind(content_type: str, encoding: str) -> str:
    """Return SQL for the kind of a payload: by its encoding if that says it, else by its content type."""
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
