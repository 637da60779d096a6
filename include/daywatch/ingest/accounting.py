"""What was read for a window and what became of it; nothing may be lost on the way."""

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
    """What was read for a window and what became of it.

    Attributes:
        source: Address of the folder that was looked in.
        label_source: Address of the ground truth, empty where the model has none.
        objects: Capture objects of the window's own hours.
        bytes: Their size.
        records: Capture records of the window; equals exported + quarantined + duplicates + unanswered.
        exported: Records that became rows.
        quarantined: Records that could not be read.
        duplicates: Records whose event id came before.
        unanswered: Records of requests that failed or timed out: of operations, without an inference.
        rows: Inferences; a record may hold several.
        reasons: Quarantined records and labels by reason code.
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
    """Count what was read, and check that nothing is lost.

    Args:
        connection: Holds ``records``, ``rows``, and the tables of ``load_labels``.
        own: Capture objects of the window's own hours.
        source: Address of the captures.
        label_source: Address of the ground truth.
        window: Whose counts.

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
        connection, "SELECT count(*) FILTER (row_in_record = 1), count(*) FROM rows WHERE kept"
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
