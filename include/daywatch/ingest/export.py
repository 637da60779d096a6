"""Captures and labels of a window to one canonical Parquet file and one quarantine file."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.deployment.connections import Connections, no_connections
from daywatch.engine.budget import (
    GROUP_COPIES,
    INFERENCES_GROUP,
    INFERENCES_ROW_GROUP,
    LONG_GROUP,
    WRITING_COLUMN_MB,
    WRITING_MB,
)
from daywatch.engine.duck import duckdb_in, identifier, memory_limit, memory_of, one_thread_a_query
from daywatch.ingest.accounting import count_records
from daywatch.ingest.captures.registry import source_of, stored_as_read
from daywatch.ingest.captures.source import of_object
from daywatch.ingest.category_types import CategoryTypes, find_category_types, spelled
from daywatch.ingest.concentration import concentrations
from daywatch.ingest.evidence_listing import evidence_listing
from daywatch.ingest.export_counts import ExportCounts
from daywatch.ingest.intake import Intake, ingest
from daywatch.ingest.kept import stored_kept
from daywatch.ingest.labels.load import (
    join_labels,
    label_folders,
    label_source,
    load_labels,
    megabytes_of_rows,
)
from daywatch.ingest.labels.maturity import known_until
from daywatch.ingest.labels.source import LabelRequest, Sample
from daywatch.ingest.payloads.confidence import of_positive_class
from daywatch.ingest.payloads.redaction import quotable, sentence
from daywatch.ingest.payloads.typed_rows import answer_columns, value_column
from daywatch.ingest.quarantine_groups import quarantine_groups
from daywatch.ingest.reading.portions import megabytes_for_lines
from daywatch.ingest.row_lookup import provide_labels, provide_readable

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.captures.source import Source, SourceObject
    from daywatch.ingest.labels.source import LabelObject
    from daywatch.storage import Storage
    from daywatch.window import Window


@dataclass(frozen=True)
class ExportedFiles:
    """The files of an export, still local.

    Attributes:
        inferences: Canonical Parquet.
        quarantine: Quarantine Parquet.
        operations: Parquet of how each readable record was served, such as its status and latency.
        spilled: Folder of intermediate files that nothing needs any more.
        counts: How many records and labels were read, with their outcomes.
        category_types: What the categories and classes are.
        digest: SHA-256 of the files and the counts, hexadecimal; the same evidence gives the same digest.
        evidence_listing: Fingerprint of the keys, sizes and ETags of all objects that were read.
        known_until: The last day of collection whose labels were read, None for none.
        objects: The capture objects in the window's own hours.
        label_objects: Number of the objects with labels that were read.
    """

    inferences: Path
    quarantine: Path
    operations: Path
    spilled: Path
    counts: ExportCounts
    category_types: CategoryTypes
    digest: str
    evidence_listing: str
    known_until: date | None
    objects: tuple[SourceObject, ...] = ()
    label_objects: int = 0


def export_window(
    window: Window,
    model: MonitoredModel,
    storage: Storage,
    scratch: Path,
    connections: Connections = no_connections,
    known_on: date | None = None,
    sample: Sample | None = None,
    category_types: CategoryTypes | None = None,
    source: Source | None = None,
    labels_in: Storage | None = None,
) -> ExportedFiles:
    """Read a window's captures and labels and write the files of the export.

    Args:
        window: The window; a record belongs to it by the record's own time.
        model: The model's configuration.
        storage: The storage of the captures.
        scratch: Existing local folder for the files and for what DuckDB spills.
        connections: Look-up of Airflow connections, for labels in a database and the key of redaction.
        known_on: Captures and labels dated after this day are not read; None reads all.
        sample: Bounds of the objects that are read, of captures and of labels; None reads all.
        category_types: What the baseline's categories and classes are; None for a baseline, which finds it out.
        source: What reads the rows; None for the source of the model's captures.
        labels_in: The storage of the labels; None for that of the captures.

    Raises:
        SetupError: A connection is missing, or the server refuses its key.
        InfrastructureError: The storage did not answer.
        AccountingError: The counts do not add up: a defect.
    """
    inferences, quarantine = scratch / "inferences.parquet", scratch / "quarantine.parquet"
    operations, spilled = scratch / "operations.parquet", scratch / "spilled"
    spilled.mkdir(exist_ok=True)
    source = source or source_of(model)
    objects = [
        one for one in source.objects(storage, window) if known_on is None or one.start.date() <= known_on
    ]
    if sample:
        objects = sample.of([(one, one.stored.size) for one in objects if one.in_window(window)])
    room = max(WRITING_MB, len(model.stored_features) * WRITING_COLUMN_MB)
    with duckdb_in(scratch, megabytes_for_lines(len(model.stored_features))) as connection:
        initial_limit = memory_limit(connection)
        ingest(connection, Intake(model, window, source, objects, storage, connections, spilled))
        provide_readable(connection)
        label_objects = load_labels(
            connection,
            model,
            LabelRequest(window, labels_in or storage, connections, known_on, sample),
            spilled,
        )
        types = category_types or find_category_types(connection, model)
        join_labels(connection, spelled("label", "label", types, model), spilled)
        provide_labels(connection, model)
        in_window = tuple(one for one in objects if one.in_window(window))
        own = [one.stored for one in in_window]
        labels = label_source(model, labels_in or storage)

        def count_and_quarantine(cursor: duckdb.DuckDBPyConnection) -> tuple[ExportCounts, date | None]:
            _write_operations(cursor, model, operations, group.rows)
            _write_quarantine(cursor, storage, model, objects, label_objects, quarantine)
            counts = count_records(
                cursor, model, quarantine, own, storage.address(source.folder), labels, window
            )
            update = {
                "quarantine": quarantine_groups(cursor, quarantine, model),
                "label_folders": label_folders(model, window),
                "concentrations": concentrations(cursor, model),
            }
            return counts.model_copy(update=update), known_until(cursor, label_objects)

        room += megabytes_of_rows(connection)
        group = _row_group(connection)
        # The rows of a group are gathered, and then encoded.
        room += (
            GROUP_COPIES * min(group.bytes, INFERENCES_GROUP) // 1_000_000 if group.bytes > LONG_GROUP else 0
        )
        with (
            one_thread_a_query(connection),
            # If a long line raised the limit, it stays: the line takes as much again while it is written.
            memory_of(connection, room) if memory_limit(connection) == initial_limit else nullcontext(),
            ThreadPoolExecutor(1) as pool,
        ):
            accounted = pool.submit(count_and_quarantine, connection.cursor())
            _write_inferences(connection, model, types, inferences, group.rows)
            counts, known = accounted.result()
    digest = hashlib.sha256()
    for path in (inferences, quarantine, operations):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    digest.update(counts.model_dump_json().encode())
    digest.update(types.model_dump_json().encode())
    listing = evidence_listing(stored_as_read(source, objects), label_objects)
    return ExportedFiles(
        inferences,
        quarantine,
        operations,
        spilled,
        counts,
        types,
        digest.hexdigest(),
        listing,
        known,
        in_window,
        len(label_objects),
    )


class _RowGroup(NamedTuple):
    """A row group of the files that are written.

    Attributes:
        rows: Number of its rows.
        bytes: Bytes of its rows, unpacked, where they are longest.
    """

    rows: int
    bytes: int


def _row_group(connection: duckdb.DuckDBPyConnection) -> _RowGroup:
    """Return the row group for the rows that were read: smaller where rows are long, because it is held as a whole.

    It depends on the rows only, because row groups are part of what the revision is computed from.
    """
    ((longest,),) = connection.execute("""
        SELECT coalesce(max(bytes / greatest(rows, 1)), 1)
        FROM (
            SELECT file_name, row_group_id, sum(total_uncompressed_size) AS bytes, any_value(row_group_num_rows) AS rows
            FROM parquet_metadata(getvariable('spilled_files')) GROUP BY ALL
        )
    """).fetchall()
    rows = max(1, min(INFERENCES_ROW_GROUP, int(INFERENCES_GROUP / max(longest, 1))))
    return _RowGroup(rows, int(rows * longest))


def _write_inferences(
    connection: duckdb.DuckDBPyConnection,
    model: MonitoredModel,
    types: CategoryTypes,
    target: Path,
    row_group: int,
) -> None:
    """Write canonical Parquet: one row per inference, with its label."""
    names = [*(feature.name for feature in model.stored_features), *answer_columns(model)]
    written = {name: spelled(value_column(model, name), name, types, model) for name in names}
    if "probability" in written:
        written["probability"] = of_positive_class(
            written["probability"], written["prediction"], model.output
        )
    written |= {name: stored_kept(model, name) for name in model.kept_in_slices}
    values = ", ".join(f"{value} AS {identifier(name)}" for name, value in written.items())
    connection.execute(
        f"""
        COPY (
            SELECT event_id, inference_id, inference_time, {of_object("key")} AS source_key,
                record AS source_record, row_in_record, {values},
                label_of(number) AS label
            FROM typed_rows WHERE is_answered AND is_readable(number)
        ) TO '{target}' (
            FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 4000,
            ROW_GROUP_SIZE {row_group}
        )
        """
    )


def _write_operations(
    connection: duckdb.DuckDBPyConnection, model: MonitoredModel, target: Path, row_group: int
) -> None:
    """Write how each request was served, answered or not, whose record says so, even if its rows cannot be read."""
    # Clients may repeat any of the columns that a model redacts in their attributes.
    attributes = "NULL::VARCHAR" if model.redaction.columns else "attributes"
    kept = "".join(f", {stored_kept(model, name)} AS {identifier(name)}" for name in model.kept)
    connection.execute(
        f"""
        COPY (
            SELECT event_id, inference_id, inference_time, status, latency_ms, request_bytes, response_bytes,
                model_version, variant, sampling_percent, {attributes} AS attributes{kept}
            FROM typed_rows WHERE row_in_record = 1 AND is_served(number)
        ) TO '{target}' (
            FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 4000,
            ROW_GROUP_SIZE {row_group}
        )
        """
    )


def _write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    model: MonitoredModel,
    objects: list[SourceObject],
    label_objects: list[LabelObject],
    target: Path,
) -> None:
    """Write what cannot be read, records, rows and labels: source, numbers, reason, sentence and excerpt."""
    import pyarrow as pa

    keys = [("capture", n, storage.address(one.stored.key)) for n, one in enumerate(objects)]
    keys += [("label", n, one.address) for n, one in enumerate(label_objects)]
    kinds, numbers, addresses = zip(*keys, strict=True) if keys else ((), (), ())
    given = {
        "kind": pa.array(kinds, pa.string()),
        "object": pa.array(numbers, pa.int32()),
        "address": pa.array(addresses, pa.string()),
    }
    connection.register("addresses", pa.table(given))
    connection.execute(f"""
        COPY (
            WITH bad AS (
                SELECT 'capture' AS kind, object, record, row_in_record, reason, detail, excerpt FROM unreadable
                UNION ALL
                SELECT 'label', object, record, NULL, reason, detail, excerpt FROM label_records
                WHERE reason IS NOT NULL
            )
            SELECT kind, address AS source, record, row_in_record, reason, {sentence("detail", model)} AS detail,
                {quotable("excerpt", model)} AS excerpt
            FROM bad JOIN addresses USING (kind, object) ORDER BY kind, source, record, row_in_record
        ) TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)
    """)
