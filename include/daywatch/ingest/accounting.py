"""How many records and rows were read for a window, with their outcomes; none may be lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daywatch.engine.duck import text
from daywatch.errors import AccountingError
from daywatch.ingest.export_counts import ExportCounts, ExtraColumn, GuessedPayload
from daywatch.ingest.labels.counts import count_labels
from daywatch.ingest.payloads.typed_rows import checked_columns
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.storage import StoredObject
    from daywatch.window import Window


_DEFECT = "This is a defect of Daywatch; nothing was stored."
_LISTED = 20


def count_records(
    connection: duckdb.DuckDBPyConnection,
    model: MonitoredModel,
    quarantine: Path,
    own: list[StoredObject],
    source: str,
    label_source: str,
    window: Window,
) -> ExportCounts:
    """Count records, rows and labels by outcome, and check that none is lost.

    Args:
        connection: Holds ``read_records``, ``records``, ``row_outcomes``, and the tables of ``load_labels``.
        model: The model's configuration, for the names of its columns.
        quarantine: The quarantine file.
        own: The capture objects in the window's own hours.
        source: Address of the folder of the captures.
        label_source: Address of the labels, empty for a model without labels.
        window: The window, for the age of its labels.

    Raises:
        AccountingError: The counts do not add up: a defect.
    """
    # Counted apart from the outcomes, so that one that is lost or comes twice is missed.
    (records,) = _one(connection, "SELECT count(*) FROM read_records")
    exported, unanswered, duplicates, quarantined, filtered, rows_read, guessed, named = _one(
        connection,
        f"""
        SELECT count(*) FILTER (reason IS NULL AND NOT is_filtered AND coalesce(status, 'succeeded') = 'succeeded'),
            count(*) FILTER (reason IS NULL AND NOT is_filtered AND status <> 'succeeded'),
            count(*) FILTER (reason = '{Reason.DUPLICATE}'), count(*) FILTER (reason <> '{Reason.DUPLICATE}'),
            count(*) FILTER (reason IS NULL AND is_filtered),
            coalesce(sum(rows_in_record) FILTER (
                is_answered AND NOT is_whole AND reason IS DISTINCT FROM '{Reason.DUPLICATE}'), 0),
            count(guessed), count(extra_names)
        FROM records
        """,
    )
    rows, rows_quarantined, first_rows, mismatched = _one(
        connection,
        """
        SELECT count(*) FILTER (kept), count(*) FILTER (is_answered AND NOT is_whole AND NOT readable),
            count(*) FILTER (kept AND row_in_record = 1), count(misfits)
        FROM row_outcomes WHERE counts
        """,
    )
    # Scans of their own only for what there is: each takes as long as the counts above.
    with_rows = first_rows + (_records_with_later_rows(connection) if rows > first_rows else 0)
    if with_rows != exported or records != exported + duplicates + unanswered + quarantined + filtered:
        msg = (
            f"{records} records were read, but {with_rows} became rows, {duplicates} were duplicates, "
            f"{unanswered} were not answered, {quarantined} were quarantined and {filtered} were filtered. {_DEFECT}"
        )
        raise AccountingError(msg)
    if rows_read != rows + rows_quarantined:
        msg = f"{rows_read} rows were read, but {rows} were exported and {rows_quarantined} quarantined. {_DEFECT}"
        raise AccountingError(msg)
    _check_quarantine(connection, quarantine, quarantined, rows_quarantined)
    reasons = connection.execute(
        f"SELECT reason, count(*) FROM read_parquet({text(str(quarantine))}) GROUP BY reason ORDER BY reason"
    ).fetchall()
    return ExportCounts(
        source=source,
        label_source=label_source,
        objects=len(own),
        bytes=sum(stored.size for stored in own),
        records=records,
        exported=exported,
        quarantined=quarantined,
        duplicates=duplicates,
        unanswered=unanswered,
        filtered=filtered,
        rows=rows,
        rows_read=rows_read,
        rows_quarantined=rows_quarantined,
        reasons=dict(reasons),
        type_mismatches=_type_mismatches(connection, model) if mismatched else {},
        guessed_payloads=_guessed_payloads(connection) if guessed else (),
        named_records=named,
        **(_extra_columns(connection) if named else {}),
        **dict(count_labels(connection, window)),
    )


def _records_with_later_rows(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many records have a row that is exported, but not their first one."""
    (records,) = _one(
        connection,
        """
        SELECT count(*) FROM (
            SELECT DISTINCT object, record FROM row_outcomes WHERE kept AND row_in_record > 1
                AND (object, record) IN (
                    SELECT (object, record) FROM row_outcomes
                    WHERE row_in_record = 1 AND rows_in_record > 1 AND NOT kept)
        )
        """,
    )
    return records


def _check_quarantine(
    connection: duckdb.DuckDBPyConnection, quarantine: Path, records: int, rows: int
) -> None:
    """Check the quarantine file against the counts: it has every row, and no record that was not quarantined.

    Raises:
        AccountingError: It has other rows: a defect.
    """
    written, whole = _one(
        connection,
        "SELECT count(row_in_record), count(*) - count(row_in_record) "
        f"FROM read_parquet({text(str(quarantine))}) WHERE kind = 'capture'",
    )
    if written != rows or whole > records:
        msg = (
            f"{records} records and {rows} rows were quarantined, but the quarantine has {whole} records and "
            f"{written} rows. {_DEFECT}"
        )
        raise AccountingError(msg)


def _type_mismatches(connection: duckdb.DuckDBPyConnection, model: MonitoredModel) -> dict[str, int]:
    """Return the number of values that do not fit their types by column, in the model's order."""
    counted = connection.execute("""
        SELECT misfit, count(*) FROM (
            SELECT unnest(misfits) AS misfit FROM row_outcomes WHERE counts AND misfits IS NOT NULL
        ) GROUP BY misfit ORDER BY misfit
    """).fetchall()
    names = checked_columns(model)
    return {names[number]: count for number, count in counted}


def _guessed_payloads(connection: duckdb.DuckDBPyConnection) -> tuple[GuessedPayload, ...]:
    found = connection.execute(f"""
        SELECT guessed, count(*) AS records FROM records WHERE guessed IS NOT NULL
        GROUP BY guessed ORDER BY records DESC, guessed LIMIT {_LISTED}
    """).fetchall()
    return tuple(GuessedPayload(payload=payload, records=records) for payload, records in found)


def _extra_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the counts of names that no feature has."""
    found = connection.execute(f"""
        SELECT name, records, count(*) OVER () FROM (
            SELECT name, count(*) AS records FROM (SELECT unnest(extra_names) AS name FROM records) GROUP BY name
        ) ORDER BY records DESC, name LIMIT {_LISTED}
    """).fetchall()
    return {
        "extra_names": found[0][2] if found else 0,
        "extra_columns": tuple(ExtraColumn(name=name, records=records) for name, records, _ in found),
    }


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """Return the only row of a query."""
    row = connection.execute(query).fetchone()
    return row if row is not None else ()
