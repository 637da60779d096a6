"""Exports of bytes on disk, and their results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import models
import pyarrow.parquet as pq
import pytest
from captures import Endpoint
from daywatch.config.model.model import MonitoredModel
from daywatch.ingest.export import export_window
from daywatch.ingest.export_counts import ExportCounts
from daywatch.storage import open_storage
from daywatch.window import Window


@dataclass(frozen=True)
class Exported:
    """What an export wrote."""

    counts: ExportCounts
    rows: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    digest: str
    contents: tuple[bytes, bytes]
    operations: list[dict[str, Any]]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Record number and reason of each quarantined record."""
        return [(bad["record"], bad["reason"]) for bad in self.quarantine]

    def column(self, name: str) -> list[Any]:
        """Return a column's values."""
        return [row[name] for row in self.rows]


Export = Callable[..., Exported]


def read(path: Path) -> list[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        return file.read().to_pylist()


@pytest.fixture
def endpoint(tmp_path: Path) -> Endpoint:
    """The endpoint whose objects are exported."""
    (tmp_path / "data").mkdir()
    return Endpoint(tmp_path / "data")


@pytest.fixture
def export(tmp_path: Path, endpoint: Endpoint) -> Export:
    """Export a day (3 March) of what the endpoint wrote."""

    def run(
        day: str | Window = "2024-03-03", model: MonitoredModel | None = None, storage: Any = None
    ) -> Exported:
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        storage = storage or open_storage(str(endpoint.folder), models.local_deployment(tmp_path))
        window = day if isinstance(day, Window) else Window.of_day(day)
        files = export_window(window, model or models.model(), storage, scratch)
        counts = files.counts
        assert counts.records == sum(
            (counts.exported, counts.quarantined, counts.duplicates, counts.unanswered, counts.filtered)
        )
        rows = sorted(
            read(files.inferences),
            key=lambda row: (row["inference_time"], row["event_id"], row["row_in_record"]),
        )
        quarantine = read(files.quarantine)
        assert len(rows) == counts.rows == counts.rows_read - counts.rows_quarantined
        captures = [bad for bad in quarantine if bad["kind"] == "capture"]
        assert sum(bad["row_in_record"] is not None for bad in captures) == counts.rows_quarantined
        exported = {(row["source_key"], row["source_record"]) for row in rows}
        lost = {(bad["source"], bad["record"]) for bad in captures}
        assert len(exported) == counts.exported
        kept = {(storage.address(key), record) for key, record in exported}
        assert len(lost - kept) == counts.quarantined
        contents = (files.inferences.read_bytes(), files.quarantine.read_bytes())
        return Exported(counts, rows, quarantine, files.digest, contents, read(files.operations))

    return run
