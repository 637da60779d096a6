"""SageMaker's ground truth: JSON Lines dated by when the label was collected.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daywatch.capture.lines import line_reader
from daywatch.capture.reasons import Reason
from daywatch.capture.typed import SQL_TYPES, answer_type
from daywatch.config.capture import Limits
from daywatch.config.model import ColumnType
from daywatch.engine.duck import text

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model import Labels, MonitoredModel
    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window

_PATHS = ("$.eventMetadata.eventId", "$.groundTruthData.data", "$.groundTruthData.encoding")


def label_objects(storage: Storage, labels: Labels, window: Window) -> list[StoredObject]:
    """Return the ground-truth objects that the delay allows for a window, oldest first."""
    found: list[StoredObject] = []
    day, last = window.start.date(), window.end.date() + timedelta(days=labels.delay_days)
    while day < last:
        found += [
            one for one in storage.list(f"{labels.prefix}/{day:%Y/%m/%d}/") if one.key.endswith(".jsonl")
        ]
        day += timedelta(days=1)
    return found


def parse_labels(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: list[StoredObject],
    model: MonitoredModel,
) -> None:
    """Fill ``label_records`` (one row a ground-truth record) and ``labels`` (one label an id; the later counts).

    Args:
        connection: Gets the tables.
        storage: Where the objects lie.
        objects: As ``label_objects`` returns them, oldest first.
        model: Decides the label's type.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    kind = answer_type(model)
    expected = "a number" if kind is ColumnType.NUMBER else "a class"
    typed = "nullif(trim(data), '')"
    if kind is ColumnType.NUMBER:
        typed = f"TRY_CAST({typed} AS {SQL_TYPES[kind]})"
    query = f"""
        CREATE TABLE label_records AS
        WITH parsed AS (
            SELECT object, record, reason, coalesce(excerpt, left(line, 200)) AS excerpt,
                CASE WHEN line IS NOT NULL AND json_valid(line)
                     THEN json_extract_string(line, [{", ".join(text(path) for path in _PATHS)}]) END AS fields
            FROM label_lines
        ), named AS (
            SELECT *, fields[1] AS id, fields[2] AS data, fields[3] AS encoding FROM parsed
        )
        SELECT object, record, excerpt, id, {typed} AS label,
            CASE
                WHEN reason IS NOT NULL THEN reason
                WHEN fields IS NULL THEN '{Reason.NOT_JSON}'
                WHEN id IS NULL OR {typed} IS NULL THEN '{Reason.NO_LABEL}'
                WHEN contains(id, chr(0)) OR contains(data, chr(0)) THEN '{Reason.NUL_CHARACTER}'
                WHEN encoding <> 'CSV' THEN '{Reason.ENCODING}'
            END AS reason,
            CASE
                WHEN fields IS NULL THEN 'the line is not whole JSON'
                WHEN id IS NULL OR {typed} IS NULL
                    THEN 'expected eventMetadata.eventId and {expected} in groundTruthData.data'
                WHEN contains(id, chr(0)) OR contains(data, chr(0))
                    THEN 'a NUL character stands in the id or in the label, which no database stores'
                ELSE 'expected the encoding CSV, but received ' || encoding
            END AS detail
        FROM named
    """
    with line_reader(storage, dict(enumerate(objects)), Limits()) as lines:
        connection.register("label_lines", lines)
        connection.execute(query)
        connection.unregister("label_lines")
    connection.execute("""
        CREATE TABLE labels AS
        SELECT id, max_by(label, (object, record)) AS label FROM label_records WHERE reason IS NULL GROUP BY id
    """)
