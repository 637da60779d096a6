"""A window's labels, from whatever source, to one label an inference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.config.model.labels import FeedbackLabels, GroundTruthLabels, SqlLabels, TableLabels
from daywatch.engine.budget import LABEL_JOIN_MB, LABEL_ROWS_A_MB
from daywatch.engine.duck import memory_of, one_thread_a_query, spill, text
from daywatch.ingest.labels.sagemaker_ground_truth import GroundTruthReader
from daywatch.ingest.labels.sql import SqlReader
from daywatch.ingest.labels.table import TableReader
from daywatch.ingest.labels.transaction_feedback import FeedbackReader
from daywatch.ingest.labels.window_ids import provide_of_window
from daywatch.ingest.payloads.casts import SQL_TYPES, answer_type
from daywatch.ingest.reading.lines import EXCERPT
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.labels.source import LabelObject, LabelReader, LabelRequest
    from daywatch.storage import Storage
    from daywatch.window import Window


_AT_ONCE = 2
"""Readers at a time: a stream of lines feeds one thread."""


def label_reader(model: MonitoredModel, request: LabelRequest) -> LabelReader | None:
    """Return the reader of the source that a model's configuration names, None for a model without labels."""
    labels = model.labels
    if isinstance(labels, GroundTruthLabels):
        return GroundTruthReader(labels, request)
    if isinstance(labels, FeedbackLabels):
        return FeedbackReader(labels, request)
    if isinstance(labels, TableLabels):
        return TableReader(labels, request)
    return SqlReader(labels, request) if isinstance(labels, SqlLabels) else None


def label_source(model: MonitoredModel, storage: Storage) -> str:
    """Return the address of a model's labels, for people; empty for a model without labels."""
    if isinstance(model.labels, SqlLabels):
        return f"sql:{model.labels.connection}"
    return storage.address(model.labels.prefix) if model.labels else ""


def load_labels(
    connection: duckdb.DuckDBPyConnection, model: MonitoredModel, request: LabelRequest, scratch: Path
) -> list[LabelObject]:
    """Make the views ``label_records`` and ``labels`` of what is known of a window's outcomes.

    ``label_records`` has one row a label that was read: those of the window's inferences, and of the labels
    collected within the window those that belong to none and those that cannot be read. So over all windows
    each of these is met once. ``labels`` has one row an inference's id and ``row_in_record``, which is 0 where a
    label is about all rows of a record; of two labels the later counts.

    Args:
        connection: Holds ``records``; gets the views.
        model: Says where labels are and of which type.
        request: Of which window.
        scratch: Folder for files.

    Returns:
        What was read; ``object`` in ``label_records`` is the place in this list.

    Raises:
        SetupError: A connection is missing, or a query cannot be run.
        InfrastructureError: The storage or the database did not answer.
    """
    label = SQL_TYPES[answer_type(model)]
    connection.execute(f"""
        CREATE TABLE no_labels (object INTEGER, record BIGINT, id VARCHAR, row_in_record INTEGER, label {label},
            collected_at TIMESTAMPTZ, is_known BOOLEAN, reason VARCHAR, detail VARCHAR, excerpt VARCHAR)
    """)
    reader = label_reader(model, request)
    objects = reader.objects() if reader else []
    files = []
    if reader and model.labels:
        provide_of_window(connection)
        until = datetime.combine(request.last_day(model.labels) + timedelta(days=1), time(), UTC)
        taken_over = _taken_over(reader, answer_type(model), request.window, until)
        files = _read(connection, reader, objects, taken_over, scratch)
        connection.remove_function("is_of_window")
    # A window without any labels has the columns all the same. Last: DuckDB plans by the first file.
    files.append(spill(connection, "FROM no_labels", scratch / "labels.parquet"))
    # By a hash first: hardly any inference has two labels.
    connection.execute(f"""
        CREATE VIEW label_records AS FROM read_parquet([{", ".join(files)}]);
        CREATE VIEW known_labels AS
            SELECT id, coalesce(row_in_record, 0) AS row_in_record, label, collected_at, object, record
            FROM label_records WHERE is_known;
        CREATE TABLE relabelled AS
            SELECT hash(id, row_in_record) AS hashed FROM known_labels GROUP BY ALL HAVING count(*) > 1;
        CREATE VIEW labels AS
            SELECT id, row_in_record, label, collected_at, false AS changed FROM known_labels
            WHERE hash(id, row_in_record) NOT IN (FROM relabelled)
            UNION ALL
            SELECT id, row_in_record,
                max_by(label, (coalesce(collected_at, TIMESTAMPTZ '1970-01-01'), object, record)),
                min(collected_at), count(DISTINCT label) > 1
            FROM known_labels WHERE hash(id, row_in_record) IN (FROM relabelled) GROUP BY id, row_in_record;
    """)
    return reader.marked(objects) if reader else []


