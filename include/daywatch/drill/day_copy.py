"""Copies of a judged day in a scratch folder, each with one fault, in the form in which the export leaves a day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.drill.fault import Fault
from daywatch.engine.duck import duckdb_in, identifier, text
from daywatch.ingest.export_counts import ExportCounts, ExtraColumn, read_counts
from daywatch.storage import open_storage

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.run import WindowRun
    from daywatch.storage import Storage

RESAMPLED = "resampled"
_AGAIN = "#2"


class DayCopies:
    """A judged day and its baseline, copied once, of which copies with faults are made."""

    def __init__(self, run: WindowRun, deployment: Deployment, folder: Path) -> None:
        """Copy the day and its baseline.

        Args:
            run: The run of the judged day.
            deployment: Addresses and connections of storage and warehouse.
            folder: An existing folder, which is deleted after the drill.

        Raises:
            FileNotFoundError: The results of the day are no longer stored.
            InfrastructureError: The storage did not answer.
        """
        self._run, self._folder = run, folder
        self.deployment = replace(deployment, artifacts_uri=str(folder / "artifacts"))
        self._artifacts = open_storage(self.deployment.artifacts_uri, self.deployment)
        stored = open_storage(deployment.artifacts_uri, deployment)
        base, day = run.baseline, run.folder
        keys = (base.inferences, base.operations, base.profile, base.calibration, base.export)
        for key in (*keys, day.suite):
            self._copy(stored, key)
        stored.download(day.inferences, folder / "day.parquet")
        stored.download(day.operations, folder / "operations.parquet")
        self.counts = read_counts(stored, day.export)

    def _copy(self, stored: Storage, key: str) -> None:
        if stored.exists(key):
            copied = self._folder / "copied"
            stored.download(key, copied)
            self._artifacts.upload(copied, key)

    def with_fault(self, fault: Fault, name: str) -> WindowRun:
        """Write a copy of the day with a fault, and return its run.

        Args:
            fault: The fault.
            name: A name of the copy, in place of its revision.
        """
        changes = ", ".join(f"{value} AS {identifier(column)}" for column, value in fault.replaced.items())
        rows = f"SELECT *{f' REPLACE ({changes})' if changes else ''} FROM day WHERE {fault.kept}"
        served = ", ".join(f"{value} AS {identifier(column)}" for column, value in fault.served.items())
        kept = "TRUE" if fault.mismatched else fault.kept
        operations = f"SELECT *{f' REPLACE ({served})' if served else ''} FROM operations WHERE {kept}"
        if fault.repeated:
            again = (
                f"REPLACE (event_id || '{_AGAIN}' AS event_id, inference_id || '{_AGAIN}' AS inference_id)"
            )
            rows = f"{rows} UNION ALL SELECT * {again} FROM day"
            operations = f"{operations} UNION ALL SELECT * {again} FROM operations"
        return self._write(name, rows, operations, fault)

    def resampled(self, seed: int, name: str) -> WindowRun:
        """Write a copy of the day whose rows are sampled from it with replacement, and return its run.

        Args:
            seed: Which of the resamples.
            name: A name of the copy, in place of its revision.
        """
        total = "(SELECT count(*) FROM day)"
        rows = (
            f"SELECT day.* REPLACE (event_id || '#' || r.range AS event_id) FROM range({total}) r"
            f" JOIN day ON day.n = hash(r.range, {seed}) % {total}"
        )
        return self._write(name, rows, "SELECT * FROM operations", Fault(RESAMPLED, ()))

    def _write(self, name: str, rows: str, operations: str, fault: Fault) -> WindowRun:
        run = self._run.model_copy(update={"revision": name})
        targets = self._folder / "rows.parquet", self._folder / "served.parquet"
        with duckdb_in(self._folder) as connection:
            for view, file in (("day", "day"), ("operations", "operations")):
                source = (
                    f"read_parquet({text(str(self._folder / f'{file}.parquet'))}, file_row_number = true)"
                )
                connection.execute(
                    f"CREATE VIEW {view} AS SELECT * RENAME (file_row_number AS n) FROM {source}"
                )
            for query, target in zip((rows, operations), targets, strict=True):
                ordered = f"SELECT * EXCLUDE (n) FROM ({query}) ORDER BY n, event_id"
                connection.execute(f"COPY ({ordered}) TO {text(str(target))} (FORMAT parquet)")
            counts = _counts(connection, self.counts, targets, fault)
        self._artifacts.upload(targets[0], run.folder.inferences)
        self._artifacts.upload(targets[1], run.folder.operations)
        self._artifacts.write(run.folder.export, counts.model_dump_json().encode())
        self._artifacts.write(run.folder.suite, self._artifacts.read(self._run.folder.suite))
        return run


def _counts(
    connection: duckdb.DuckDBPyConnection, day: ExportCounts, written: tuple[Path, Path], fault: Fault
) -> ExportCounts:
    """Return the counts that the export would have made of a day with a fault."""
    of_rows, of_operations = (f"FROM read_parquet({text(str(file))})" for file in written)
    rows, labelled = connection.execute(f"SELECT count(*), count(label) {of_rows}").fetchall()[0]
    (served,), (before,) = (
        connection.execute(f"SELECT count(*) {source}").fetchall()[0]
        for source in (of_operations, "FROM operations")
    )
    share = served / before if before else 1.0
    changes = {
        "records": round(day.records * share),
        "exported": round(day.exported * share),
        "rows": rows,
        "rows_read": rows + day.rows_quarantined,
        "labelled": labelled,
        "labels": round(day.labels * (labelled / day.labelled if day.labelled else 1.0)),
    }
    if fault.duplicated:
        changes |= {"records": day.records + day.exported, "duplicates": day.duplicates + day.exported}
    if fault.mismatched:
        lost = day.rows - rows
        changes |= {
            "quarantined": day.quarantined + lost,
            "rows_quarantined": day.rows_quarantined + lost,
            "rows_read": day.rows_read,
            "exported": max(0, day.exported - lost),
        }
        return day.model_copy(update={**changes, "type_mismatches": {fault.mismatched: lost}})
    if fault.renamed:
        named = ExtraColumn(name=f"{fault.renamed}_new", records=day.records)
        extra = {"named_records": day.records, "extra_names": day.extra_names + 1}
        return day.model_copy(update={**changes, **extra, "extra_columns": (named, *day.extra_columns)})
    return day.model_copy(update=changes)
