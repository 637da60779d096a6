"""The baseline and the window side by side in DuckDB, every expected column present and typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from daywatch.config.drift_methods import KIND_OF_TYPE, ColumnKind
from daywatch.config.model.columns import ColumnType, Task
from daywatch.config.model.model import RESERVED_COLUMNS, MonitoredModel
from daywatch.engine.duck import duckdb_in, identifier, text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import numpy as np
    import pandas as pd

    from daywatch.measure.columns.pairs import Array


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
    kind: ColumnKind
    sql_type: str
    role: Role


# Booleans become text: categories of any type then have one form.
_SQL_TYPES = {ColumnType.NUMBER: "DOUBLE", ColumnType.INTEGER: "BIGINT"}
_FITTING = {"DOUBLE": ("DOUBLE",), "BIGINT": ("BIGINT",), "VARCHAR": ("VARCHAR", "BOOLEAN")}
"""The types that a column has in a file where the export, and the baseline, knew it as the model does now."""
ROW_BITS = 2**32 - 1
"""Of a ``draw_key`` these are the row's position in its file."""
_LISTED = 100
"""Names of an ENUM type that a list is searched for: a hundred comparisons are as fast as a cast, where it is slow."""


def measured_columns(model: MonitoredModel) -> tuple[Column, ...]:
    """Return the model's features in their order, then prediction, probability and label."""
    answer = (
        (ColumnKind.NUMERIC, "DOUBLE")
        if model.output.task is Task.REGRESSION
        else (ColumnKind.CATEGORICAL, "VARCHAR")
    )
    features = tuple(
        Column(item.name, KIND_OF_TYPE[item.type], _SQL_TYPES.get(item.type, "VARCHAR"), Role.FEATURE)
        for item in model.stored_features
    )
    probability = (Column("probability", ColumnKind.NUMERIC, "DOUBLE", Role.PROBABILITY),)
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

    A column that a file lacks is there as NULL and is named in ``absent``; one that has another type in the
    file is in ``retyped``, and what does not fit its type is NULL. Each view also has ``file_row_number``,
    ``probabilities``, NULL where the model gives no vector, and ``draw_key``, a pseudo-random order of the rows
    by a hash of their positions, in which no two are the same.

    Attributes:
        columns: What is measured.
        absent: Names of measured columns that a file lacks.
        retyped: The type in the file, as DuckDB writes it, of measured columns that have another one there.
        unknown: Names of a file's columns that are neither measured nor Daywatch's own.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, files: dict[Side, Path], columns: tuple[Column, ...]
    ) -> None:
        self._connection = connection
        self.columns = columns
        self.absent: dict[Side, frozenset[str]] = {}
        self.retyped: dict[Side, dict[str, str]] = {}
        self.unknown: dict[Side, tuple[str, ...]] = {}
        for side, path in files.items():
            self._open(side, path)

    def _open(self, side: Side, path: Path) -> None:
        source = f"read_parquet({text(str(path))}, file_row_number = true)"
        present = {row[0]: row[1] for row in self.rows(f"DESCRIBE SELECT * FROM {source}")}
        measured = {column.name for column in self.columns}
        self.absent[side] = frozenset(measured - present.keys())
        self.unknown[side] = tuple(sorted(present.keys() - measured - set(RESERVED_COLUMNS)))
        self.retyped[side] = {
            column.name: present[column.name]
            for column in self.columns
            if column.name in present and present[column.name] not in _FITTING[column.sql_type]
        }
        selected = [
            f"TRY_CAST({identifier(column.name) if column.name in present else 'NULL'} AS {column.sql_type})"
            f" AS {identifier(column.name)}"
            for column in self.columns
        ]
        vector = "CAST(probabilities AS DOUBLE[])" if "probabilities" in present else "NULL::DOUBLE[]"
        time = "inference_time" if "inference_time" in present else "NULL::TIMESTAMPTZ"
        self._connection.execute(
            f"CREATE VIEW {identifier(side)} AS SELECT {', '.join(selected)}, file_row_number,"
            " ((hash(file_row_number + 1) >> 32) << 32) | CAST(file_row_number AS UBIGINT) AS draw_key,"
            f" {time} AS inference_time,"
            f" {vector} AS probabilities FROM {source}"
        )

    def execute(self, sql: str) -> None:
        """Run a statement."""
        self._connection.execute(sql)

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        return self._connection.execute(sql, parameters).fetchall()

    def count(self, side: Side) -> int:
        """Return how many rows a side has."""
        ((count,),) = self.rows(f"SELECT count(*) FROM {identifier(side)}")
        return int(count)

    def array(self, sql: str) -> Array:
        """Return a query of one column without NULL as an array."""
        import numpy as np

        (array,) = self._connection.execute(sql).fetchnumpy().values()
        return np.asarray(array)

    def numbers(self, sql: str) -> tuple[Array, int]:
        """Return a query of one column of DOUBLE as an array, NaN where it is NULL, and how often it is NULL."""
        import numpy as np

        (array,) = self._connection.execute(sql).fetchnumpy().values()
        if not isinstance(array, np.ma.MaskedArray):
            return np.asarray(array), 0
        values, missing = array.data, np.ma.getmaskarray(array)
        values[missing] = np.nan
        return values, int(np.count_nonzero(missing))

    def code(self, value: str, kind: str) -> str:
        """Return SQL for a text's number among the names of an ENUM type, -1 where it is NULL.

        Few names are searched as a list, which DuckDB does once for each entry of a Parquet file's dictionary; it
        casts row by row.

        Args:
            value: SQL of the text, one of the names.
            kind: The type's name.
        """
        names = f"enum_range(NULL::{kind})"
        ((count,),) = self.rows(f"SELECT len({names})")
        if count > _LISTED:
            return f"coalesce(CAST(enum_code(CAST({value} AS {kind})) AS INTEGER), -1)"
        return f"coalesce(list_position(CAST({names} AS VARCHAR[]), {value}), 0) - 1"

    def arrays(self, sql: str) -> dict[str, np.ndarray]:
        """Return a query's columns, none of which may be NULL; rows of one side come in file order."""
        found: Any = self._connection.execute(sql).fetchnumpy()
        return dict(found)

    def frame(self, sql: str, parameters: tuple[Any, ...] = ()) -> pd.DataFrame:
        """Return a query as pandas reads it elsewhere: numbers with a NULL as float64 with NaN."""
        frame = self._connection.execute(sql, parameters).df()
        for name in frame.columns:
            if frame[name].dtype.name == "Int64":
                frame[name] = frame[name].astype("float64")
        return frame
