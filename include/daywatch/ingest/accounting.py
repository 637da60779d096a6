"""How many records and rows were read for a window, with their outcomes; none may be lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from daywatch.engine.duck import text
from daywatch.errors import AccountingError
from daywatch.ingest.labels.counts import LabelCounts, count_labels
from daywatch.ingest.payloads.typed_rows import checked_columns
from daywatch.ingest.quarantine_groups import QuarantineGroup
from daywatch.ingest.reading.quarantine import Reason
from daywatch.results import Record

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window


_DEFECT = "This is a defect of Daywatch; nothing was stored."
_LISTED = 20


class GuessedPayload(Record):
    """Payloads of which neither the record nor the configuration says what they are.

    Attributes:
        payload: Which one, its content type, and what it was taken for.
        records: Number of records.
    """

    payload: str
    records: int


class ExtraColumn(Record):
    """A column of captured tables, or a key of captured requests, that no feature has.

    Attributes:
        name: Its name.
        records: Number of records with it.
    """

    name: str
    records: int


class ExportCounts(LabelCounts):
    """Counts of the records, rows and labels that were read for a window, by outcome.

    Attributes:
        source: Address of the folder of the captures.
        label_source: Address of the labels, empty for a model without labels.
        objects: Number of capture objects in the window's own hours.
        bytes: Size of these objects.
        records: Capture records of the window; equals exported + quarantined + duplicates + unanswered.
        exported: Records of which at least one row was exported.
        quarantined: Records of which no row could be read.
        duplicates: Records with an event id that an earlier record has.
        unanswered: Records of requests that failed or timed out; they count for operations and have no rows.
        rows: Inferences that were exported; a record may hold several.
        rows_read: Rows of the records that could be split into rows; equals rows + rows_quarantined.
        rows_quarantined: Rows of these records that could not be read.
        reasons: Number of quarantined records, rows and labels by reason code.
        quarantine: The same by kind and reason, each with its columns and an example.
        type_mismatches: Number of values that do not fit their types, by column, where there are any.
        guessed_payloads: What was taken for CSV or JSON although no one says so, the most frequent first.
        named_records: Records whose values have names: those of a table, of JSON objects, of CSV with a header.
        extra_names: Number of names in them that no feature has.
        extra_columns: These names, the most frequent first.
    """

    source: str
    label_source: str
    objects: int
    bytes: int
    records: int
    exported: int
    quarantined: int
    duplicates: int
    unanswered: int = 0
    rows: int
    rows_read: int
    rows_quarantined: int
    reasons: dict[str, int]
    quarantine: tuple[QuarantineGroup, ...] = ()
    type_mismatches: dict[str, int] = Field(default_factory=dict)
    guessed_payloads: tuple[GuessedPayload, ...] = ()
    named_records: int = 0
    extra_names: int = 0
    extra_columns: tuple[ExtraColumn, ...] = ()

    @property
    def quarantined_share(self) -> float | None:
        """The share of the records that were quarantined, or that of the rows, if it is greater; None of nothing."""
        shares = ((self.quarantined, self.records), (self.rows_quarantined, self.rows_read))
        return max((part / whole for part, whole in shares if whole), default=None)

    def type_mismatch_shares(self, model: MonitoredModel) -> dict[str, float]:
        """Return the share of values that do not fit their types of each checked column; none without rows.

        Args:
            model: The model's configuration, for its columns.
        """
        columns = checked_columns(model) if self.rows_read else []
        return {name: self.type_mismatches.get(name, 0) / self.rows_read for name in columns}


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
    exported, unanswered, duplicates, quarantined, rows_read = _one(
        connection,
        f"""
        SELECT count(*) FILTER (reason IS NULL AND coalesce(status, 'succeeded') = 'succeeded'),
            count(*) FILTER (reason IS NULL AND status <> 'succeeded'),
            count(*) FILTER (reason = '{Reason.DUPLICATE}'), count(*) FILTER (reason <> '{Reason.DUPLICATE}'),
            coalesce(sum(rows_in_record) FILTER (
                is_answered AND NOT is_whole AND reason IS DISTINCT FROM '{Reason.DUPLICATE}'), 0)
        FROM records
        """,
    )
    rows, rows_quarantined = _one(
        connection,
        "SELECT count(*) FILTER (kept), count(*) FILTER (is_answered AND NOT is_whole AND NOT readable) "
        "FROM row_outcomes WHERE counts",
    )
    with_rows = _records_with_rows(connection)
    if with_rows != exported or records != exported + duplicates + unanswered + quarantined:
        msg = (
            f"{records} records were read, but {with_rows} became rows, {duplicates} were duplicates, "
            f"{unanswered} were not answered and {quarantined} were quarantined. {_DEFECT}"
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
        rows=rows,
        rows_read=rows_read,
        rows_quarantined=rows_quarantined,
        reasons=dict(reasons),
        type_mismatches=_type_mismatches(connection, model),
        guessed_payloads=_guessed_payloads(connection),
        **_extra_columns(connection),
        **dict(count_labels(connection, window)),
    )


def _records_with_rows(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many records have a row that is exported, counted from the rows."""
    first, later = _one(
        connection,
        """
        SELECT count(*) FILTER (row_in_record = 1), (
            SELECT count(*) FROM (
                SELECT DISTINCT object, record FROM row_outcomes WHERE kept AND row_in_record > 1
                    AND (object, record) IN (
                        SELECT (object, record) FROM row_outcomes
                        WHERE row_in_record = 1 AND rows_in_record > 1 AND NOT kept)
            )
        )
        FROM row_outcomes WHERE kept
        """,
    )
    return first + later


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
    (named,) = _one(connection, "SELECT count(extra_names) FROM records")
    found = connection.execute(f"""
        SELECT name, records, count(*) OVER () FROM (
            SELECT name, count(*) AS records FROM (SELECT unnest(extra_names) AS name FROM records) GROUP BY name
        ) ORDER BY records DESC, name LIMIT {_LISTED}
    """).fetchall()
    return {
        "named_records": named,
        "extra_names": found[0][2] if found else 0,
        "extra_columns": tuple(ExtraColumn(name=name, records=records) for name, records, _ in found),
    }


def read_counts(artifacts: Storage, key: str) -> ExportCounts:
    """Read the counts that an export stored.

    Args:
        artifacts: The storage of the artifacts.
        key: The key of a window's or a baseline's ``export.json``.

    Raises:
        FileNotFoundError: There is no such file.
        InfrastructureError: The storage did not answer.
    """
    return ExportCounts.model_validate_json(artifacts.read(key))


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """Return the only row of a query."""
    row = connection.execute(query).fetchone()
    return row if row is not None else ()
