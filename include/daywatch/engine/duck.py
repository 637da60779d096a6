"""Open DuckDB with bounds: it spills into the scratch folder instead of growing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.engine.settings import settings_in_force

if TYPE_CHECKING:
    import duckdb


def settings_of(scratch: Path, megabytes: int | None = None) -> dict[str, str]:
    """Return DuckDB's settings for work in a scratch folder, within the bounds that are in force."""
    bounds = settings_in_force()
    memory = bounds.memory if megabytes is None else min(bounds.memory, megabytes * 1_000_000)
    return {
        "memory_limit": f"{memory}B",
        "threads": str(bounds.threads),
        "temp_directory": str(scratch / "spill"),
        "TimeZone": "UTC",
        # Extensions would be fetched from the network; what is needed is built in.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


@contextmanager
def duckdb_in(scratch: Path, megabytes: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection whose tables and spill lie in a scratch folder, closed afterwards.

    Args:
        scratch: An existing folder that is thrown away after the stage.
        megabytes: What DuckDB may take, where the work needs less than the bounds allow.
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
    """Let queries take so much memory, within the engine's bounds, where they would take more with every row."""
    ((before,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    limit = min(settings_in_force().memory, megabytes * 1_000_000)
    connection.execute(f"SET memory_limit = '{limit}B'")
    yield
    connection.execute(f"SET memory_limit = '{before}'")


def spill(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> str:
    """Write a query's rows to Parquet, to be read again soon, and return the path as SQL.

    A table would stay in memory. To pack the rows, or to look for repeated values, costs more than it saves, and
    so do large row groups: each is held and given back as a whole.
    """
    connection.execute(f"""
        COPY ({query}) TO {text(str(target))}
        (FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1000, ROW_GROUP_SIZE 10240)
    """)
    return text(str(target))


def identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a value as an SQL string literal, where a parameter cannot stand."""
    return "'" + value.replace("'", "''") + "'"
