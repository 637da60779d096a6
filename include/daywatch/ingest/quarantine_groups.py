"""What was quarantined, by reason: counts, the columns that the reason names, and one example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.formatting import count, plural
from daywatch.results import Record
from daywatch.text import shown

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.accounting import ExportCounts

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


def intake_sentences(counts: ExportCounts) -> tuple[str, ...]:
    """Return what was read, a sentence each: the records, the labels, and every reason of quarantine.

    Args:
        counts: Counts of an export.
    """
    records = (
        f"{plural(counts.records, 'record')} read from {counts.source}: {plural(counts.rows, 'row')} exported"
    )
    others = (
        (counts.quarantined, "quarantined"),
        (counts.duplicates, "duplicates"),
        (counts.unanswered, "unanswered"),
    )
    sentences = [", ".join([records, *(f"{count(number)} {what}" for number, what in others if number)])]
    if counts.label_source:
        labels = f"labels from {counts.label_source}: {plural(counts.labelled, 'row')} labelled"
        if counts.labels_quarantined:
            labels += f", {plural(counts.labels_quarantined, 'label')} quarantined"
        sentences.append("; ".join(filter(None, (labels, _unmatched(counts)))))
    return (*sentences, *(f"quarantined: {group.sentence}" for group in counts.quarantine))


def lost_records(counts: ExportCounts) -> str:
    """Return how many records were quarantined and why most of them were, empty where none was.

    Args:
        counts: Counts of an export.
    """
    return _lost(
        counts, "capture", f"{count(counts.quarantined)} of {plural(counts.records, 'record')} quarantined"
    )


def lost_labels(counts: ExportCounts) -> str:
    """Return how many labels were quarantined and why, and without any labelled row also how many match no row.

    Labels of earlier windows arrive every day, so where some rows are labelled the others say nothing.

    Args:
        counts: Counts of an export.
    """
    quarantined = _lost(counts, "label", f"{plural(counts.labels_quarantined, 'label')} quarantined")
    return "; ".join(filter(None, (quarantined, _unmatched(counts))))


def _lost(counts: ExportCounts, kind: str, quarantined: str) -> str:
    first = next((group for group in counts.quarantine if group.kind == kind), None)
    return f"{quarantined}, most often {first.sentence}" if first else ""


def _unmatched(counts: ExportCounts) -> str:
    if counts.labelled or not counts.labels_unmatched:
        return ""
    named = (
        f", such as that of {shown(counts.labels_unmatched_sample[0])!r}"
        if counts.labels_unmatched_sample
        else ""
    )
    return f"{plural(counts.labels_unmatched, 'label')} of no row of these days{named}"
