"""Captures and labels of a window to one canonical Parquet file and one quarantine file."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.config.deployment.connections import Connections, no_connections
from daywatch.engine.budget import INFERENCES_ROW_GROUP, WRITING_COLUMN_MB, WRITING_MB
from daywatch.engine.duck import duckdb_in, identifier, memory_limit, memory_of, one_thread_a_query
from daywatch.ingest.accounting import ExportCounts, count_records
from daywatch.ingest.captures.registry import source_of
from daywatch.ingest.captures.source import of_object
from daywatch.ingest.intake import Intake, take_over
from daywatch.ingest.labels.load import join_labels, label_source, load_labels, megabytes_of_rows
from daywatch.ingest.labels.maturity import known_until
from daywatch.ingest.labels.source import LabelRequest
from daywatch.ingest.listing import listing_of
from daywatch.ingest.payloads.redaction import quotable, sentence
from daywatch.ingest.payloads.typed_rows import answer_columns, value_column
from daywatch.ingest.reading.lines import megabytes_for_lines
from daywatch.ingest.reading.quarantine import Reason
from daywatch.ingest.row_lookup import provide_labels, provide_readable

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.captures.source import SourceObject
    from daywatch.ingest.labels.source import LabelObject
    from daywatch.storage import Storage
    from daywatch.window import Window


@dataclass(frozen=True)
class ExportedFiles:
    """The files of an export, still local.

    Attributes:
        inferences: Canonical Parquet.
        quarantine: Quarantine Parquet.
        operations: Parquet of what is known of the serving of each readable record.
        spilled: Folder of what is not needed any more.
        counts: What was read.
        digest: SHA-256 over the files and the counts; the same evidence gives the same digest.
        listing: Fingerprint of what a listing of the evidence showed.
        known_until: The last day of collection that labels were read of.
    """

    inferences: Path
    quarantine: Path
    operations: Path
    spilled: Path
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
    operations, spilled = scratch / "operations.parquet", scratch / "spilled"
    spilled.mkdir(exist_ok=True)
    source = source_of(model)
    objects = [
        one for one in source.objects(storage, window) if known_on is None or one.start.date() <= known_on
    ]
    room = max(WRITING_MB, len(model.stored_features) * WRITING_COLUMN_MB)
    with duckdb_in(scratch, megabytes_for_lines(len(model.stored_features))) as connection:
        usual = memory_limit(connection)
        take_over(connection, Intake(model, window, source, objects, storage, connections, spilled))
        provide_readable(connection)
        truths = load_labels(connection, model, LabelRequest(window, storage, connections, known_on), spilled)
        join_labels(connection, spilled)
        provide_labels(connection, model)
        own = [one.stored for one in objects if one.in_window(window)]
        truth = label_source(model, storage)

        def account(cursor: duckdb.DuckDBPyConnection) -> tuple[ExportCounts, date | None]:
            _write_operations(cursor, model, operations)
            _write_quarantine(cursor, storage, model, objects, truths, quarantine)
            counts = count_records(cursor, own, storage.address(source.folder), truth, window)
            return counts, known_until(cursor, truths)

        room += megabytes_of_rows(connection)
        with (
            one_thread_a_query(connection),
            # A long line has raised it, and takes as much again while it is written.
            memory_of(connection, room) if memory_limit(connection) == usual else nullcontext(),
            ThreadPoolExecutor(1) as beside,
        ):
            accounted = beside.submit(account, connection.cursor())
            _write_inferences(connection, model, inferences)
            counts, known = accounted.result()
    digest = hashlib.sha256()
    for path in (inferences, quarantine, operations):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    digest.update(counts.model_dump_json().encode())
    listing = listing_of([one.stored for one in objects], truths)
    return ExportedFiles(
        inferences, quarantine, operations, spilled, counts, digest.hexdigest(), listing, known
    )


def _write_inferences(connection: duckdb.DuckDBPyConnection, model: MonitoredModel, target: Path) -> None:
    """Write canonical Parquet: one row an inference, its label beside."""
    names = [*(feature.name for feature in model.stored_features), *answer_columns(model)]
    values = ", ".join(f"{value_column(model, name)} AS {identifier(name)}" for name in names)
    connection.execute(
        f"""
        COPY (
            SELECT event_id, inference_id, inference_time, {of_object("key")} AS source_key,
                record AS source_record, row_in_record, {values},
                label_of(number) AS label
            FROM typed WHERE is_answered AND is_readable(number)
        ) TO '{target}' (
            FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 4000,
            ROW_GROUP_SIZE {INFERENCES_ROW_GROUP}
        )
        """
    )


def _write_operations(connection: duckdb.DuckDBPyConnection, model: MonitoredModel, target: Path) -> None:
    """Write one row a readable record with what is known of its serving, answered or not."""
    # Nobody can tell which of a redacting model's columns clients repeat in their attributes.
    attributes = "NULL::VARCHAR" if model.redaction.columns else "attributes"
    connection.execute(
        f"""
        COPY (
            SELECT event_id, inference_id, inference_time, status, latency_ms, request_bytes, response_bytes,
                model_version, variant, sampling_percent, {attributes} AS attributes
            FROM typed WHERE row_in_record = 1 AND is_readable(number)
        ) TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)
        """
    )


def _write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    model: MonitoredModel,
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
            SELECT kind, address AS source, record, reason, {sentence("detail", model)} AS detail,
                {quotable("excerpt", model)} AS excerpt
            FROM bad JOIN addresses USING (kind, object) ORDER BY kind, source, record
        ) TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)
    """)
