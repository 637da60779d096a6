"""What a source reads, to local Parquet files of typed rows, and what becomes of each record.

Lines stream through one query: nothing is held or sorted as a whole. Objects come in the order of their keys,
those of the window between those before and after it, and records in the order of their objects, and so do the
rows.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.engine.budget import DUPLICATES_MB
from daywatch.engine.duck import memory_of, one_thread_a_query, spill, text
from daywatch.ingest.captures.source import (
    RECORD_COLUMNS,
    SourceObject,
    of_object,
    provide_objects,
    set_object_variables,
)
from daywatch.ingest.payloads.redaction import provide_key
from daywatch.ingest.payloads.split_rows import ABOUT, provide_csv_rows
from daywatch.ingest.payloads.typed_rows import rows_query, value_columns
from daywatch.ingest.reading.lines import EXCERPT
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.deployment.connections import Connections
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.captures.source import Source
    from daywatch.storage import Storage
    from daywatch.window import Window


_SHARES = 4
"""As many on every machine: the files' row groups, and with them the revision, must not depend on its threads."""


@dataclass(frozen=True)
class Intake:
    """What is taken over.

    Attributes:
        model: What the payloads hold.
        window: Decides by each record's own time.
        source: Reads the objects.
        objects: All of them.
        storage: Where they lie.
        connections: Looks the connection up whose password is the key of redaction.
        scratch: Folder for the files.
    """

    model: MonitoredModel
    window: Window
    source: Source
    objects: list[SourceObject]
    storage: Storage
    connections: Connections
    scratch: Path


def take_over(connection: duckdb.DuckDBPyConnection, intake: Intake) -> None:
    """Read a window's records and decide what becomes of each.

    Makes these views, and the table ``objects``:

    - ``typed``: a row an inference, values under ``value_column``, in the order of the objects, whose place is
      ``number``; also one row for each record without any.
    - ``records``: every record of the window, in ``reason`` and ``detail`` why it has no rows if it has none.
    - ``rows``: the same rows as ``typed``, without values, in ``readable`` whether their records are, in ``kept``
      whether they were answered too.

    Raises:
        SetupError: The key of redaction is not there.
        InfrastructureError: The storage did not answer, or an object changed while it was read.
    """
    provide_csv_rows(connection)
    connection.execute(f"CREATE TABLE no_records ({RECORD_COLUMNS})")
    provide_objects(connection, intake.objects)
    provide_key(connection, intake.model, intake.connections)
    # A window without any records has the columns all the same.
    none = spill(
        connection, _typed("FROM no_records", intake.model, intake.window), intake.scratch / "rows.parquet"
    )
    shares = [share for share in _shares(intake.objects, intake.window) if share]
    with one_thread_a_query(connection) as threads, ThreadPoolExecutor(threads) as pool:
        begun = [
            # Each in the stage's own context: the engine's bounds are there.
            pool.submit(copy_context().run, _take_share, connection.cursor(), intake, n, share)
            for n, share in enumerate(shares)
        ]
    # Last: DuckDB takes the first file for what the others are like, and plans by it.
    files = [*(file for one in begun for file in one.result()), none]
    connection.execute(f"""
        CREATE VIEW typed AS SELECT *, file_index::BIGINT << 40 | file_row_number AS number
        FROM read_parquet([{", ".join(files)}])
    """)
    with memory_of(connection, DUPLICATES_MB):
        _decide(connection)


