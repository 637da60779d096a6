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
    """The records, or the labels, that were quarantined for one reason.

    Attributes:
        kind: ``capture`` or ``label``.
        reason: The reason code.
        records: Number of records or labels.
        columns: The columns that the sentences name, the most frequent first.
        source: Address of the example's object.
        record: Number of the example's record in that object.
        detail: The example's sentence: what was found, what was expected.
    """

    kind: str
    reason: str
    records: int
    columns: tuple[str, ...] = ()
    source: str
    record: int
    detail: str

    @property
    def example(self) -> str:
        """The example in a sentence: where it is, and what is wrong with it."""
        file = shown(self.source.rsplit("/", 1)[-1])
        where = f"{file}, record {self.record}" if self.record else file
        return f"{where}: {shown(self.detail, _DETAIL_LENGTH)}"

    @property
    def sentence(self) -> str:
        """The group in a line: reason, count, columns, example."""
        noun = "label" if self.kind == "label" else "record"
        columns = f" in {', '.join(map(shown, self.columns))}" if self.columns else ""
        return f"{self.reason}{columns} ({plural(self.records, noun)}), such as {self.example}"


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
            SELECT kind, reason, count(*) AS records, min((source, record, coalesce(detail, ''))) AS example
            FROM bad GROUP BY ALL
        )
        SELECT kind, reason, records, coalesce(columns, []), example[1], example[2], example[3]
        FROM grouped LEFT JOIN by_column USING (kind, reason) ORDER BY kind, records DESC, reason
    """).fetchall()
    return tuple(
        QuarantineGroup(
            kind=kind,
            reason=reason,
            records=records,
            columns=tuple(columns),
            source=source,
            record=record,
            detail=detail,
        )
        for kind, reason, records, columns, source, record, detail in found
    )
