"""Statistics of one column of a Parquet file; DuckDB reads and counts, numpy sorts and adds up."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.config.model import ColumnType

if TYPE_CHECKING:
    import duckdb

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Probabilities of the quantiles of a numeric column."""

BINS = 20
"""Equal-width bins of a numeric histogram, between the baseline's smallest and largest value."""

FREQUENT = 50
"""How many of the most frequent values are listed."""

LONGEST_VALUE = 200
"""Characters; longer values are counted but never listed."""

_MEMORY = "2GB"
_MICROSECONDS_A_DAY = 86_400_000_000


@dataclass(frozen=True)
class Rows:
    """An opened Parquet file: the view ``inferences`` of a DuckDB connection.

    Attributes:
        connection: Where the view is.
        columns: Names in the file.
        count: Number of rows.
    """

    connection: duckdb.DuckDBPyConnection
    columns: frozenset[str]
    count: int


@contextmanager
def opened(parquet: Path) -> Iterator[Rows]:
    """Open a Parquet file with bounded memory and a folder of its own to spill to."""
    import duckdb

    with (
        tempfile.TemporaryDirectory(prefix="daywatch-profile-") as folder,
        duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": folder}) as connection,
    ):
        relation = connection.read_parquet(str(parquet), hive_partitioning=False)
        relation.create_view("inferences")
        count = _one(connection, "SELECT count(*) FROM inferences")[0]
        yield Rows(connection, frozenset(relation.columns), count)


def quoted(name: str) -> str:
    """Return a column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def days(rows: Rows) -> dict[str, int]:
    """Count rows by UTC day of ``inference_time``; without ICU, so from the microseconds."""
    if "inference_time" not in rows.columns:
        return {}
    day = f"DATE '1970-01-01' + CAST(floor(epoch_us(inference_time) / {_MICROSECONDS_A_DAY}) AS INTEGER)"
    counted = rows.connection.execute(
        f"SELECT CAST({day} AS VARCHAR), count(*) FROM inferences "
        "WHERE inference_time IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    return dict(counted.fetchall())


def numeric(
    rows: Rows, name: str | None, kind: ColumnType, edges: tuple[float, ...] | None
) -> dict[str, Any]:
    """Measure a number or integer column from its sorted values.

    Args:
        rows: The file.
        name: The column, None where the file has none.
        kind: Number or integer.
        edges: Histogram edges, empty for no histogram; None makes them from the values.

    Returns:
        Fields of a ``ColumnProfile``.
    """
    import numpy as np

    present = np.empty(0)
    if name is not None:
        stored = "BIGINT" if kind is ColumnType.INTEGER else "DOUBLE"
        column = quoted(name)  # spelled out below: an alias would lose against a feature of its name
        query = f"SELECT CAST({column} AS {stored}) FROM inferences WHERE {column} IS NOT NULL"
        (fetched,) = rows.connection.execute(query).fetchnumpy().values()
        present = np.asarray(fetched)
    values = np.sort(present[np.isfinite(present)])
    distinct = int(np.count_nonzero(values[1:] != values[:-1])) + 1 if len(values) else 0
    values = values.astype(np.float64) + 0.0  # minus zero becomes zero
    return {
        "count": len(values),
        "nulls": rows.count - len(present),
        "non_finite": len(present) - len(values),
        "distinct": distinct,
        **(_moments(values) if len(values) else {}),
        **_histogram(values, _edges(values) if edges is None else np.asarray(edges, dtype=np.float64)),
    }


def _moments(values: Any) -> dict[str, Any]:
    """Return mean, deviation, extremes and quantiles of sorted values; what overflows becomes None."""
    import numpy as np

    smallest, largest = float(values[0]), float(values[-1])
    mean, std = smallest, 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        if smallest < largest:
            mean = float(np.mean(values))
            std = float(np.sqrt(np.mean(np.square(values - mean))))
        quantiles = np.quantile(values, QUANTILES).tolist()
    return {"mean": mean, "std": std, "min": smallest, "max": largest, "quantiles": quantiles}


def _edges(values: Any) -> Any:
    """Return equal-width edges over sorted values; around a single value one wide, as numpy does."""
    import numpy as np

    if not len(values):
        return np.empty(0)
    low, high = float(values[0]), float(values[-1])
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low / 2, high / 2, BINS + 1) * 2  # halved, because high - low may overflow
    edges[0], edges[-1] = low, high
    return np.clip(edges, low, high)


def _histogram(values: Any, edges: Any) -> dict[str, Any]:
    """Count sorted values between edges; the last bin includes its upper edge."""
    import numpy as np

    if not len(edges):
        return {}
    at = np.searchsorted(values, edges, side="left")
    at[-1] = np.searchsorted(values, edges[-1], side="right")
    return {
        "edges": edges.tolist(),
        "histogram": np.diff(at).tolist(),
        "underflow": int(at[0]),
        "overflow": len(values) - int(at[-1]),
    }


def categorical(rows: Rows, name: str | None, kind: ColumnType, known: tuple[str, ...]) -> dict[str, Any]:
    """Measure a category, boolean or text column from its counted values.

    Args:
        rows: The file.
        name: The column, None where the file has none.
        kind: Category, boolean or text.
        known: Values to list however rare they are.

    Returns:
        Fields of a ``ColumnProfile``.
    """
    if name is None:
        return {"nulls": rows.count}
    column = quoted(name)
    rows.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE counted AS SELECT CAST({column} AS VARCHAR) AS value, count(*) AS n "
        f"FROM inferences WHERE {column} IS NOT NULL GROUP BY 1"
    )
    count, distinct, *lengths = _one(
        rows.connection,
        "SELECT coalesce(sum(n), 0)::BIGINT, count(*), min(length(value)), max(length(value)), "
        "sum(length(value) * n)::BIGINT FROM counted",
    )
    listed = rows.connection.execute(
        "WITH ranked AS (SELECT value, n, row_number() OVER (ORDER BY n DESC, value) AS rank FROM counted "
        "WHERE length(value) <= $longest) "
        "SELECT value, n FROM ranked WHERE rank <= $most OR list_contains($known, value) ORDER BY rank",
        {"longest": LONGEST_VALUE, "most": FREQUENT, "known": list(known)},
    ).fetchall()
    measured: dict[str, Any] = {
        "count": count,
        "nulls": rows.count - count,
        "distinct": distinct,
        "frequent": [{"value": value, "count": n} for value, n in listed],
        "other": count - sum(n for _, n in listed),
    }
    if kind is ColumnType.TEXT and count:
        measured |= {"length_min": lengths[0], "length_max": lengths[1], "length_mean": lengths[2] / count}
    return measured


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    return row if row is not None else ()