def _shares(objects: list[SourceObject], window: Window) -> list[dict[int, SourceObject]]:
    """Return the objects by number in shares, one after the other; those of the window itself about the same size.

    Objects before and after the window have shares of their own: whether they are there yet does not change how
    the window's own rows lie in files.
    """
    own = [number for number, one in enumerate(objects) if one.in_window(window)]
    total, seen = sum(objects[number].stored.size for number in own), 0
    shares: list[dict[int, SourceObject]] = [{} for _ in range(_SHARES + 2)]
    for number, one in enumerate(objects):
        if one.in_window(window):
            middle = seen + one.stored.size // 2
            shares[1 + min(middle * _SHARES // max(total, 1), _SHARES - 1)][number] = one
            seen += one.stored.size
        else:
            shares[0 if one.start < window.start else -1][number] = one
    return shares


def _take_share(
    connection: duckdb.DuckDBPyConnection, intake: Intake, number: int, objects: dict[int, SourceObject]
) -> list[str]:
    """Write the typed rows of some of the objects to Parquet and return the files' paths as SQL."""
    set_object_variables(connection)
    provide_key(connection, intake.model, intake.connections)
    files = []
    queries = intake.source.read(connection, intake.storage, objects, intake.scratch)
    for nth, query in enumerate(queries):
        try:
            typed = _typed(query, intake.model, intake.window)
            files.append(spill(connection, typed, intake.scratch / f"rows-{number:03}-{nth:06}.parquet"))
        except Exception as error:
            queries.throw(error)
    return files


def _typed(query: str, model: MonitoredModel, window: Window) -> str:
    """Return SQL for the window's typed rows of a query for records."""
    # A record belongs to the window of its time where its folder may hold such a time, because that window
    # reads the folder too; otherwise, and where it has no time, to the window of its folder.
    near = "coalesce(inference_time >= earliest AND inference_time < latest, false)"
    misplaced = f"reason IS NULL AND NOT {near}"
    start, end = (f"TIMESTAMPTZ {text(moment.isoformat())}" for moment in (window.start, window.end))
    return f"""
        WITH records AS (
            FROM no_records UNION ALL BY NAME ({query})
        ), told AS (
            SELECT *, {of_object("start")} AS start, {of_object("earliest")} AS earliest,
                {of_object("latest")} AS latest
            FROM records
        ), owned AS (
            SELECT * REPLACE (
                    CASE WHEN {misplaced} THEN '{Reason.MISPLACED}' ELSE reason END AS reason,
                    CASE WHEN {misplaced} THEN 'its time ' || inference_time || ' is not from ' || earliest
                        || ' to ' || latest || ', as its folder says' ELSE detail END AS detail),
                coalesce(status, 'succeeded') = 'succeeded' AND reason IS NULL AND {near} AS is_answered
            FROM told WHERE CASE WHEN {near} THEN inference_time >= {start} AND inference_time < {end}
                ELSE start >= {start} AND start < {end} END
        ), placed AS (
            SELECT * REPLACE (CASE WHEN is_answered THEN request END AS request,
                    CASE WHEN is_answered THEN response END AS response)
                RENAME (reason AS record_reason, detail AS record_detail)
            FROM owned
        ), {rows_query(model)}
        SELECT {ABOUT}, row_in_record, {", ".join(value_columns(model))}, reason, detail
        FROM (
            SELECT * REPLACE (CASE WHEN reason IS NOT NULL THEN left(excerpt, {EXCERPT}) END AS excerpt)
            FROM judged
        )
    """


def _decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views ``records`` and ``rows`` of ``typed``.

    Only when all is read it is known which objects are too large, so that they are refused as a whole, and
    which records were seen twice: the first of an id counts, in the order of the objects' keys.
    """
    # By a hash first: hardly any record is a duplicate, and ids of a large day do not fit into memory.
    # An attempt that failed and the one after it that did not are two records of one id.
    identity = "event_id, coalesce(status, 'succeeded')"
    candidates = "row_in_record = 1 AND record_reason IS NULL AND object NOT IN (FROM refused)"
    connection.execute(f"""
        CREATE TABLE refused AS SELECT DISTINCT object FROM typed WHERE record_reason = '{Reason.TOO_LARGE}';
        CREATE TABLE repeated AS
            SELECT hash({identity}) AS hashed FROM typed WHERE {candidates} GROUP BY ALL HAVING count(*) > 1;
        -- A record with one bad row is bad as a whole.
        CREATE TABLE fates AS
            SELECT object, record, reason, detail, excerpt FROM typed
            WHERE reason IS NOT NULL AND (reason = '{Reason.TOO_LARGE}' OR object NOT IN (FROM refused))
            QUALIFY row_number() OVER (PARTITION BY object, record ORDER BY row_in_record) = 1;
        CREATE TABLE duplicates AS
            SELECT object, record FROM typed WHERE {candidates} AND hash({identity}) IN (FROM repeated)
            QUALIFY row_number() OVER (PARTITION BY {identity} ORDER BY object, record) > 1;
        DELETE FROM fates USING duplicates
            WHERE fates.object = duplicates.object AND fates.record = duplicates.record;
        INSERT INTO fates SELECT object, record, '{Reason.DUPLICATE}', NULL, NULL FROM duplicates;
        CREATE VIEW records AS
            SELECT typed.* EXCLUDE (reason, detail, excerpt), fates.reason, fates.detail, fates.excerpt
            FROM typed LEFT JOIN fates USING (object, record)
            WHERE row_in_record = 1 AND (fates.reason IS NOT NULL OR object NOT IN (FROM refused));
        CREATE VIEW rows AS
            SELECT *, is_answered AND readable AS kept
            FROM (
                SELECT number, event_id, inference_id, row_in_record, is_answered,
                    fates.reason IS NULL AND object NOT IN (FROM refused) AS readable
                FROM typed LEFT JOIN fates USING (object, record)
            );
    """)
