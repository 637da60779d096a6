"""SQL from the lines of SageMaker's real-time capture to records, in four steps of one row per line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.captures.line_fields import kept_values, line_fields
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daywatch.config.model.capture import PayloadKind, SageMakerRealtime

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


_ATTRIBUTES = "$.eventMetadata.customAttributes."


def records_query(capture: SageMakerRealtime) -> str:
    """Return SQL from the lines in ``capture_lines`` to records (see ``RECORD_COLUMNS``).

    Args:
        capture: The model's capture configuration: which payloads are captured and what they are, variant, sampling.
    """
    layout = capture.payload
    kinds = {"request": layout.request_kind, "response": layout.response_kind}
    wanted = {name: kind for name, kind in kinds.items() if layout.parts in ("both", name)}
    rules = _rules()
    return f"""
        WITH {line_fields("capture_lines", _PATHS)},
        decoded AS ({_decoded(wanted)}), judged AS ({_judged(rules, wanted)})
        {_records(capture, rules, wanted)}
    """


def _decoded(wanted: Mapping[str, PayloadKind | None]) -> str:
    """Return SQL with one row per line: payloads as text, NULL for wrong BASE64; ``raw_*`` as captured."""
    texts = ", ".join(f"{_payload_text(name)} AS {name}" for name in wanted)
    return f"SELECT * REPLACE ({texts}), request AS raw_request, response AS raw_response FROM named"


def _judged(rules: list[Rule], wanted: Mapping[str, PayloadKind | None]) -> str:
    """Return SQL with one row per line: its time, the kinds of its payloads, and why the line cannot be read if so."""
    kinds = "".join(
        f", {_payload_kind(name, kind)} AS {name}_kind, {_guess(name, kind)} AS {name}_guess"
        for name, kind in wanted.items()
    )
    return f"""
        SELECT *, TRY_CAST(time_text AS TIMESTAMPTZ) AS inference_time, coalesce(reason, {first_reason(rules)})
            AS final_reason {kinds}
        FROM decoded
    """


def _records(capture: SageMakerRealtime, rules: list[Rule], wanted: Mapping[str, PayloadKind | None]) -> str:
    """Return SQL with one row per line: the columns of ``RECORD_COLUMNS`` that this source fills."""
    payloads = ", ".join(f"{name}, coalesce({name}_kind, {name}_guess) AS {name}_kind" for name in wanted)
    guesses = ", ".join(
        f"CASE WHEN {name}_kind IS NULL THEN '{name} of ' || {_claimed(name)} || ' as ' || {name}_guess END"
        for name in wanted
    )
    parts = [rule for name in wanted for rule in _part_rules(name)]
    return f"""
        SELECT object, record, event_id, inference_id, {_attributes("attributes")} AS attributes,
            {text(capture.variant)} AS variant, {capture.sampling_percent or "NULL"}::DOUBLE AS sampling_percent,
            {payloads}, inference_time, {_kept(capture.keep)} AS kept,
            strlen(raw_request) AS request_bytes, strlen(raw_response) AS response_bytes,
            nullif(concat_ws('; ', {guesses}), '') AS guessed,
            {first_reason(parts)} AS part_reason, {first_detail(parts)} AS part_detail,
            final_reason AS reason,
            CASE WHEN final_reason IS NOT NULL THEN coalesce(detail, {first_detail(rules)}) END AS detail,
            coalesce(excerpt, line) AS excerpt
        FROM judged
    """


def _kept(keep: Mapping[str, str]) -> str:
    """Return SQL for the kept values; custom attributes are one object there, as clients mean them."""
    if not any(path.startswith(_ATTRIBUTES) for path in keep.values()):
        return kept_values(keep, "CASE WHEN is_json THEN line END")
    patch = (
        f"json_object('eventMetadata', json_object('customAttributes', ({_attributes('attributes')})::JSON))"
    )
    return kept_values(keep, f"CASE WHEN is_json THEN json_merge_patch(line, {patch}) END")


def _rules() -> list[Rule]:
    """Return the rules about lines that cannot be read; the first one that applies counts."""
    nul = " OR ".join(f"contains({name}, chr(0))" for name in ("event_id", "inference_id"))
    return [
        Rule("NOT is_json", Reason.NOT_JSON, "'the line is not whole JSON'"),
        Rule(
            "event_id IS NULL OR (raw_request IS NULL AND raw_response IS NULL)",
            Reason.NOT_A_CAPTURE,
            "'expected captureData.endpointInput.data, captureData.endpointOutput.data and eventMetadata.eventId'",
        ),
        Rule(nul, Reason.NUL_CHARACTER, "'an id contains a NUL character, which no database stores'"),
        Rule(
            "inference_time IS NULL",
            Reason.NO_TIME,
            "'expected eventMetadata.inferenceTime such as 2013-02-09T10:00:00Z'",
        ),
    ]


def _part_rules(name: str) -> list[Rule]:
    """Return the rules about a payload that cannot be read, although its record can."""
    there = f"raw_{name} IS NOT NULL"
    return [
        Rule(
            f"{there} AND coalesce({name}_kind, {name}_guess) IS NULL",
            Reason.ENCODING,
            f"'the {name} is neither CSV nor JSON: it is ' || coalesce({name}_encoding, 'CSV') || ' of ' || "
            f"{_claimed(name)} || '; if it is text, capture.payload.{name}_kind says which'",
        ),
        Rule(
            f"{there} AND {name} IS NULL",
            Reason.NOT_BASE64,
            f"'the {name} is said to be BASE64, but is not, or holds no UTF-8 text'",
        ),
    ]


def _claimed(name: str) -> str:
    """Return SQL for the content type that a record claims, short and without control characters."""
    return f"coalesce(nullif(left(regexp_replace({name}_type, '[[:cntrl:]]', ' ', 'g'), 60), ''), 'no content type')"


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


def _payload_text(name: str) -> str:
    """Return SQL for a payload as text; BASE64 is decoded, NULL where it cannot be."""
    return f"CASE WHEN {name}_encoding = 'BASE64' THEN TRY(decode(from_base64({name}))) ELSE {name} END"


def _payload_kind(name: str, configured: PayloadKind | None) -> str:
    """Return SQL for the kind of a payload: as configured, else by its encoding, else by its content type."""
    if configured:
        return text(configured)
    encoding = f"{name}_encoding"
    kind = f"lower(trim(split_part(coalesce({name}_type, ''), ';', 1)))"
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


def _guess(name: str, configured: PayloadKind | None) -> str:
    """Return SQL for the kind of BASE64 whose content type does not say it: text that begins like JSON is JSON."""
    if configured:
        return "NULL::VARCHAR"
    looks_json = f"ltrim({name}, ' ' || chr(9) || chr(10) || chr(13))[1] IN ('{{', '[')"
    lines = f"if(json_valid({name}), 'json', 'jsonl')"
    guessed = f"CASE WHEN {looks_json} THEN {lines} ELSE 'csv' END"
    return (
        f"CASE WHEN {name}_encoding = 'BASE64' AND {_payload_kind(name, None)} IS NULL "
        f"AND {name} IS NOT NULL AND NOT contains({name}, chr(0)) THEN {guessed} END"
    )
