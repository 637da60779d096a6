"""Canonical Parquet opened to be profiled: as a whole, or cut into slices."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.engine.budget import PROFILE_MB
from daywatch.engine.duck import duckdb_in, identifier
from daywatch.engine.settings import settings_in_force

if TYPE_CHECKING:
    import duckdb

_MICROSECONDS_A_DAY = 86_400_000_000

Ways = Sequence[Mapping[str, Any]]
"""Ways of slicing: of each the names of its slices, with the positions of their rows in the file, as an array.

No row belongs to two slices of one way.
"""


@dataclass(frozen=True)
class Rows:
    """An opened Parquet file: the view ``file`` of a DuckDB connection, and ``inferences``, with the slices' numbers.

    Attributes:
        connection: Where the views are.
        columns: Names in the file.
        counts: Rows of each slice; of the one that all are where the file is not sliced.
        numbers: Columns of ``inferences``, one a way of slicing, with the number of a row's slice, NULL for none.
        parts: Positions of each slice's rows; none where the file is not sliced.
    """

    connection: duckdb.DuckDBPyConnection
    columns: frozenset[str]
    counts: tuple[int, ...]
    numbers: tuple[str, ...]
    parts: tuple[Any, ...] = ()

    def present(self, name: str | None, stored: str) -> Iterator[Any]:
        """Read a column once and yield its values that are not missing, a numpy array for each slice.

        Args:
            name: The column, None where the file has none.
            stored: The SQL type to read it as.
        """
        import numpy as np

        if name is None:
            yield from (np.empty(0) for _ in self.counts)
            return
        column = identifier(name)  # spelled out below: an alias would lose against a feature of its name
        where = "" if self.parts else f" WHERE {column} IS NOT NULL"
        query = f"SELECT CAST({column} AS {stored}) FROM file{where}"
        found = list(self.connection.execute(query).fetchnumpy().values())
        if not self.parts:
            yield np.asarray(found.pop())
            return
        for part in self.parts:
            values = found[0][part]
            yield values.compressed() if isinstance(values, np.ma.MaskedArray) else values

    def by_slice(self, value: str) -> tuple[str, str]:
        """Return SQL for the number of a row's slice, and for groups by slice and a value, of all slices at once."""
        groups = ", ".join(f"({number}, {value})" for number in self.numbers)
        return f"coalesce({', '.join(self.numbers)})", f"GROUPING SETS ({groups})"


@contextmanager
def opened(parquet: Path, ways: Ways = ()) -> Iterator[Rows]:
    """Open a Parquet file with bounded memory and a folder of its own to spill to.

    Args:
        parquet: The file.
        ways: Its slices; none does not slice.
    """
    with (
        tempfile.TemporaryDirectory(prefix="daywatch-profile-", dir=settings_in_force().folder) as folder,
        duckdb_in(Path(folder), PROFILE_MB) as connection,
    ):
        relation = connection.read_parquet(str(parquet), hive_partitioning=False)
        relation.create_view("file")
        columns = frozenset(relation.columns)
        count = _count(connection)
        numbers = tuple(_number(way) for way in range(max(1, len(ways))))
        if not ways:
            connection.execute(f"CREATE VIEW inferences AS SELECT *, 0 AS {numbers[0]} FROM file")
            yield Rows(connection, columns, (count,), numbers)
            return
        _store_numbers(connection, ways, count)
        connection.execute("CREATE VIEW inferences AS SELECT * FROM file POSITIONAL JOIN numbered")
        parts = tuple(part for way in ways for part in way.values())
        yield Rows(connection, columns, tuple(map(len, parts)), numbers, parts)


def _number(way: int) -> str:
    """Return the column of the slices' numbers; no feature has this name, for theirs are printable."""
    return identifier(f"slice\n{way}")


def _store_numbers(connection: duckdb.DuckDBPyConnection, ways: Ways, rows: int) -> None:
    """Make the table ``numbered``: of each row the number of its slice, for each way of slicing."""
    import numpy as np

    codes, first = {}, 0
    for number, way in enumerate(ways):
        code = np.full(rows, -1, dtype=np.int16)
        for position, part in enumerate(way.values(), start=first):
            code[part] = position
        codes[f"c{number}"], first = code, first + len(way)
    connection.register("codes", codes)
    selected = ", ".join(f"nullif(c{number}, -1) AS {_number(number)}" for number in range(len(ways)))
    connection.execute(f"CREATE TEMP TABLE numbered AS SELECT {selected} FROM codes")
    connection.unregister("codes")


def days(rows: Rows) -> list[dict[str, int]]:
    """Count each slice's rows by UTC day of ``inference_time``; without ICU, so from the microseconds."""
    found: list[dict[str, int]] = [{} for _ in rows.counts]
    if "inference_time" not in rows.columns:
        return found
    day = f"DATE '1970-01-01' + CAST(floor(epoch_us(inference_time) / {_MICROSECONDS_A_DAY}) AS INTEGER)"
    number, groups = rows.by_slice("day")
    counted = rows.connection.execute(
        f"SELECT {number} AS s, CAST(day AS VARCHAR), count(*)"
        f" FROM (SELECT {', '.join(rows.numbers)}, {day} AS day FROM inferences WHERE inference_time IS NOT NULL)"
        f" GROUP BY {groups} HAVING s IS NOT NULL ORDER BY s, day"
    )
    for slice_, name, count in counted.fetchall():
        found[slice_][name] = count
    return found


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    ((count,),) = connection.execute("SELECT count(*) FROM file").fetchall()
    return int(count)
