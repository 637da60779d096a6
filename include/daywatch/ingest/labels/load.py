"""A window's labels, from any source, joined to one label an inference."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.config.model.labels import FeedbackLabels, GroundTruthLabels, SqlLabels, TableLabels
from daywatch.engine.budget import LABEL_JOIN_MB, LABEL_ROWS_A_MB
from daywatch.engine.duck import memory_of, one_thread_a_query, spill, text
from daywatch.ingest.labels.dated import looked_in
from daywatch.ingest.labels.mapped import mapped_label, unmapped_sentence
from daywatch.ingest.labels.sagemaker_ground_truth import GroundTruthReader
from daywatch.ingest.labels.sql import SqlReader
from daywatch.ingest.labels.table import TableReader
from daywatch.ingest.labels.transaction_feedback import FeedbackReader
from daywatch.ingest.labels.window_ids import provide_of_window
from daywatch.ingest.payloads.casts import present
from daywatch.ingest.reading.lines import EXCERPT
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.labels.source import LabelObject, LabelReader, LabelRequest
    from daywatch.storage import Storage
    from daywatch.window import Window


_AT_ONCE = 2
"""How many readers run at once: a stream of lines keeps one thread busy."""


def label_reader(model: MonitoredModel, request: LabelRequest) -> LabelReader | None:
    """Return the reader of the model's source of labels, None for a model without labels."""
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


def label_folders(model: MonitoredModel, window: Window) -> str:
    """Return where below ``label_source`` labels are looked for; empty for a query, and without labels.

    Args:
        model: The model's configuration.
        window: The window.
    """
    labels = model.labels
    return "" if labels is None or isinstance(labels, SqlLabels) else looked_in(labels, window)


def load_labels(
    connection: duckdb.DuckDBPyConnection, model: MonitoredModel, request: LabelRequest, scratch: Path
) -> list[LabelObject]:
    """Read a window's labels and make the view ``label_records``.

    It has one row per label: every label of the window's inferences, and, of the labels collected within the
    window, those that match no inference and those that cannot be read. So over all windows each of these comes once.

    Args:
        connection: Has the view ``records``; gets the view.
        model: The model's configuration, for the source and the type of its labels.
        request: The window, and how to reach the source.
        scratch: Existing local folder for the Parquet files of the view.

    Returns:
        The label objects that were read; ``object`` in ``label_records`` is the index in this list.

    Raises:
        SetupError: A connection is missing or refused, or a query cannot be run.
        InfrastructureError: The storage or the database did not answer.
    """
    label = model.output.answer_type.sql_type
    connection.execute(f"""
        CREATE TABLE no_labels (object INTEGER, record BIGINT, id VARCHAR, row_in_record INTEGER, label {label},
            collected_at TIMESTAMPTZ, is_known BOOLEAN, reason VARCHAR, detail VARCHAR, excerpt VARCHAR)
    """)
    reader = label_reader(model, request)
    objects = reader.objects() if reader else []
    if request.sample:
        objects = request.sample.of([(one, one.stored.size if one.stored else 0) for one in objects])
    files = []
    if reader and model.labels:
        provide_of_window(connection)
        until = request.until(model.labels)

        def ingest_query(query: str) -> str:
            return _ingest_query(query, reader, model, request.window, until)

        files = _read(connection, reader, objects, ingest_query, scratch)
        connection.remove_function("is_of_window")
    # So that a window without labels has all columns. It comes last, because DuckDB plans by the first file.
    files.append(spill(connection, "FROM no_labels", scratch / "labels.parquet"))
    connection.execute(f"CREATE VIEW label_records AS FROM read_parquet([{', '.join(files)}])")
    return reader.with_fingerprints(objects) if reader else []


