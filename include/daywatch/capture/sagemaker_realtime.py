"""SageMaker's real-time capture: which objects a window has, and what stands in their records.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daywatch.capture.lines import line_reader
from daywatch.capture.reasons import Reason
from daywatch.engine.duck import text

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model import Capture
    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window

_PATHS = {
    "event_id": "$.eventMetadata.eventId",
    "inference_id": "$.eventMetadata.inferenceId",
    "moment": "$.eventMetadata.inferenceTime",
    "request": "$.captureData.endpointInput.data",
    "request_encoding": "$.captureData.endpointInput.encoding",
    "response": "$.captureData.endpointOutput.data",
    "response_encoding": "$.captureData.endpointOutput.encoding",
}


def folder(capture: Capture) -> str:
    """Return the folder of the endpoint's variant below the data URI."""
    return "/".join(part for part in (capture.prefix, capture.endpoint, capture.variant) if part)


def window_objects(storage: Storage, capture: Capture, window: Window) -> list[StoredObject]:
    """Return the objects that may hold records of the window.

    Hour folders hold records of the neighbouring hour now and then, so one hour past both ends is looked
    at too; the record's own inferenceTime decides.
    """
    found: list[StoredObject] = []
    days = sorted({hour.date() for hour in window.hours(before=1, after=1)})
    hours = {f"{hour:%Y/%m/%d/%H}" for hour in window.hours(before=1, after=1)}
    for day in days:
        prefix = f"{folder(capture)}/{day:%Y/%m/%d}/"
        for stored in storage.list(prefix):
            hour = f"{day:%Y/%m/%d}/" + stored.key.removeprefix(prefix).partition("/")[0]
            if hour in hours and stored.key.endswith(".jsonl"):
                found.append(stored)
    return found


def hour_of(stored: StoredObject, capture: Capture) -> datetime:
    """Return the hour whose folder an object lies in."""
    hour = stored.key.removeprefix(folder(capture) + "/")[: len("2013/02/09/10")]
    return datetime.strptime(hour, "%Y/%m/%d/%H").replace(tzinfo=UTC)


def parse_records(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: list[StoredObject],
) -> None:
    """Fill the table ``records``: one row a capture record, with its payloads as text or its reason.

    Args:
        connection: Gets the table.
        storage: Where the objects lie.
        objects: As ``window_objects`` returns them.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    paths = ", ".join(text(path) for path in _PATHS.values())
    fields = ", ".join(f"fields[{number}] AS {name}" for number, name in enumerate(_PATHS, start=1))
    nul = " OR ".join(
        f"contains({name}, chr(0))" for name in ("event_id", "inference_id", "request", "response")
    )
    query = f"""
        CREATE TABLE records AS
        WITH parsed AS (
            SELECT object, record, reason, excerpt, line,
                CASE WHEN line IS NOT NULL AND json_valid(line)
                     THEN json_extract_string(line, [{paths}]) END AS fields
            FROM capture_lines
        ), named AS (
            SELECT object, record, reason, excerpt, line, fields IS NOT NULL AS is_json, {fields} FROM parsed
        )
        SELECT object, record, event_id, inference_id, request, response,
            TRY_CAST(moment AS TIMESTAMPTZ) AS inference_time,
            CASE
                WHEN reason IS NOT NULL THEN reason
                WHEN NOT is_json THEN '{Reason.NOT_JSON}'
                WHEN event_id IS NULL OR request IS NULL OR response IS NULL THEN '{Reason.NOT_A_CAPTURE}'
                WHEN {nul} THEN '{Reason.NUL_CHARACTER}'
                WHEN TRY_CAST(moment AS TIMESTAMPTZ) IS NULL THEN '{Reason.NO_TIME}'
                WHEN request_encoding <> 'CSV' OR response_encoding <> 'CSV' THEN '{Reason.ENCODING}'
            END AS reason,
            CASE
                WHEN NOT is_json THEN 'the line is not whole JSON'
                WHEN event_id IS NULL OR request IS NULL OR response IS NULL
                    THEN 'expected captureData.endpointInput.data, captureData.endpointOutput.data '
                      || 'and eventMetadata.eventId'
                WHEN {nul} THEN 'a NUL character stands in an id or a payload, which no database stores'
                WHEN TRY_CAST(moment AS TIMESTAMPTZ) IS NULL
                    THEN 'expected eventMetadata.inferenceTime such as 2013-02-09T10:00:00Z'
                ELSE 'expected the encoding CSV, but received '
                    || concat_ws(' and ', request_encoding, response_encoding)
            END AS detail,
            coalesce(excerpt, left(line, 200)) AS excerpt
        FROM named
    """
    with line_reader(storage, objects) as lines:
        connection.register("capture_lines", lines)
        connection.execute(query)
        connection.unregister("capture_lines")
