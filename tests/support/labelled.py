"""Exports of a day of captures with labels from any source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import models
from captures import Endpoint
from daywatch.config.deployment.connections import Connections, no_connections
from daywatch.ingest.export import ExportedFiles, export_window
from daywatch.storage import open_storage
from daywatch.window import Window

DAY = Window.of_day("2024-03-03")


class Labelled:
    """A folder with captures and labels of the small model.

    Args:
        folder: Existing folder for the data and for scratch files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.endpoint = Endpoint(folder / "data")

    def write(self, key: str, content: bytes) -> None:
        """Write an object."""
        path = self.folder / "data" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def parquet(self, key: str, query: str) -> None:
        """Write the rows of a DuckDB query as Parquet."""
        import duckdb

        path = self.folder / "data" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")

    def export(
        self, labels: dict[str, Any], connections: Connections = no_connections, **changes: Any
    ) -> Exported:
        """Export 3 March."""
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        storage = open_storage(str(self.folder / "data"), models.local_deployment(self.folder))
        model = models.model(labels=labels, **changes)
        return Exported(export_window(DAY, model, storage, scratch, connections))


class Exported:
    """The results of an export.

    Attributes:
        counts: Counts of records and labels by outcome.
        digest: Digest of the evidence.
        evidence_listing: Fingerprint of the listings of the evidence.
        labels: The label of each inference, by event id and row.
        bad: Kind, source, record, reason, detail and excerpt of each record that cannot be read.
    """

    def __init__(self, files: ExportedFiles) -> None:
        import duckdb

        self.counts, self.digest, self.evidence_listing = files.counts, files.digest, files.evidence_listing
        with duckdb.connect() as connection:
            found = connection.execute(
                "SELECT event_id, row_in_record, label FROM read_parquet(?)", [str(files.inferences)]
            ).fetchall()
            self.labels = {(event, row): label for event, row, label in found}
            self.bad = connection.execute(
                "SELECT kind, source, record, reason, detail, excerpt FROM read_parquet(?)",
                [str(files.quarantine)],
            ).fetchall()
