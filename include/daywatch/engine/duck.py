"""Open DuckDB with bounds: it spills into the scratch folder instead of growing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.engine.budget import SPILL_ROW_GROUP
from daywatch.engine.settings import settings_in_force

if TYPE_CHECKING:
    import duckdb

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def settings_of(scratch: Path, megabytes: int | None = None) -> dict[str, str]:
    """Return DuckDB's settings for work in a scratch folder, within the bounds that are in force."""
    bounds = settings_in_force()
    return {
        "memory_limit": f"{bounds.memory if megabytes is None else _within_bounds(megabytes)}B",
        "threads": str(bounds.threads),
        "temp_directory": str(scratch / "spill"),
        "TimeZone": "UTC",
        # Extensions would be fetched from the network; what is needed is built in.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def _within_bounds(megabytes: int) -> int:
    """Return the bytes that queries may take which need so much for two threads: each thread holds its own."""
    bounds = settings_in_force()
    return min(bounds.memory, megabytes * 1_000_000 * max(bounds.threads, 2) // 2)


@contextmanager
def duckdb_in(scratch: Path, megabytes: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection whose tables and spill lie in a scratch folder, closed afterwards.

    Args:
        scratch: An existing folder that is thrown away after the stage.
        megabytes: What two threads may take, where the work needs less than the bounds allow.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        for name, value in settings_of(scratch, megabytes).items():
            connection.execute(f"SET GLOBAL {name} = {text(value)}")
        yield connection
    finally:
        connection.close()


@contextmanager
def one_thread_a_query(connection: duckdb.DuckDBPyConnection) -> Iterator[int]:
    """Let each of several queries at once have one thread, and yield how many threads there are.

    Threads of one query that writes a file would hold what is out of order.
    """
    ((threads,),) = connection.execute("SELECT current_setting('threads')").fetchall()
    connection.execute("SET threads = 1")
    yield int(threads)
    connection.execute(f"SET threads = {threads}")


@contextmanager
def memory_of(connection: duckdb.DuckDBPyConnection, megabytes: int) -> Iterator[None]:
    """Let queries take so much memory, for two threads and within the engine's bounds.

    They would take more with every row.
    """
    before = memory_limit(connection)
    connection.execute(f"SET memory_limit = '{_within_bounds(megabytes)}B'")
    yield
    connection.execute(f"SET memory_limit = '{before}B'")


def memory_limit(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many bytes of memory queries may take, to a tenth of a mebibyte as DuckDB tells it."""
    ((limit,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    number, unit = limit.split()
    return int(float(number) * 1024 ** _UNITS.index(unit))


def spill(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> str:
    """Write a query's rows to Parquet, to be read again soon, and return the path as SQL.

    A table would stay in memory. To pack the rows, or to look for repeated values, costs more than it saves, and
    so do large row groups: each is held and given back as a whole.
    """
    connection.execute(f"""
        COPY ({query}) TO {text(str(target))}
        (FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1000, ROW_GROUP_SIZE {SPILL_ROW_GROUP})
    """)
    return text(str(target))


def identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a value as an SQL string literal, where a parameter cannot stand."""
    return "'" + value.replace("'", "''") + "'"
