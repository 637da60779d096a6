"""The baseline and the window in one DuckDB connection, each with every measured column in its type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from daywatch.config.model.model import RESERVED_COLUMNS
from daywatch.engine.duck import duckdb_in, identifier, seal, text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import numpy as np
    import pandas as pd

    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array


class Side(StrEnum):
    """One of the two data sets that are compared; the value names it in SQL and in sentences."""

    BASELINE = "baseline"
    WINDOW = "window"


_FITTING = {"DOUBLE": ("DOUBLE",), "BIGINT": ("BIGINT",), "VARCHAR": ("VARCHAR", "BOOLEAN")}
"""The types in a file that need no cast: what the export writes for a column of that SQL type."""
ROW_BITS = 2**32 - 1
"""The bits of a ``draw_key`` that hold the row's position in its file."""
_LISTED = 100
"""Up to so many names of an ENUM type, a search in a list is as fast as a cast at its slowest."""


@contextmanager
def open_tables(
    baseline: Path,
    window: Path,
    columns: tuple[Column, ...],
    scratch: Path,
    kept: tuple[str, ...] = (),
    *,
    one_thread: bool = False,
) -> Iterator[Tables]:
    """Open both files in one DuckDB connection.

    Args:
        baseline: Canonical Parquet of the baseline.
        window: Canonical Parquet of the window.
        columns: The measured columns.
        scratch: Folder that DuckDB may spill into.
        kept: Names of the values kept besides the payload of which slices are made; they are not measured.
        one_thread: Whether queries add numbers in the order of the rows, as sums of doubles need to stay the same.
    """
    with duckdb_in(scratch) as connection:
        if one_thread:
            connection.execute("SET GLOBAL threads = 1")
        yield Tables(connection, {Side.BASELINE: baseline, Side.WINDOW: window}, columns, kept)


class Tables:
    """The views ``baseline`` and ``window`` of one DuckDB connection.

    The values of ``kept`` are columns too. A column that a file lacks is NULL in its view and is named in ``absent``.
    A column that has another type in the file is named in ``retyped``, and values that do not fit the measured type
    are NULL. Each view also has ``file_row_number``; ``probabilities``, NULL where the model gives no vector; and
    ``draw_key``, a different number for each row, from a hash of its position, by which rows are sampled.

    Attributes:
        columns: The measured columns.
        absent: For each side, names of measured columns that its file lacks.
        retyped: For each side, the type in its file, as DuckDB writes it, of measured columns with another type.
        unknown: For each side, names of the file's columns that are neither measured nor Daywatch's own.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: dict[Side, Path],
        columns: tuple[Column, ...],
        kept: tuple[str, ...] = (),
    ) -> None:
        self._connection = connection
        self.columns = columns
        self._kept = kept
        self.absent: dict[Side, frozenset[str]] = {}
        self.retyped: dict[Side, dict[str, str]] = {}
        self.unknown: dict[Side, tuple[str, ...]] = {}
        for side, path in files.items():
            self._open(side, path)
        seal(self.execute, files.values())  # the expressions of slices run here

    def _open(self, side: Side, path: Path) -> None:
        source = f"read_parquet({text(str(path))}, file_row_number = true)"
        present = {row[0]: row[1] for row in self.rows(f"DESCRIBE SELECT * FROM {source}")}
        measured = {column.name for column in self.columns}
        self.absent[side] = frozenset(measured - present.keys())
        self.unknown[side] = tuple(sorted(present.keys() - measured - {*RESERVED_COLUMNS, *self._kept}))
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
        selected += [
            f"TRY_CAST({identifier(name) if name in present else 'NULL'} AS VARCHAR) AS {identifier(name)}"
            for name in self._kept
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

    @contextmanager
    def registered(self, name: str, arrays: dict[str, Array]) -> Iterator[None]:
        """Let queries in this block read arrays as a table.

        Args:
            name: Name of the table.
            arrays: Its columns, all of one length.
        """
        import pyarrow as pa

        self._connection.register(name, pa.table(arrays))
        yield
        self._connection.unregister(name)

    def array(self, sql: str) -> Array:
        """Return the result of a query with one column and no NULL as an array."""
        import numpy as np

        (array,) = self._connection.execute(sql).fetchnumpy().values()
        return np.asarray(array)

    def numbers(self, sql: str) -> tuple[Array, int]:
        """Return the result of a query with one column of DOUBLE: the values, NaN for NULL, and the number of NULLs."""
        import numpy as np

        (array,) = self._connection.execute(sql).fetchnumpy().values()
        if not isinstance(array, np.ma.MaskedArray):
            return np.asarray(array), 0
        values, missing = array.data, np.ma.getmaskarray(array)
        values[missing] = np.nan
        return values, int(np.count_nonzero(missing))

    def code(self, value: str, kind: str) -> str:
        """Return SQL for the number of a text among the names of an ENUM type, -1 for NULL.

        DuckDB searches a list once for each entry of a Parquet file's dictionary, but casts row by row. So the
        SQL searches a list where there are few names.

        Args:
            value: SQL of the text, which must be one of the names.
            kind: Name of the ENUM type.
        """
        names = f"enum_range(NULL::{kind})"
        ((count,),) = self.rows(f"SELECT len({names})")
        if count > _LISTED:
            return f"coalesce(CAST(enum_code(CAST({value} AS {kind})) AS INTEGER), -1)"
        return f"coalesce(list_position(CAST({names} AS VARCHAR[]), {value}), 0) - 1"

    def arrays(self, sql: str) -> dict[str, np.ndarray]:
        """Return the result of a query without NULL, one array a column; the rows of one side are in file order."""
        found: Any = self._connection.execute(sql).fetchnumpy()
        return dict(found)

    def frame(self, sql: str, parameters: tuple[Any, ...] = ()) -> pd.DataFrame:
        """Return the result of a query as a frame; integers with NULL become float64 with NaN, as in pandas."""
        frame = self._connection.execute(sql, parameters).df()
        for name in frame.columns:
            if frame[name].dtype.name == "Int64":
                frame[name] = frame[name].astype("float64")
        return frame
