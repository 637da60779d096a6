"""How many records were read for a window, with their outcomes; none may be lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.errors import AccountingError
from daywatch.ingest.labels.counts import LabelCounts, count_labels
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.storage import StoredObject
    from daywatch.window import Window


class ExportCounts(LabelCounts):
    """Counts of the records and labels that were read for a window, by outcome.

    Attributes:
        source: Address of the folder of the captures.
        label_source: Address of the labels, empty for a model without labels.
        objects: Number of capture objects in the window's own hours.
        bytes: Size of these objects.
        records: Capture records of the window; equals exported + quarantined + duplicates + unanswered.
        exported: Records that became rows.
        quarantined: Records that could not be read.
        duplicates: Records with an event id that an earlier record has.
        unanswered: Records of requests that failed or timed out; they count for operations and have no rows.
        rows: Inferences; a record may hold several.
        reasons: Number of quarantined records and labels by reason code.
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
    reasons: dict[str, int]


def count_records(
    connection: duckdb.DuckDBPyConnection,
    own: list[StoredObject],
    source: str,
    label_source: str,
    window: Window,
) -> ExportCounts:
    """Count records and labels by outcome, and check that none is lost.

    Args:
        connection: Holds ``records``, ``row_outcomes``, and the tables of ``load_labels``.
        own: The capture objects in the window's own hours.
        source: Address of the folder of the captures.
        label_source: Address of the labels, empty for a model without labels.
        window: The window, for the age of its labels.

    Raises:
        AccountingError: The counts do not add up: a defect.
    """
    records, exported, unanswered, duplicates, quarantined = _one(
        connection,
        f"""
        SELECT count(*), count(*) FILTER (reason IS NULL AND coalesce(status, 'succeeded') = 'succeeded'),
            count(*) FILTER (reason IS NULL AND status <> 'succeeded'),
            count(*) FILTER (reason = '{Reason.DUPLICATE}'), count(*) FILTER (reason <> '{Reason.DUPLICATE}')
        FROM records
        """,
    )
    with_rows, rows = _one(
        connection, "SELECT count(*) FILTER (row_in_record = 1), count(*) FROM row_outcomes WHERE kept"
    )
    if with_rows != exported or records != exported + duplicates + unanswered + quarantined:
        msg = (
            f"{records} records were read, but {with_rows} became rows, {duplicates} were duplicates, "
            f"{unanswered} were not answered and {quarantined} were quarantined. This is a defect of Daywatch; "
            "nothing was stored."
        )
        raise AccountingError(msg)
    reasons = connection.execute(f"""
        SELECT reason, count(*) FROM (
            SELECT reason FROM records WHERE reason <> '{Reason.DUPLICATE}'
            UNION ALL SELECT reason FROM label_records WHERE reason IS NOT NULL
        ) GROUP BY reason ORDER BY reason
    """).fetchall()
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
        reasons=dict(reasons),
        **dict(count_labels(connection, window)),
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """Return the only row of a query."""
    row = connection.execute(query).fetchone()
    return row if row is not None else ()
