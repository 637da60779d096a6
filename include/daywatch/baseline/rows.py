"""Canonical Parquet opened to be profiled: as a whole, or cut into slices that each row falls into at most one of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.engine.duck import duckdb_in, identifier
from daywatch.engine.settings import settings_in_force

if TYPE_CHECKING:
    import duckdb

_MEGABYTES = 512
_MICROSECONDS_A_DAY = 86_400_000_000

SLICE = identifier("slice\n")
"""The number of a row's slice; no feature has this name, for theirs are printable."""


@dataclass(frozen=True)
class Rows:
    """An opened Parquet file: the view ``file`` of a DuckDB connection, and ``inferences``, with the slices' numbers.

    Attributes:
        connection: Where the views are.
        columns: Names in the file.
        slices: Names of the slices, in order; one empty name where the file is not sliced.
        counts: Rows of each slice.
        order: Positions of the rows that belong to a slice, slice by slice; None where all rows are one.
    """

    connection: duckdb.DuckDBPyConnection
    columns: frozenset[str]
    slices: tuple[str, ...]
    counts: tuple[int, ...]
    order: Any = None

    def present(self, name: str | None, stored: str) -> list[Any]:
        """Return a column's values that are not missing, a numpy array for each slice.

        Args:
            name: The column, None where the file has none.
            stored: The SQL type to read it as.
        """
        import numpy as np

        if name is None:
            return [np.empty(0) for _ in self.slices]
        column = identifier(name)  # spelled out below: an alias would lose against a feature of its name
        where = f" WHERE {column} IS NOT NULL" if self.order is None else ""
        query = f"SELECT CAST({column} AS {stored}) FROM file{where}"
        (fetched,) = self.connection.execute(query).fetchnumpy().values()
        if self.order is None:
            return [np.asarray(fetched)]
        parts = np.split(fetched[self.order], np.cumsum(self.counts)[:-1])
        return [part.compressed() if isinstance(part, np.ma.MaskedArray) else part for part in parts]


@contextmanager
def opened(parquet: Path, slicing: str = "NULL") -> Iterator[Rows]:
    """Open a Parquet file with bounded memory and a folder of its own to spill to.

    Args:
        parquet: The file.
        slicing: SQL expression over its columns that names the slice of a row, NULL for none; it has to bound
            how many there are. ``NULL`` does not slice.
    """
    with (
        tempfile.TemporaryDirectory(prefix="daywatch-profile-", dir=settings_in_force().folder) as folder,
        duckdb_in(Path(folder), _MEGABYTES) as connection,
    ):
        relation = connection.read_parquet(str(parquet), hive_partitioning=False)
        relation.create_view("file")
        columns = frozenset(relation.columns)
        if slicing == "NULL":
            connection.execute(f"CREATE VIEW inferences AS SELECT *, 0 AS {SLICE} FROM file")
            yield Rows(connection, columns, ("",), (_count(connection),))
            return
        connection.execute(
            "CREATE TYPE slice_name AS ENUM"
            f" (SELECT DISTINCT CAST({slicing} AS VARCHAR) AS s FROM file WHERE s IS NOT NULL ORDER BY s)"
        )
        code = f"CAST(enum_code(CAST(CAST({slicing} AS VARCHAR) AS slice_name)) AS INTEGER)"
        # Once, and not again for each column.
        connection.execute(f"CREATE TEMP TABLE numbered AS SELECT {code} AS {SLICE} FROM file")
        connection.execute("CREATE VIEW inferences AS SELECT * FROM file POSITIONAL JOIN numbered")
        yield _sliced(connection, columns)


def _sliced(connection: duckdb.DuckDBPyConnection, columns: frozenset[str]) -> Rows:
    import numpy as np

    names = connection.execute("SELECT unnest(enum_range(NULL::slice_name))").fetchall()
    (codes,) = connection.execute(f"SELECT coalesce({SLICE}, -1) FROM numbered").fetchnumpy().values()
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = np.argsort(codes, kind="stable")[len(codes) - int(counts.sum()) :]
    return Rows(connection, columns, tuple(name for (name,) in names), tuple(counts.tolist()), order)


def days(rows: Rows) -> list[dict[str, int]]:
    """Count each slice's rows by UTC day of ``inference_time``; without ICU, so from the microseconds."""
    found: list[dict[str, int]] = [{} for _ in rows.slices]
    if "inference_time" not in rows.columns:
        return found
    day = f"DATE '1970-01-01' + CAST(floor(epoch_us(inference_time) / {_MICROSECONDS_A_DAY}) AS INTEGER)"
    counted = rows.connection.execute(
        f"SELECT {SLICE}, CAST({day} AS VARCHAR), count(*) FROM inferences "
        f"WHERE inference_time IS NOT NULL AND {SLICE} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    for number, name, count in counted.fetchall():
        found[number][name] = count
    return found


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    ((count,),) = connection.execute("SELECT count(*) FROM file").fetchall()
    return int(count)
