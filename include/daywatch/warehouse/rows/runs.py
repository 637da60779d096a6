"""The rows of what was read: the window's run and its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.ingest.labels.maturity import share_by_day

if TYPE_CHECKING:
    from daywatch.warehouse.tables import Row
    from daywatch.warehouse.window_results import WindowResults


_SAMPLE = 5
_SAMPLE_LENGTH = 40
_RUN_COUNTS = (
    "source",
    "objects",
    "bytes",
    "records",
    "exported",
    "quarantined",
    "duplicates",
    "unanswered",
    "filtered",
    "rows",
    "rows_read",
    "rows_quarantined",
)


def run_row(results: WindowResults) -> Row:
    """Return the row of ``window_run``, without the window's key."""
    counts = {name: getattr(results.counts, name) for name in _RUN_COUNTS}
    return {
        **counts,
        "baseline_id": results.baseline_id,
        "artifacts": results.artifacts,
        "quarantine_reasons": results.counts.reasons,
        "evidence_listing": results.evidence_listing or None,
        "history": results.history or None,
        "judged_by": results.judged_by or None,
    }


def coverage_row(results: WindowResults) -> Row:
    """Return the row of ``label_coverage``, without the window's key."""
    counts = results.counts
    return {
        "rows": counts.rows,
        "labelled": counts.labelled,
        "share": counts.labelled / counts.rows if counts.rows else None,
        "labels_read": counts.labels,
        "labels_quarantined": counts.labels_quarantined,
        "labels_unmatched": counts.labels_unmatched,
        "labels_changed": counts.labels_changed,
        "unmatched_sample": [one[:_SAMPLE_LENGTH] for one in counts.labels_unmatched_sample[:_SAMPLE]],
        **label_progress(results),
    }


def label_progress(results: WindowResults) -> Row:
    """Return up to which day labels were read, and the share labelled by each day.

    A later run may find the same results after more days without new labels.
    """
    until = results.known_until
    return {
        "known_until": until,
        "share_by_day": share_by_day(results.counts, results.counts.rows, results.window, until),
    }
