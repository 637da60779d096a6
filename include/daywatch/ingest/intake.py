"""The records of a source as typed rows in local Parquet files, and the outcome of each record.

Lines stream through one query: nothing is held in memory or sorted as a whole. Rows keep the order of their
records, records that of their objects, and objects the order of their keys: first the objects before the window,
then the window's own, then those after it.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Selection
from daywatch.engine.budget import DUPLICATES_MB
from daywatch.engine.duck import identifier, memory_of, one_thread_a_query, spill, text
from daywatch.engine.settings import settings_in_force
from daywatch.errors import SetupError
from daywatch.ingest.captures.source import (
    RECORD_COLUMNS,
    Records,
    SourceObject,
    TableRecords,
    of_object,
    provide_objects,
    set_object_variables,
)
from daywatch.ingest.kept import redacted_kept
from daywatch.ingest.payloads.one_side import provide_csv_rows
from daywatch.ingest.payloads.redaction import provide_key
from daywatch.ingest.payloads.split_rows import ABOUT
from daywatch.ingest.payloads.typed_rows import excerpt, rows_query, value_columns
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
"""The same number on every machine: the row groups of the files, and so the revision, must not depend on threads."""

_LEAST_SHARE = 2 << 20
"""Bytes of a share at least: DuckDB plans a share's query in a fifth of a second, and reads this in less."""


@dataclass(frozen=True)
class Intake:
    """What is read for a window, and with which configuration.

    Attributes:
        model: The model's configuration: features, answers, payload layout, redaction.
        window: The window; a record belongs to it by the record's own time.
        source: The source that reads the objects.
        objects: The objects that may hold records of the window, in the order of their keys.
        storage: The storage of the data URI, which holds the objects.
        connections: Look-up of Airflow connections, for the key of redaction.
        scratch: Existing local folder for the Parquet files.
    """

    model: MonitoredModel
    window: Window
    source: Source
    objects: list[SourceObject]
    storage: Storage
    connections: Connections
    scratch: Path


def ingest(connection: duckdb.DuckDBPyConnection, intake: Intake) -> None:
    """Read a window's records and decide the outcome of each: rows, quarantine, duplicate or unanswered.

    Makes the table ``objects`` and these views:

    - ``typed_rows``: one row per inference, its values in the columns that ``value_column`` names, in the order of the
      objects; ``number`` is the row's position. A record without inferences has one row too.
      ``reason`` and ``detail`` say why it cannot be read, and ``is_whole`` whether they are about the whole record.
    - ``read_records``: every record of the window, as it was read.
    - ``records``: every record of the window; ``reason`` says why none of its rows is exported.
    - ``row_outcomes``: the rows of ``typed_rows`` without their values; ``counts`` is true where the record counts, as
      one seen twice does not, ``served`` where the record itself can be read too, ``readable`` where the row can,
      and ``kept`` where it was answered, so that it is exported.

    Args:
        connection: The connection of the export; gets the table and the views.
        intake: What is read, and with which configuration.

    Raises:
        SetupError: The model redacts with a key, but there is no such key.
        InfrastructureError: The storage did not answer, or an object changed while it was read.
    """
    provide_csv_rows(connection)
    connection.execute(f"CREATE TABLE no_records ({RECORD_COLUMNS})")
    provide_objects(connection, intake.objects)
    provide_key(connection, intake.model, intake.connections)
    shares = [share for share in _shares(intake.objects, intake.window) if share]
    with one_thread_a_query(connection) as threads, ThreadPoolExecutor(threads) as pool:
        at_once = threads if len(shares) == 1 else 1
        shares_read = [
            # Each thread runs in the stage's context, which holds the engine's bounds.
            pool.submit(copy_context().run, _ingest_share, connection.cursor(), intake, n, share, at_once)
            for n, share in enumerate(shares)
        ]
    files = _files_of(connection, intake, shares, shares_read)
    # A window without records has all columns too. And DuckDB writes columns as NOT NULL where the statistics of a
    # single file say so: the bytes of a day would change when the first object of the next one arrives. The file
    # without rows comes last, because DuckDB plans its queries by the first file.
    of_none = _typed_rows("FROM no_records", intake.model, intake.window)
    empty = f"FROM read_parquet({files[0]}) LIMIT 0" if files else of_none
    files = [*files, spill(connection, empty, intake.scratch / "rows.parquet")]
    connection.execute(f"SET VARIABLE spilled_files = [{', '.join(files)}]")
    connection.execute(f"""
        CREATE VIEW typed_rows AS SELECT *, file_index::BIGINT << 40 | file_row_number AS number
        FROM read_parquet([{", ".join(files)}])
    """)
    with memory_of(connection, DUPLICATES_MB):
        _decide_outcomes(connection)


