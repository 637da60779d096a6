"""What was quarantined, by reason: counts, the columns that the reason names, and one example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.formatting import plural
from daywatch.results import Record
from daywatch.text import shown

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.model import MonitoredModel

MOST_COLUMNS = 10
"""Columns that a group names at most; a hostile client can break all of a thousand."""

_DETAIL_LENGTH = 240


class QuarantineGroup(Record):
    """The records, rows or labels that were quarantined for one reason.

    Attributes:
        kind: ``capture`` or ``label``.
        reason: The reason code.
        records: Number of records, quarantined whole or in part, or of labels.
        rows: Number of rows of records that were quarantined row by row.
        columns: The columns that the sentences name, the most frequent first.
        source: Address of the example's object.
        record: Number of the example's record in that object.
        row: Number of the example's row in that record, None for the whole record.
        detail: The example's sentence: what was found, what was expected.
    """

    kind: str
    reason: str
    records: int
    rows: int = 0
    columns: tuple[str, ...] = ()
    source: str
    record: int
    row: int | None = None
    detail: str

    @property
    def example(self) -> str:
        """The example in a sentence: where it is, and what is wrong with it."""
        file = shown(self.source.rsplit("/", 1)[-1])
        where = f"{file}, record {self.record}" if self.record else file
        if self.row and self.rows > self.records:
            where += f", row {self.row}"
        return f"{where}: {shown(self.detail, _DETAIL_LENGTH)}"

    @property
    def number(self) -> str:
        """How many there are, with rows where these are more than the records."""
        if self.rows > self.records:
            return f"{plural(self.rows, 'row')} of {plural(self.records, 'record')}"
        return plural(self.records, "label" if self.kind == "label" else "record")

    @property
    def sentence(self) -> str:
        """The group in a line: reason, count, columns, example."""
        columns = f" in {', '.join(map(shown, self.columns))}" if self.columns else ""
        return f"{self.reason}{columns} ({self.number}), such as {self.example}"


def quarantine_groups(
    connection: duckdb.DuckDBPyConnection, quarantine: Path, model: MonitoredModel
) -> tuple[QuarantineGroup, ...]:
    """Group the rows of a quarantine file by kind and reason: captures first, the most frequent reason first.

    Args:
        connection: Any connection.
        quarantine: Local quarantine file.
        model: The model's configuration, for the names of its columns.
    """
    names = [feature.name for feature in model.features]
    names += ["prediction", "probability", "probabilities", "label"]
    listed = ", ".join(text(name) for name in names)
    found = connection.execute(f"""
        WITH bad AS (
            SELECT *, split_part(detail, ': expected ', 1) AS named FROM read_parquet({text(str(quarantine))})
        ), by_column AS (
            SELECT kind, reason, list(named ORDER BY n DESC, named)[:{MOST_COLUMNS}] AS columns FROM (
                SELECT kind, reason, named, count(*) AS n FROM bad
                WHERE contains(detail, ': expected ') AND named IN ({listed}) GROUP BY ALL
            ) GROUP BY ALL
        ), grouped AS (
            SELECT kind, reason, if(kind = 'label', count(*), count(DISTINCT (source, record))) AS records,
                count(row_in_record) AS rows,
                min((source, record, coalesce(row_in_record, 0), coalesce(detail, ''))) AS example
            FROM bad GROUP BY kind, reason
        )
        SELECT kind, reason, records, rows, coalesce(columns, []), example[1], example[2], example[3], example[4]
        FROM grouped LEFT JOIN by_column USING (kind, reason)
        ORDER BY kind, greatest(records, rows) DESC, reason
    """).fetchall()
    return tuple(
        QuarantineGroup(
            kind=kind,
            reason=reason,
            records=records,
            rows=rows,
            columns=tuple(columns),
            source=source,
            record=record,
            row=row or None,
            detail=detail,
        )
        for kind, reason, records, rows, columns, source, record, row, detail in found
    )
