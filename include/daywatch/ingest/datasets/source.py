"""A data set as a source of rows: one file or several, CSV, JSON Lines or Parquet, or one file with statistics."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from daywatch.config.model.baseline import DATASET_ENDINGS, STATISTICS_ENDING
from daywatch.config.model.capture import PlainTable
from daywatch.errors import SetupError
from daywatch.ingest.captures.csv_table import csv_table
from daywatch.ingest.captures.source import SourceObject
from daywatch.ingest.captures.table import TableSource
from daywatch.ingest.captures.tabular import parquet_table
from daywatch.ingest.datasets.columns import LABEL, DatasetColumns
from daywatch.ingest.datasets.json_table import json_table
from daywatch.ingest.datasets.statistics_table import statistics_table
from daywatch.ingest.labels.dated import what_is_there
from daywatch.ingest.payloads.positions import ColumnPosition
from daywatch.ingest.reading.gzip_stream import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.captures.source import Records
    from daywatch.ingest.captures.tabular import Table
    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window


class DatasetSource(TableSource):
    """Reads the files of a data set; a file that is no table, or lacks a column, is an error and no quarantine."""

    def __init__(self, model: MonitoredModel, path: str) -> None:
        """Prepare to read.

        Args:
            model: The model, whose baseline is a data set.
            path: Its path below the storage: a file, a folder, or a pattern with ``*`` in the names of files.
        """
        self._path, self._has_header = path, model.baseline.header
        self._endings = (STATISTICS_ENDING,) if model.baseline.is_statistics else DATASET_ENDINGS
        self._wanted = DatasetColumns(model)
        labelled = [ColumnPosition(LABEL, LABEL, "", False)] if model.baseline.label is not None else []
        features = [
            ColumnPosition("ignore" if one.name in model.redaction.drop else one.name, one.name, "", False)
            for one in model.captured_features
        ]
        answers = [
            ColumnPosition(name if name in model.baseline.answers else "ignore", name, "", True)
            for name in model.output.response
        ]
        super().__init__(PlainTable(source="table", prefix="dataset"), [*features, *labelled, *answers])

    @property
    def folder(self) -> str:
        """The path of the data set."""
        return self._path

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the files, in the order of their names.

        Raises:
            SetupError: There is none.
        """
        found = [one for one in self._candidates(storage) if one.key.endswith(self._endings)]
        if not found:
            raise SetupError(self._nothing(storage))
        return [SourceObject(one, window.start, window.end, timedelta()) for one in found]

    def _candidates(self, storage: Storage) -> list[StoredObject]:
        if "*" in self._path:
            listed = storage.list(_parent(self._path))
            return [one for one in listed if fnmatchcase(one.key, self._path)]
        if self._path.endswith(self._endings):
            one = storage.find(self._path)
            if one is not None:
                return [one]
        return list(storage.list(f"{self._path.rstrip('/')}/"))

    def _nothing(self, storage: Storage) -> str:
        """Return the sentence about a path without files, with what is next to it."""
        return (
            f"There is no data set {storage.address(self._path)}: expected a file, or a folder of files, that end with "
            f"{', '.join((*DATASET_ENDINGS, STATISTICS_ENDING))}; "
            f"{what_is_there(_parent(self._path).rstrip('/'), storage)}."
        )

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: dict[int, SourceObject],
        scratch: Path,
    ) -> Generator[Records]:
        """Yield the query for the rows of each file, and those for the lines that are no rows.

        Raises:
            SetupError: A file is no table, or lacks a column.
        """
        for number, one in objects.items():
            address = storage.address(one.stored.key)
            try:
                with self._table(connection, storage, number, one, scratch) as table:
                    if table:
                        has_names = self._has_header or not one.stored.key.endswith((".csv", ".csv.gz"))
                        names = table.names or _names_in(table)
                        selected = self._wanted.select(table, names, address, has_names=has_names)
                        yield self._records({number: selected})
                        yield from table.leftovers
            except Refusal as refusal:
                msg = f"The data set {address} cannot be read: {refusal.detail}."
                raise SetupError(msg) from None

    def _table(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        number: int,
        one: SourceObject,
        scratch: Path,
    ) -> AbstractContextManager[Table | None]:
        """Return the file opened as what its ending says."""
        limits, key = self._capture.limits, one.stored.key
        if key.endswith(".parquet"):
            return parquet_table(connection, storage, one.stored, scratch, limits)
        if key.endswith((".csv", ".csv.gz")):
            return csv_table(
                connection, storage, one.stored, number, scratch, limits, header=self._has_header
            )
        if key.endswith(STATISTICS_ENDING):
            return statistics_table(connection, storage, one.stored, scratch, limits)
        return json_table(connection, storage, one.stored, number, scratch, limits)


def _names_in(table: Table) -> tuple[str, ...]:
    """Return the names of a Parquet file's columns; DuckDB gives a name that comes twice another ending."""
    import pyarrow.parquet as pq

    return tuple(pq.read_schema(table.file).names) if table.file else tuple(table.columns)


def _parent(path: str) -> str:
    """Return the folder of a path, with its slash; empty for a path without folders."""
    folder, slash, _ = path.rstrip("/").partition("*")[0].rpartition("/")
    return f"{folder}{slash}"