def _files_of(
    connection: duckdb.DuckDBPyConnection,
    intake: Intake,
    shares: list[dict[int, SourceObject]],
    read: list[Future[list[str]]],
) -> list[str]:
    """Return the files of all shares; one that did not fit into memory is read again, alone and with all of it.

    Raises:
        SetupError: It does not fit then either.
    """
    import duckdb

    files: list[str] = []
    for number, (share, found) in enumerate(zip(shares, read, strict=True)):
        try:
            files += found.result()
        except duckdb.OutOfMemoryException:
            bound = settings_in_force().memory
            connection.execute(f"SET memory_limit = '{bound}B'")
            try:
                files += _ingest_share(connection.cursor(), intake, number, share)
            except duckdb.OutOfMemoryException as error:
                msg = (
                    f"The captures of {intake.model.model} need more memory than the {bound // 1_000_000:,} MB that "
                    "DuckDB may take. Set DAYWATCH_ENGINE_MEMORY to more, or capture.limits.line_megabytes to less, "
                    "so that longer records go to quarantine."
                )
                raise SetupError(msg) from error
    return files


def _shares(objects: list[SourceObject], window: Window) -> list[dict[int, SourceObject]]:
    """Return shares of the objects, by number and in order; the window's own objects are in shares of similar size.

    Objects before and after the window have shares of their own, so that they do not change how the window's own
    rows are spread over files: the objects after it may not exist yet.
    """
    own = [number for number, one in enumerate(objects) if one.in_window(window)]
    total, seen = sum(objects[number].stored.size for number in own), 0
    most = min(_SHARES, 1 + total // _LEAST_SHARE)
    shares: list[dict[int, SourceObject]] = [{} for _ in range(_SHARES + 2)]
    for number, one in enumerate(objects):
        if one.in_window(window):
            middle = seen + one.stored.size // 2
            shares[1 + min(middle * most // max(total, 1), most - 1)][number] = one
            seen += one.stored.size
        else:
            shares[0 if one.start < window.start else -1][number] = one
    return shares


def _ingest_share(
    connection: duckdb.DuckDBPyConnection,
    intake: Intake,
    number: int,
    objects: dict[int, SourceObject],
    at_once: int = 1,
) -> list[str]:
    """Write the typed rows of a share of the objects to Parquet and return the paths of the files as SQL.

    Args:
        connection: A connection of its own.
        intake: What is read, and with which configuration.
        number: The number of the share.
        objects: The objects of the share, by number.
        at_once: Queries that run at the same time, where the source has parts of a query.
    """
    _prepare(connection, intake)
    files: list[str] = []
    queries = intake.source.read(connection, intake.storage, objects, intake.scratch)
    records = next(queries, None)
    while records is not None:
        try:
            files += _spill_parts(connection, intake, records, (number, len(files)), at_once)
        except Exception as error:  # the source raises it again, unless it has another query
            records = queries.throw(error)
        else:
            records = next(queries, None)
    return files


def _prepare(connection: duckdb.DuckDBPyConnection, intake: Intake) -> None:
    """Let a connection run the queries of sources: variables belong to one connection."""
    set_object_variables(connection)
    provide_key(connection, intake.model, intake.connections)


def _spill_parts(
    connection: duckdb.DuckDBPyConnection,
    intake: Intake,
    records: Records,
    numbers: tuple[int, int],
    at_once: int,
) -> list[str]:
    """Write the typed rows of records to one file for each part and return their paths as SQL.

    Args:
        connection: The connection that runs the query; parts have connections of their own.
        intake: What is read, and with which configuration.
        records: The records, as a source yields them.
        numbers: The numbers of the share and of its first file.
        at_once: Queries that run at the same time.
    """

    def write(part: Records, number: int, runs: duckdb.DuckDBPyConnection) -> str:
        target = intake.scratch / f"rows-{numbers[0]:03}-{numbers[1] + number:06}.parquet"
        return spill(runs, _typed_rows(part, intake.model, intake.window), target)

    if not (isinstance(records, TableRecords) and records.parts):
        return [write(records, 0, connection)]

    def write_part(part: TableRecords, number: int) -> str:
        runs = connection.cursor()
        _prepare(runs, intake)
        return write(part, number, runs)

    parts = [replace(records, query=one) for one in records.parts]
    with ThreadPoolExecutor(at_once) as pool:
        written = [pool.submit(copy_context().run, write_part, one, n) for n, one in enumerate(parts)]
    return [one.result() for one in written]


def _typed_rows(records: Records, model: MonitoredModel, window: Window) -> str:
    """Return SQL for the window's typed rows.

    Args:
        records: The query for records, as a source yields it.
        model: The model's configuration.
        window: The window.
    """
    query, types = (records.query, records.types) if isinstance(records, TableRecords) else (records, None)
    return f"""
        WITH records AS (
            FROM no_records UNION ALL BY NAME ({query})
        ),
        -- One row per record, with the interval of its object.
        dated AS (
            SELECT *, {of_object("start")} AS start, {of_object("earliest")} AS earliest,
                {of_object("latest")} AS latest
            FROM records
        ),
        -- The same; whether the condition of the configuration says that the record does not count.
        selected AS ({_selected(model)}),
        owned AS ({_owned(window)}),
        -- One row per record of the window; only answered ones keep their payloads.
        window_records AS (
            SELECT * REPLACE (CASE WHEN is_answered THEN request END AS request,
                    CASE WHEN is_answered THEN response END AS response)
                RENAME (reason AS record_reason, detail AS record_detail)
            FROM owned
        ), {rows_query(model, types)}
        SELECT {ABOUT}, rows_in_record, row_in_record, {", ".join(value_columns(model))}, misfits, is_whole, reason,
            detail
        FROM (
            SELECT * REPLACE (CASE WHEN reason IS NOT NULL THEN left({excerpt(model, types)}, {EXCERPT}) END AS excerpt,
                {redacted_kept(model)} AS kept)
            FROM judged
        )
    """


def _selected(model: MonitoredModel) -> str:
    """Return SQL with one row per record, and whether ``capture.where`` is false for it.

    A record for which it is neither true nor false, because a value is missing, counts: it may be one of the model's.
    """
    capture = model.capture
    if not isinstance(capture, Selection) or not capture.where:
        return "SELECT *, false AS is_filtered FROM dated"
    named = "".join(f", kept[{n}] AS {identifier(name)}" for n, name in enumerate(capture.keep, start=1))
    hidden = f"EXCLUDE ({', '.join(map(identifier, capture.keep))})" if capture.keep else ""
    false = f"coalesce(NOT TRY((\n{capture.where}\n)), false)"
    return f"""
        SELECT * {hidden}, CASE WHEN reason IS NULL THEN {false} ELSE false END AS is_filtered
        FROM (SELECT *{named} FROM dated)
    """


def _owned(window: Window) -> str:
    """Return SQL with one row per record of the window.

    A record belongs to the window of its time if its folder may hold such a time, because that window reads the
    folder too. Any other record, and one without a time, belongs to the window of its folder.
    """
    near = "coalesce(inference_time >= earliest AND inference_time < latest, false)"
    misplaced = f"reason IS NULL AND NOT is_filtered AND NOT {near}"
    start, end = (f"TIMESTAMPTZ {text(bound.isoformat())}" for bound in (window.start, window.end))
    return f"""
        SELECT * REPLACE (
                CASE WHEN {misplaced} THEN '{Reason.MISPLACED}' ELSE reason END AS reason,
                CASE WHEN {misplaced} THEN 'its time ' || inference_time || ' is not from ' || earliest
                    || ' to ' || latest || ', as its folder says' ELSE detail END AS detail),
            coalesce(status, 'succeeded') = 'succeeded' AND reason IS NULL AND NOT is_filtered AND {near} AS is_answered
        FROM selected WHERE CASE WHEN {near} THEN inference_time >= {start} AND inference_time < {end}
            ELSE start >= {start} AND start < {end} END
    """


def _decide_outcomes(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views ``read_records``, ``records`` and ``row_outcomes`` of ``typed_rows``.

    Only when everything is read is it known which objects are too large, so that they are refused as a whole,
    and which records are duplicates: of records with one id the first counts, in the order of the objects' keys.
    """
    # An attempt that failed and a later one that succeeded are two records of one id.
    identity = "event_id, coalesce(status, 'succeeded')"
    candidates = (
        "row_in_record = 1 AND record_reason IS NULL AND NOT is_filtered AND object NOT IN (FROM refused)"
    )
    connection.execute(f"""
        -- An object that is too large, and for that refused as a whole.
        CREATE TABLE refused AS SELECT DISTINCT object FROM typed_rows WHERE record_reason = '{Reason.TOO_LARGE}';
        -- A hash of an id that may come twice: hardly any does, and the ids of a large day do not fit into memory.
        CREATE TABLE repeated AS
            SELECT hash({identity}) AS hashed FROM typed_rows WHERE {candidates} GROUP BY ALL HAVING count(*) > 1;
        -- A record whose id came before.
        CREATE TABLE duplicates AS
            SELECT object, record, true AS is_duplicate FROM typed_rows
            WHERE {candidates} AND hash({identity}) IN (FROM repeated)
            QUALIFY row_number() OVER (PARTITION BY {identity} ORDER BY object, record) > 1;
        -- A record of several rows, none of which can be read.
        CREATE TABLE without_rows AS
            SELECT object, record, true AS is_without_rows FROM typed_rows
            WHERE rows_in_record > 1 AND reason IS NOT NULL
            GROUP BY object, record HAVING count(*) = any_value(rows_in_record);
        -- A row of typed_rows, with its outcome.
        CREATE VIEW row_outcomes AS
            SELECT *, counts AND NOT coalesce(is_whole AND record_reason IS NOT NULL, false) AS served,
                counts AND reason IS NULL AS readable, is_answered AND readable AS kept
            FROM (
                SELECT number, object, record, event_id, inference_id, row_in_record, rows_in_record, is_answered,
                    misfits, is_whole, record_reason, reason,
                    is_duplicate IS NULL AND NOT is_filtered AND object NOT IN (FROM refused) AS counts
                FROM typed_rows LEFT JOIN duplicates USING (object, record)
            );
        -- A record of the window, as it was read: no outcome is decided yet.
        CREATE VIEW read_records AS SELECT object, record FROM typed_rows WHERE row_in_record = 1 AND {_OF_OBJECT};
        -- A record of the window, with the reason why it has no rows.
        CREATE VIEW records AS
            SELECT typed_rows.* EXCLUDE (reason, detail, excerpt),
                CASE WHEN is_duplicate THEN '{Reason.DUPLICATE}'
                    WHEN is_whole OR rows_in_record = 1 OR is_without_rows THEN typed_rows.reason END AS reason
            FROM typed_rows LEFT JOIN duplicates USING (object, record) LEFT JOIN without_rows USING (object, record)
            WHERE row_in_record = 1 AND {_OF_OBJECT};
        -- A record or a row of one that cannot be read.
        CREATE VIEW unreadable AS
            SELECT object, record, CASE WHEN NOT is_whole THEN row_in_record END AS row_in_record,
                reason, detail, excerpt
            FROM typed_rows ANTI JOIN duplicates USING (object, record)
            WHERE reason IS NOT NULL AND {_OF_OBJECT};
    """)


_OF_OBJECT = f"(record_reason IS NOT DISTINCT FROM '{Reason.TOO_LARGE}' OR object NOT IN (FROM refused))"
"""SQL that is true for what an object that is refused as a whole counts: one record that says so."""
