"""The baseline and the window side by side in DuckDB, every expected column present and typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from daywatch.config.model import ColumnType, MonitoredModel, Task
from daywatch.engine.duck import duckdb_in, identifier, text
from daywatch.measure.stat_tests import KIND_OF_TYPE, Kind

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pandas as pd


class Side(StrEnum):
    """Which data set; the values name the views."""

    REFERENCE = "reference"
    CURRENT = "current"

    @property
    def noun(self) -> str:
        """The side's name in a sentence."""
        return "baseline" if self is Side.REFERENCE else "window"


class Role(StrEnum):
    """What a column is to the model."""

    FEATURE = "feature"
    PREDICTION = "prediction"
    PROBABILITY = "probability"
    LABEL = "label"


@dataclass(frozen=True)
class Column:
    """A measured column.

    Attributes:
        name: As in the Parquet files.
        kind: How it is compared.
        sql_type: The type it has in the views.
        role: What it is to the model.
    """

    name: str
    kind: Kind
    sql_type: str
    role: Role


# Booleans become text: categories of any type then have one form.
_SQL_TYPES = {ColumnType.NUMBER: "DOUBLE", ColumnType.INTEGER: "BIGINT"}
_KEYS = ("event_id", "inference_id", "row_in_record")


def measured_columns(model: MonitoredModel) -> tuple[Column, ...]:
    """Return the model's features in their order, then prediction, probability and label."""
    answer = (
        (Kind.NUMERIC, "DOUBLE") if model.output.task is Task.REGRESSION else (Kind.CATEGORICAL, "VARCHAR")
    )
    features = tuple(
        Column(item.name, KIND_OF_TYPE[item.type], _SQL_TYPES.get(item.type, "VARCHAR"), Role.FEATURE)
        for item in model.stored_features
    )
    probability = (Column("probability", Kind.NUMERIC, "DOUBLE", Role.PROBABILITY),)
    return (
        *features,
        Column("prediction", *answer, Role.PREDICTION),
        *(probability if model.output.has_probability else ()),
        Column("label", *answer, Role.LABEL),
    )


@contextmanager
def open_tables(
    reference: Path, current: Path, columns: tuple[Column, ...], scratch: Path
) -> Iterator[Tables]:
    """Open both files side by side.

    Args:
        reference: Canonical Parquet of the baseline.
        current: Canonical Parquet of the window.
        columns: What is measured.
        scratch: Folder that DuckDB may spill into.
    """
    with duckdb_in(scratch) as connection:
        yield Tables(connection, {Side.REFERENCE: reference, Side.CURRENT: current}, columns)


class Tables:
    """The views ``reference`` and ``current`` of one DuckDB connection.

    A column that a file lacks is there as NULL and is named in ``absent``. Each view also has ``draw_key``, a
    stable pseudo-random order, and ``file_row_number``.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, files: dict[Side, Path], columns: tuple[Column, ...]
    ) -> None:
        self._connection = connection
        self.columns = columns
        self.absent = {side: self._open(side, path) for side, path in files.items()}

    def _open(self, side: Side, path: Path) -> frozenset[str]:
        source = f"read_parquet({text(str(path))}, file_row_number = true)"
        present = {row[0] for row in self.rows(f"DESCRIBE SELECT * FROM {source}")}
        selected = [
            f"CAST({identifier(column.name) if column.name in present else 'NULL'} AS {column.sql_type})"
            f" AS {identifier(column.name)}"
            for column in self.columns
        ]
        keys = [identifier(name) for name in _KEYS if name in present] or ["file_row_number"]
        time = "inference_time" if "inference_time" in present else "NULL::TIMESTAMPTZ"
        self._connection.execute(
            f"CREATE VIEW {identifier(side)} AS SELECT {', '.join(selected)}, file_row_number,"
            f" md5(concat_ws('|', {', '.join(keys)})) AS draw_key, {time} AS inference_time FROM {source}"
        )
        return frozenset(column.name for column in self.columns if column.name not in present)

    def execute(self, sql: str) -> None:
        """Run a statement."""
        self._connection.execute(sql)

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        return self._connection.execute(sql, parameters).fetchall()

    def frame(self, sql: str, parameters: tuple[Any, ...] = ()) -> pd.DataFrame:
        """Return a query as pandas reads it elsewhere: numbers with a NULL as float64 with NaN."""
        frame = self._connection.execute(sql, parameters).df()
        for name in frame.columns:
            if frame[name].dtype.name == "Int64":
                frame[name] = frame[name].astype("float64")
        return frame
