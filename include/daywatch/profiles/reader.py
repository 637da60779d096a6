"""Canonical Parquet opened for profiling: as a whole, or split into slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.days import EPOCH, MICROSECOND, day_at, times_of_day
from daywatch.engine.budget import PROFILE_MB
from daywatch.engine.duck import duckdb_in, identifier
from daywatch.engine.scratch import locked_folder
from daywatch.engine.settings import settings_in_force

if TYPE_CHECKING:
    import duckdb


SliceRows = Sequence[Mapping[str, Any]]
"""Partitions of the rows into slices: each maps the names of its slices to arrays of row positions in the file.

No row belongs to two slices of one partition; it may belong to none.
"""


@dataclass(frozen=True)
class Rows:
    """An opened Parquet file: the view ``file`` of a DuckDB connection, and ``inferences``, with the slices' numbers.

    Attributes:
        connection: The connection that has the views.
        columns: Names of the columns in the file.
        counts: Number of rows of each slice; of all rows, as one slice, if the file is not sliced.
        numbers: Columns of ``inferences``, one for each partition, with the number of a row's slice, NULL for none.
        parts: Row positions of each slice, as arrays; empty if the file is not sliced.
    """

    connection: duckdb.DuckDBPyConnection
    columns: frozenset[str]
    counts: tuple[int, ...]
    numbers: tuple[str, ...]
    parts: tuple[Any, ...] = ()

    def present(self, name: str | None, stored: str) -> Iterator[Any]:
        """Read a column once and yield its values that are not missing, as a numpy array for each slice.

        Args:
            name: The column, None if the file has no such column.
            stored: The SQL type as which it is read.
        """
        import numpy as np

        if name is None:
            yield from (np.empty(0) for _ in self.counts)
            return
        column = identifier(name)  # no alias below: a feature of the alias's name would take precedence
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
        """Return SQL for the number of a row's slice, and for grouping by slice and a value, for all slices at once."""
        groups = ", ".join(f"({number}, {value})" for number in self.numbers)
        return f"coalesce({', '.join(self.numbers)})", f"GROUPING SETS ({groups})"


@contextmanager
def open_rows(parquet: Path, slices: SliceRows = ()) -> Iterator[Rows]:
    """Open a Parquet file with bounded memory and a spill folder of its own.

    Args:
        parquet: The local file.
        slices: The rows of its slices; empty to read it as a whole.
    """
    with (
        locked_folder(settings_in_force().folder) as folder,
        duckdb_in(Path(folder), PROFILE_MB) as connection,
    ):
        relation = connection.read_parquet(str(parquet), hive_partitioning=False)
        relation.create_view("file")
        columns = frozenset(relation.columns)
        count = _count(connection)
        numbers = tuple(_number(nth) for nth in range(max(1, len(slices))))
        if not slices:
            connection.execute(f"CREATE VIEW inferences AS SELECT *, 0 AS {numbers[0]} FROM file")
            yield Rows(connection, columns, (count,), numbers)
            return
        _store_numbers(connection, slices, count)
        connection.execute("CREATE VIEW inferences AS SELECT * FROM file POSITIONAL JOIN numbered")
        parts = tuple(part for partition in slices for part in partition.values())
        yield Rows(connection, columns, tuple(map(len, parts)), numbers, parts)


def _number(nth: int) -> str:
    """Return the column of a partition's slice numbers; no feature has such a name, because theirs are printable."""
    return identifier(f"slice\n{nth}")


def _store_numbers(connection: duckdb.DuckDBPyConnection, slices: SliceRows, rows: int) -> None:
    """Make the table ``numbered``: for each row and partition the number of the row's slice."""
    import numpy as np

    codes, first = {}, 0
    for number, partition in enumerate(slices):
        code = np.full(rows, -1, dtype=np.int16)
        for position, part in enumerate(partition.values(), start=first):
            code[part] = position
        codes[f"c{number}"], first = code, first + len(partition)
    connection.register("codes", codes)
    selected = ", ".join(f"nullif(c{number}, -1) AS {_number(number)}" for number in range(len(slices)))
    connection.execute(f"CREATE TEMP TABLE numbered AS SELECT {selected} FROM codes")
    connection.unregister("codes")


def days(rows: Rows, zone: tzinfo) -> list[dict[str, int]]:
    """Count each slice's rows by day of ``inference_time``, from its microseconds: DuckDB's ICU is not loaded.

    Args:
        rows: The rows.
        zone: The time zone of the days.
    """
    found: list[dict[str, int]] = [{} for _ in rows.counts]
    if "inference_time" not in rows.columns:
        return found
    step = times_of_day(zone)
    part = f"CAST(floor(epoch_us(inference_time) / {step // MICROSECOND}) AS BIGINT)"
    number, groups = rows.by_slice("part")
    counted = rows.connection.execute(
        f"SELECT {number} AS s, part, count(*)"
        f" FROM (SELECT {', '.join(rows.numbers)}, {part} AS part FROM inferences WHERE inference_time IS NOT NULL)"
        f" GROUP BY {groups} HAVING s IS NOT NULL ORDER BY s, part"
    )
    for slice_, number_of_part, count in counted.fetchall():
        name = day_at(EPOCH + number_of_part * step, zone).isoformat()
        found[slice_][name] = found[slice_].get(name, 0) + count
    return found


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    ((count,),) = connection.execute("SELECT count(*) FROM file").fetchall()
    return int(count)
