"""Captures and labels of a window to one canonical Parquet file and one quarantine file."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.capture.accounting import ExportCounts, count_records
from daywatch.capture.payload import SQL_TYPES, answer_type, parse_payloads, value_column
from daywatch.capture.reasons import Reason
from daywatch.capture.sagemaker_realtime import folder, hour_of, parse_records, window_objects
from daywatch.config.connections import Connections, no_connections
from daywatch.engine.duck import duckdb_in, identifier
from daywatch.labels.load import LABEL, LABEL_JOINS, label_source, load_labels
from daywatch.labels.maturity import known_until
from daywatch.listing import listing_of
from daywatch.window import HOUR

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model import MonitoredModel
    from daywatch.labels.source import LabelObject
    from daywatch.storage import Storage, StoredObject
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
        listing: Fingerprint of what a listing of the evidence showed.
        known_until: The last day of collection that labels were read of.
    """

    inferences: Path
    quarantine: Path
    operations: Path
    counts: ExportCounts
    digest: str
    listing: str
    known_until: date | None


def export_window(
    window: Window,
    model: MonitoredModel,
    storage: Storage,
    scratch: Path,
    connections: Connections = no_connections,
    known_on: date | None = None,
) -> ExportedFiles:
    """Read a window's captures and labels and write both files.

    Args:
        window: Decides by each record's own time.
        model: What the payloads hold.
        storage: The data URI's.
        scratch: Folder for the files and DuckDB's spill.
        connections: Looks the connection of labels in a database up.
        known_on: Captures and labels dated after this day are not read; None for all there are.

    Raises:
        InfrastructureError: The storage did not answer.
        AccountingError: The counts do not add up: a defect.
    """
    inferences, quarantine = scratch / "inferences.parquet", scratch / "quarantine.parquet"
    operations = scratch / "operations.parquet"
    objects = [
        stored
        for stored in window_objects(storage, model.capture, window)
        if known_on is None or hour_of(stored, model.capture).date() <= known_on
    ]
    with duckdb_in(scratch) as connection:
        parse_records(connection, storage, objects)
        _keep_window(connection, objects, model, window)
        parse_payloads(connection, model)
        truths = load_labels(connection, storage, model, window, connections, known_on)
        _write_inferences(connection, model, inferences)
        _write_quarantine(connection, storage, objects, truths, quarantine)
        _write_operations(connection, operations)
        own = [stored for stored in objects if window.start <= hour_of(stored, model.capture) < window.end]
        source, truth = storage.address(folder(model.capture)), label_source(model, storage)
        counts = count_records(connection, own, source, truth, window)
        known = known_until(connection, truths)
    digest = hashlib.sha256()
    for path in (inferences, quarantine, operations):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    digest.update(counts.model_dump_json().encode())
    listing = listing_of(objects, truths)
    return ExportedFiles(inferences, quarantine, operations, counts, digest.hexdigest(), listing, known)


def _keep_window(
    connection: duckdb.DuckDBPyConnection, objects: list[StoredObject], model: MonitoredModel, window: Window
) -> None:
    """Drop records of other windows, so that every record belongs to one window.

    That is the window of its time where it lies in the folder of its hour or of a neighbouring one, which
    that window reads too; otherwise, and where it has no time, the window of its folder.
    """
    connection.execute(
        "CREATE TABLE objects (object INTEGER, key VARCHAR, hour TIMESTAMPTZ,"
        " earliest TIMESTAMPTZ, latest TIMESTAMPTZ)"
    )
    hours = [(n, stored.key, hour_of(stored, model.capture)) for n, stored in enumerate(objects)]
    if hours:
        rows = [(n, key, hour, hour - HOUR, hour + 2 * HOUR) for n, key, hour in hours]
        connection.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?)", rows)
    near = "coalesce(inference_time >= earliest AND inference_time < latest, false)"
    connection.execute(
        f"""
        DELETE FROM records USING objects WHERE records.object = objects.object AND NOT CASE WHEN {near}
            THEN inference_time >= $start AND inference_time < $end
            ELSE hour >= $start AND hour < $end END
        """,
        {"start": window.start, "end": window.end},
    )
    connection.execute(f"""
        UPDATE records SET reason = '{Reason.MISPLACED}',
            detail = 'its inferenceTime ' || inference_time || ' lies more than an hour off its folder'
        FROM objects WHERE records.object = objects.object AND records.reason IS NULL AND NOT {near}
    """)
    connection.execute(f"""
        UPDATE records SET reason = '{Reason.DUPLICATE}' FROM (
            SELECT object, record, row_number() OVER (PARTITION BY event_id ORDER BY object, record) AS nth
            FROM records WHERE reason IS NULL
        ) AS seen
        WHERE seen.nth > 1 AND records.object = seen.object AND records.record = seen.record
    """)


def _write_inferences(connection: duckdb.DuckDBPyConnection, model: MonitoredModel, target: Path) -> None:
    """Write canonical Parquet: one row an inference, its label joined by inference id, else event id."""
    answers = [name for name in ("prediction", "probability") if name in model.output.response]
    names = [*(feature.name for feature in model.features), *answers]
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
    """Write one row a readable record with what is known of its serving: SageMaker's captures carry none."""
    connection.execute(
        f"""
        COPY (
            SELECT event_id, inference_id, inference_time, NULL::VARCHAR AS status, NULL::DOUBLE AS latency_ms,
                NULL::BIGINT AS request_bytes, NULL::BIGINT AS response_bytes, NULL::VARCHAR AS model_version,
                NULL::VARCHAR AS variant, NULL::DOUBLE AS sampling_percent
            FROM records WHERE reason IS NULL ORDER BY inference_time, event_id
        ) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
        """
    )


def _write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: list[StoredObject],
    truths: list[LabelObject],
    target: Path,
) -> None:
    """Write every record and label that could not be read, with its key, number, reason and excerpt."""
    keys = [("capture", n, storage.address(one.key)) for n, one in enumerate(objects)]
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