def join_labels(connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Make ``row_labels``: the label of each labelled row, joined by inference id, else event id.

    A label of the row counts before one of its whole record. ``collected_at`` is when it was first known,
    NULL where the source does not tell; ``place`` is the row within its record, 0 for the whole record, whose
    ``id`` is not kept.

    Args:
        connection: Holds ``rows`` and ``labels``; gets the view.
        scratch: Folder for its file.
    """
    joined = """
        WITH own AS NOT MATERIALIZED (
            SELECT number, coalesce(inference_id, event_id) AS id, row_in_record FROM rows WHERE kept
        ), of_row AS (
            SELECT number, labels.id, label, collected_at, changed, row_in_record AS place
            FROM own JOIN (FROM labels WHERE row_in_record > 0) AS labels USING (id, row_in_record)
        )
        FROM of_row UNION ALL
        SELECT number, NULL AS id, label, collected_at, changed, 0 AS place
        FROM own JOIN (FROM labels WHERE row_in_record = 0) AS labels USING (id)
        WHERE number NOT IN (SELECT number FROM of_row)
    """
    with memory_of(connection, LABEL_JOIN_MB + megabytes_of_rows(connection)):
        file = spill(connection, joined, scratch / "row_labels.parquet")
    connection.execute(f"CREATE VIEW row_labels AS FROM read_parquet({file})")


def megabytes_of_rows(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the memory that a join needs for each of ``rows``, though it holds its sides on disk."""
    ((rows,),) = connection.execute("SELECT count(*) FROM rows").fetchall()
    return int(rows) // LABEL_ROWS_A_MB


def _read(
    connection: duckdb.DuckDBPyConnection,
    reader: LabelReader,
    objects: list[LabelObject],
    taken_over: str,
    scratch: Path,
) -> list[str]:
    """Read all objects, several at once, and return the files: nothing depends on the order of labels."""
    days = [f"{one.day} 00:00:00+00" if one.day else None for one in objects]

    def read_some(first: int) -> list[str]:
        files: list[str] = []
        cursor = connection.cursor()
        # In a list: a join would hold the labels.
        cursor.execute("SET VARIABLE label_days = CAST($days AS TIMESTAMPTZ[])", {"days": days})

        def keep(query: str) -> None:
            target = scratch / f"labels-{first:03}-{len(files):06}.parquet"
            given = f"FROM no_labels UNION ALL BY NAME ({taken_over.format(query=query)})"
            files.append(spill(cursor, given, target))

        some = {n: one for n, one in enumerate(objects) if n % _AT_ONCE == first}
        if some:
            reader.read(cursor, some, keep)
        return files

    with one_thread_a_query(connection), ThreadPoolExecutor(_AT_ONCE) as pool:
        # Each in the stage's own context: the engine's bounds are there.
        begun = [pool.submit(copy_context().run, read_some, first) for first in range(_AT_ONCE)]
    return [file for one in begun for file in one.result()]


def _taken_over(reader: LabelReader, kind: ColumnType, window: Window, until: datetime) -> str:
    """Return the query that types and checks what a source gives; ``{query}`` stands for its query."""
    start, end, until_then = (
        f"TIMESTAMPTZ {text(moment.isoformat())}" for moment in (window.start, window.end, until)
    )
    label = "nullif(trim(label), '')"
    expected = "a class"
    if kind is ColumnType.NUMBER:
        label = f"CASE WHEN isfinite(TRY_CAST({label} AS DOUBLE)) THEN TRY_CAST({label} AS DOUBLE) END"
        expected = "a number"
    position = "TRY_CAST(position AS INTEGER)"
    unknown_yet = "reason IS NULL AND nullif(trim(label), '') IS NULL" if reader.sparse else "false"
    told = f"expected {reader.id_place} and {expected} in {reader.label_place}".replace("'", "''")
    told = told.replace("{", "{{").replace("}", "}}")
    return f"""
        WITH given AS (
            SELECT *, coalesce(TRY_CAST(collected AS TIMESTAMPTZ), getvariable('label_days')[object + 1])
                AS collected_at
            FROM ({{query}})
        ), judged AS (
            SELECT *, {position} AS row_in_record, {label} AS known_label,
                CASE
                    WHEN reason IS NOT NULL THEN reason
                    WHEN nullif(trim(id), '') IS NULL OR known_label IS NULL THEN '{Reason.NO_LABEL}'
                    WHEN position IS NOT NULL AND coalesce(row_in_record, 0) < 1 THEN '{Reason.NO_LABEL}'
                    WHEN contains(id, chr(0)) OR contains(label, chr(0)) THEN '{Reason.NUL_CHARACTER}'
                END AS found,
                id IS NOT NULL AND is_of_window(hash(id)) AS is_of_window
            FROM given WHERE NOT ({unknown_yet}) AND coalesce(collected_at < {until_then}, true)
        ), checked AS (
            SELECT object, record, id, row_in_record, known_label AS label, collected_at, found AS reason,
                CASE
                    WHEN found IS NULL THEN NULL
                    WHEN reason IS NOT NULL THEN detail
                    WHEN nullif(trim(id), '') IS NULL OR known_label IS NULL THEN '{told}'
                    WHEN found = '{Reason.NO_LABEL}'
                        THEN 'expected a row number from 1, but received ' || left(CAST(position AS VARCHAR), 60)
                    ELSE 'a NUL character stands in the id or in the label, which no database stores'
                END AS detail,
                excerpt, is_of_window
            FROM judged
        )
        SELECT object, record, id, CASE WHEN reason IS NULL THEN row_in_record END AS row_in_record,
            CASE WHEN reason IS NULL THEN label END AS label, collected_at,
            is_of_window AND reason IS NULL AS is_known, reason, detail,
            CASE WHEN reason IS NOT NULL THEN left(excerpt, {EXCERPT}) END AS excerpt
        FROM checked
        WHERE coalesce(collected_at >= {start} AND collected_at < {end}, true) OR is_of_window
    """