def join_labels(connection: duckdb.DuckDBPyConnection, label: str, scratch: Path) -> None:
    """Make the views ``labels`` and ``row_labels``: the label of each row, joined by inference id, else by event id.

    ``labels`` has a row for each inference id and ``row_in_record``, which is 0 for a label of all rows of a record;
    of two labels the later one counts. In ``row_labels``, a label of the row counts before one of its whole record.
    ``collected_at`` is when the label was first known, NULL if the source does not say; ``labelled_row`` is the row
    within its record, 0 for a label of the whole record, whose ``id`` is NULL.

    Args:
        connection: Has the views ``row_outcomes`` and ``label_records``; gets the views.
        label: SQL for the label in the spelling that counts, from ``label``.
        scratch: Existing local folder for the Parquet file of the view.
    """
    # Two labels of one inference are found by a hash first, because hardly any inference has two.
    connection.execute(f"""
        CREATE VIEW known_labels AS
            SELECT id, coalesce(row_in_record, 0) AS row_in_record, {label} AS label, collected_at, object, record
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
    joined = """
        WITH own AS NOT MATERIALIZED (
            SELECT number, coalesce(inference_id, event_id) AS id, row_in_record FROM row_outcomes WHERE kept
        ), of_row AS (
            SELECT number, labels.id, label, collected_at, changed, row_in_record AS labelled_row
            FROM own JOIN (FROM labels WHERE row_in_record > 0) AS labels USING (id, row_in_record)
        )
        FROM of_row UNION ALL
        SELECT number, NULL AS id, label, collected_at, changed, 0 AS labelled_row
        FROM own JOIN (FROM labels WHERE row_in_record = 0) AS labels USING (id)
        WHERE number NOT IN (SELECT number FROM of_row)
    """
    with memory_of(connection, LABEL_JOIN_MB + megabytes_of_rows(connection)):
        file = spill(connection, joined, scratch / "row_labels.parquet")
    connection.execute(f"CREATE VIEW row_labels AS FROM read_parquet({file})")


def megabytes_of_rows(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the megabytes that a join of ``row_outcomes`` needs although it holds its sides on disk."""
    ((rows,),) = connection.execute("SELECT count(*) FROM row_outcomes").fetchall()
    return int(rows) // LABEL_ROWS_A_MB


def _read(
    connection: duckdb.DuckDBPyConnection,
    reader: LabelReader,
    objects: list[LabelObject],
    ingest_query: Callable[[str], str],
    scratch: Path,
) -> list[str]:
    """Read all objects, several at once, and return the files as SQL; no result depends on the order of labels."""
    days = [f"{one.day} 00:00:00+00" if one.day else None for one in objects]

    def read_some(first: int) -> list[str]:
        files: list[str] = []
        cursor = connection.cursor()
        # A list, because a join would hold the labels in memory.
        cursor.execute("SET VARIABLE label_days = CAST($days AS TIMESTAMPTZ[])", {"days": days})

        def keep(query: str) -> None:
            target = scratch / f"labels-{first:03}-{len(files):06}.parquet"
            given = f"FROM no_labels UNION ALL BY NAME ({ingest_query(query)})"
            files.append(spill(cursor, given, target))

        some = {n: one for n, one in enumerate(objects) if n % _AT_ONCE == first}
        if some:
            reader.read(cursor, some, keep)
        return files

    with one_thread_a_query(connection), ThreadPoolExecutor(_AT_ONCE) as pool:
        # Each thread runs in the stage's context, which holds the engine's bounds.
        parts_read = [pool.submit(copy_context().run, read_some, first) for first in range(_AT_ONCE)]
    return [file for one in parts_read for file in one.result()]


def _ingest_query(
    query: str, reader: LabelReader, model: MonitoredModel, window: Window, until: datetime
) -> str:
    """Return SQL that casts and checks the labels of a source.

    Args:
        query: SQL that gives ``VALUES``, as the source passes it to ``insert``.
        reader: The source, for its sentences and for what a missing label means.
        model: The model's configuration, for the type of its labels, and for what is missing.
        window: The window.
        until: Labels that were collected at this time or later are not read.
    """
    start, end, until_then = (
        f"TIMESTAMPTZ {text(bound.isoformat())}" for bound in (window.start, window.end, until)
    )
    known, expected = "given_label", "a class"
    if model.output.answer_type is ColumnType.NUMBER:
        number = "TRY_CAST(given_label AS DOUBLE)"
        known, expected = f"CASE WHEN isfinite({number}) THEN {number} END", "a number"
    elif model.labels and model.labels.map:
        known = mapped_label("given_label", model)
    named = "" if reader.sparse else " AND nullif(trim(id), '') IS NOT NULL"
    unknown_yet = f"reason IS NULL AND given_label IS NULL{named}"
    rules = _rules(f"expected {reader.id_position} and {expected} in {reader.label_position}", model)
    return f"""
        -- One row per label, with the time of its collection.
        WITH given AS (
            SELECT *, {present("trimmed", model.missing_of("label"))} AS given_label,
                coalesce(TRY_CAST(collected AS TIMESTAMPTZ), getvariable('label_days')[object + 1])
                AS collected_at
            FROM (SELECT *, trim(label) AS trimmed FROM ({query}))
        ),
        -- One row per label that was known in time.
        judged AS (
            SELECT *, TRY_CAST(position AS INTEGER) AS row_in_record, {known} AS known_label,
                coalesce(reason, {first_reason(rules)}) AS found,
                id IS NOT NULL AND is_of_window(hash(id)) AS is_of_window
            FROM given WHERE NOT ({unknown_yet}) AND coalesce(collected_at < {until_then}, true)
        ),
        -- The same rows; what cannot be read has the sentence that says why.
        checked AS (
            SELECT object, record, id, row_in_record, known_label AS label, collected_at, found AS reason,
                CASE WHEN reason IS NOT NULL THEN detail ELSE {first_detail(rules)} END AS detail,
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


def _rules(expected: str, model: MonitoredModel) -> list[Rule]:
    """Return the rules about records that are no labels; the first one that applies counts.

    Args:
        expected: The sentence for a record without an id or a label.
        model: The model's configuration, for the map of its labels.
    """
    mapped = []
    if model.labels and model.labels.map:
        given = "nullif(trim(id), '') IS NOT NULL AND given_label IS NOT NULL AND known_label IS NULL"
        mapped = [Rule(given, Reason.UNMAPPED_LABEL, unmapped_sentence("given_label", model))]
    return [
        *mapped,
        Rule("nullif(trim(id), '') IS NULL OR known_label IS NULL", Reason.NO_LABEL, text(expected)),
        Rule(
            "position IS NOT NULL AND coalesce(row_in_record, 0) < 1",
            Reason.NO_LABEL,
            "'expected a row number from 1, but received ' || left(CAST(position AS VARCHAR), 60)",
        ),
        Rule(
            "contains(id, chr(0)) OR contains(label, chr(0))",
            Reason.NUL_CHARACTER,
            "'the id or the label contains a NUL character, which no database stores'",
        ),
    ]
