"""Counts of an export, for tests of what reads them."""

from __future__ import annotations

from typing import Any

from daywatch.ingest.export_counts import ExportCounts
from daywatch.ingest.quarantine_groups import QuarantineGroup


def export_counts(**changes: Any) -> ExportCounts:
    """Return the counts of an ordinary day of 100 labelled rows, with other numbers where given."""
    numbers = dict.fromkeys(("records", "exported", "rows", "rows_read", "labelled", "labels"), 100)
    none = dict.fromkeys(("quarantined", "rows_quarantined", "duplicates", "labels_quarantined"), 0)
    texts = {"source": "s3://data/shop-endpoint/AllTraffic", "label_source": "s3://data/shop-truth"}
    return ExportCounts.model_validate(
        {**numbers, **none, **texts, "objects": 24, "bytes": 9000, "reasons": {}, **changes}
    )


def group(kind: str = "capture", **changes: Any) -> QuarantineGroup:
    """Return ten records that were quarantined for one reason."""
    example = {
        "source": "s3://data/x/a.jsonl",
        "record": 3,
        "detail": "b: expected a number, but received n/a",
    }
    return QuarantineGroup.model_validate(
        {"kind": kind, "reason": "not_a_number", "records": 10, "columns": ("b",), **example, **changes}
    )
