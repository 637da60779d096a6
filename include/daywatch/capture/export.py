"""Captures and labels of a window to one canonical Parquet file and one quarantine file."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.capture.accounting import ExportCounts, count_records
from daywatch.capture.payload import answer_columns, parse_payloads, value_column
from daywatch.capture.reasons import Reason
from daywatch.capture.sources.registry import source_of
from daywatch.capture.sources.source import RECORD_COLUMNS, SourceObject
from daywatch.capture.typed import SQL_TYPES, answer_type
from daywatch.config.connections import Connections, no_connections
from daywatch.engine.duck import duckdb_in, identifier
from daywatch.labels.load import LABEL, LABEL_JOINS, label_source, load_labels

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model import MonitoredModel
    from daywatch.labels.source import LabelObject
    from daywatch.storage import Storage
    from daywatch.window import Window

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExportedFiles:
    """The files of an export, still local.

    Attributes:
        inferences: Canonical Parquet.
        quarantine: Quarantine Parquet.
        operations: Parquet of what is known of the serving of each readable record.
        counts: What was read.
        digest: SHA-256 over the files and the counts; the same evidence gives the same digest.
    """

    inferences: Path
    quarantine: Path
    operations: Path
    counts: ExportCounts
    digest: str


def export_window(
    window: Window,
    model: MonitoredModel,
    storage: Storage,
    scratch: Path,
    connections: Connections = no_connections,
) -> ExportedFiles:
    """Read a window's captures and labels and write the files.

    Args:
        window: Decides by each record's own time.
        model: What the payloads hold.
        storage: The data URI's.
        scratch: Folder for the files and DuckDB's spill.
        connections: Looks the connection of labels in a database up.

    Raises:
        InfrastructureError: The storage did not answer.
        AccountingError: The counts do not add up: a defect.
    """
    inferences, quarantine = scratch / "inferences.parquet", scratch / "quarantine.parquet"
    operations = scratch / "operations.parquet"
    source = source_of(model)
    objects = source.objects(storage, window)
    with duckdb_in(scratch) as connection:
        connection.execute(f"CREATE TABLE records ({RECORD_COLUMNS})")
        source.read(connection, storage, objects, scratch)
        _refuse_objects(connection)
        _keep_window(connection, objects, window)
        parse_payloads(connection, model)
        truths = load_labels(connection, storage, model, window, connections)
        _write_inferences(connection, model, inferences)
        _write_quarantine(connection, storage, objects, truths, quarantine)
        _write_operations(connection, operations)
        own = [one.stored for one in objects if one.in_window(window)]
        truth = label_source(model, storage)
        counts = count_records(connection, own, storage.address(source.folder), truth, window)
    digest = hashlib.sha256()
    for path in (inferences, quarantine, operations):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    digest.update(counts.model_dump_json().encode())
    return ExportedFiles(inferences, quarantine, operations, counts, digest.hexdigest())


def _refuse_objects(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what was read of an object that turned out too large: it is refused as a whole."""
    connection.execute(f"""
        DELETE FROM records WHERE coalesce(reason, '') <> '{Reason.TOO_LARGE}'
            AND object IN (SELECT object FROM records WHERE reason = '{Reason.TOO_LARGE}')
    """)


def _keep_window(connection: duckdb.DuckDBPyConnection, objects: list[SourceObject], window: Window) -> None:
    """Drop records of other windows, so that every record belongs to one window.

    That is the window of its time where its folder may hold such a time, because that window reads the
    folder too; otherwise, and where it has no time, the window of its folder.
    """
    connection.execute(
        "CREATE TABLE objects "
        "(object INTEGER, key VARCHAR, start TIMESTAMPTZ, earliest TIMESTAMPTZ, latest TIMESTAMPTZ)"
    )
    if objects:
        rows = [(n, one.stored.key, one.start, one.earliest, one.latest) for n, one in enumerate(objects)]
        connection.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?)", rows)
    near = "coalesce(inference_time >= earliest AND inference_time < latest, false)"
    connection.execute(
        f"""
        DELETE FROM records USING objects WHERE records.object = objects.object AND NOT CASE WHEN {near}
            THEN inference_time >= $start AND inference_time < $end
            ELSE objects.start >= $start AND objects.start < $end END
        """,
        {"start": window.start, "end": window.end},
    )
    connection.execute(f"""
        UPDATE records SET reason = '{Reason.MISPLACED}',
            detail = 'its time ' || inference_time || ' is not from ' || earliest || ' to ' || latest
                || ', as its folder says'
        FROM objects WHERE records.object = objects.object AND records.reason IS NULL AND NOT {near}
    """)
    connection.execute(f"""
        UPDATE records SET reason = '{Reason.DUPLICATE}' FROM (
            SELECT object, record, row_number() OVER (
                -- An attempt that failed and the one after it that did not are two records of one id.
                PARTITION BY event_id, coalesce(status, 'succeeded') ORDER BY object, record) AS nth
            FROM records WHERE reason IS NULL
        ) AS seen
        WHERE seen.nth > 1 AND records.object = seen.object AND records.record = seen.record
    """)


def _write_inferences(connection: duckdb.DuckDBPyConnection, model: MonitoredModel, target: Path) -> None:
    """Write canonical Parquet: one row an inference, its label joined by inference id, else event id."""
    names = [*(feature.name for feature in model.features), *answer_columns(model)]
    values = ", ".join(f"rows.{value_column(model, name)} AS {identifier(name)}" for name in names)
    label_type = SQL_TYPES[answer_type(model)]
    connection.execute(
        f"""
        COPY (
            SELECT records.event_id, records.inference_id, records.inference_time,
                objects.key AS source_key, records.record AS source_record, rows.row_in_record,
                {values}, CAST({LABEL} AS {label_type}) AS label
            FROM rows
            JOIN records USING (object, record)
            JOIN objects USING (object)
            {LABEL_JOINS}
            WHERE records.reason IS NULL
            ORDER BY records.inference_time, records.event_id, rows.row_in_record
        ) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
        """
    )


def _write_operations(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Write one row a readable record with what is known of its serving, answered or not."""
    connection.execute(
        f"""
        COPY (
            SELECT event_id, inference_id, inference_time, status, latency_ms, request_bytes, response_bytes,
                model_version, variant, NULL::DOUBLE AS sampling_percent
            FROM records WHERE reason IS NULL ORDER BY inference_time, event_id
        ) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
        """
    )


def _write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: list[SourceObject],
    truths: list[LabelObject],
    target: Path,
) -> None:
    """Write every record and label that could not be read, with its key, number, reason and excerpt."""
    keys = [("capture", n, storage.address(one.stored.key)) for n, one in enumerate(objects)]
    keys += [("label", n, one.address) for n, one in enumerate(truths)]
    connection.execute("CREATE TABLE addresses (kind VARCHAR, object INTEGER, address VARCHAR)")
    if keys:
        connection.executemany("INSERT INTO addresses VALUES (?, ?, ?)", keys)
    connection.execute(f"""
        COPY (
            WITH bad AS (
                SELECT 'capture' AS kind, object, record, reason, detail, excerpt FROM records
                WHERE reason <> '{Reason.DUPLICATE}'
                UNION ALL
                SELECT 'label', object, record, reason, detail, excerpt FROM label_records
                WHERE reason IS NOT NULL
            )
            SELECT kind, address AS source, record, reason, detail, excerpt
            FROM bad JOIN addresses USING (kind, object) ORDER BY kind, source, record
        ) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
    """)
