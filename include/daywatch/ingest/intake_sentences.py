"""What was read for a window or a baseline, in sentences: records, labels, and why some could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.formatting import count, plural
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.ingest.export_counts import ExportCounts


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
        (counts.rows_quarantined if counts.rows_quarantined > counts.quarantined else 0, "rows quarantined"),
        (counts.duplicates, "duplicates"),
        (counts.unanswered, "unanswered"),
        (counts.filtered, "filtered by capture.where"),
    )
    sentences = [", ".join([records, *(f"{count(number)} {what}" for number, what in others if number)])]
    if counts.label_source:
        labels = f"labels from {counts.label_source}: {plural(counts.labelled, 'row')} labelled"
        if counts.labels_quarantined:
            labels += f", {plural(counts.labels_quarantined, 'label')} quarantined"
        sentences.append("; ".join(filter(None, (labels, _not_found(counts)))))
    return (*sentences, *(f"quarantined: {group.sentence}" for group in counts.quarantine))


def lost_records(counts: ExportCounts) -> str:
    """Return how many records were quarantined and why most of them were, empty where none was.

    Args:
        counts: Counts of an export.
    """
    lost = f"{count(counts.quarantined)} of {plural(counts.counted, 'record')} quarantined"
    if counts.rows_quarantined > counts.quarantined:
        lost = f"{count(counts.rows_quarantined)} of {plural(counts.rows_read, 'row')} quarantined"
    return _lost(counts, "capture", lost)


def lost_labels(counts: ExportCounts) -> str:
    """Return how many labels were quarantined and why, and without any labelled row also how many match no row.

    Labels of earlier windows arrive every day, so where some rows are labelled the others say nothing.

    Args:
        counts: Counts of an export.
    """
    quarantined = _lost(counts, "label", f"{plural(counts.labels_quarantined, 'label')} quarantined")
    return "; ".join(filter(None, (quarantined, _not_found(counts))))


def _lost(counts: ExportCounts, kind: str, quarantined: str) -> str:
    first = next((group for group in counts.quarantine if group.kind == kind), None)
    return f"{quarantined}, most often {first.sentence}" if first else ""


def _not_found(counts: ExportCounts) -> str:
    """Return where labels were looked for and what was there instead, empty where a row is labelled."""
    if counts.labelled or not counts.label_source:
        return ""
    looked = f" in {counts.label_place}" if counts.label_folders else ""
    if not counts.labels_unmatched:
        return f"no label of these rows{looked}" if looked and not counts.labels_quarantined else ""
    inference = (
        f", while an inference has the id {shown(counts.unlabelled_id)!r}" if counts.unlabelled_id else ""
    )
    return f"{_unmatched(counts)}{inference}{looked and f', {looked.strip()}'}"


def _unmatched(counts: ExportCounts) -> str:
    named = (
        f", such as that of {shown(counts.labels_unmatched_sample[0])!r}"
        if counts.labels_unmatched_sample
        else ""
    )
    return f"{plural(counts.labels_unmatched, 'label')} of no row of these days{named}"
