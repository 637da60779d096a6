"""A day of captures with labels from any source: exported, or the labels alone read and joined."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import models
from captures import Endpoint
from daywatch.config.deployment.connections import Connections, no_connections
from daywatch.engine.duck import duckdb_in
from daywatch.ingest.export import ExportedFiles, export_window
from daywatch.ingest.labels.counts import LabelCounts, count_labels
from daywatch.ingest.labels.load import join_labels, load_labels
from daywatch.ingest.labels.source import LabelObject, LabelRequest
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
        self, labels: dict[str, Any] | None, connections: Connections = no_connections, **changes: Any
    ) -> Exported:
        """Export 3 March."""
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        storage = open_storage(str(self.folder / "data"), models.local_deployment(self.folder))
        model = models.model(labels=labels, **changes)
        return Exported(export_window(DAY, model, storage, scratch, connections))

    def read(
        self,
        labels: dict[str, Any] | None,
        inferences: dict[str, int],
        connections: Connections = no_connections,
        **changes: Any,
    ) -> ReadLabels:
        """Read the labels of 3 March as an export does, in a fraction of its time: no captures are read.

        Args:
            labels: The configuration of the labels; None for the small model's ground truth.
            inferences: The number of rows of each record, by its event id.
            connections: Look-up of Airflow connections.
            changes: Changes to the model's YAML.
        """
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        storage = open_storage(str(self.folder / "data"), models.local_deployment(self.folder))
        model = models.model(**({} if labels is None else {"labels": labels}), **changes)
        with duckdb_in(scratch) as connection:
            rows = [
                {"event_id": event, "row_in_record": row}
                for event, number in inferences.items()
                for row in range(1, number + 1)
            ]
            connection.execute("CREATE TABLE own AS SELECT unnest($rows, recursive := true)", {"rows": rows})
            connection.execute("""
                CREATE TABLE row_outcomes AS
                    SELECT row_number() OVER () AS number, NULL::VARCHAR AS inference_id, event_id, row_in_record,
                        true AS kept
                    FROM own;
                CREATE VIEW records AS
                    SELECT inference_id, event_id, NULL::VARCHAR AS reason FROM row_outcomes WHERE row_in_record = 1;
            """)
            objects = load_labels(connection, model, LabelRequest(DAY, storage, connections), scratch)
            join_labels(connection, "label", scratch)
            found = connection.execute(
                "SELECT event_id, row_in_record, label FROM row_outcomes LEFT JOIN row_labels USING (number) ORDER BY ALL"
            ).fetchall()
            assert len(found) == len(rows)
            bad = connection.execute(
                "SELECT object, record, reason, detail, excerpt FROM label_records WHERE reason IS NOT NULL ORDER BY ALL"
            ).fetchall()
            return ReadLabels(
                {(event, row): label for event, row, label in found},
                [("label", objects[number].address, *rest) for number, *rest in bad],
                count_labels(connection, DAY),
                objects,
            )


@dataclass(frozen=True)
class ReadLabels:
    """The labels that were read.

    Attributes:
        labels: The label of each inference, by event id and row.
        bad: Kind, source, record, reason, detail and excerpt of each record that cannot be read.
        counts: Counts of the labels by outcome.
        objects: The label objects that were read.
    """

    labels: dict[tuple[str, int], Any]
    bad: list[tuple[Any, ...]]
    counts: LabelCounts
    objects: list[LabelObject]


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
