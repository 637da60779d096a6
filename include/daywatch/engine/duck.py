"""Open DuckDB within bounds: beyond them it spills into the scratch folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.engine.budget import SPILL_ROW_GROUP
from daywatch.engine.settings import settings_in_force

if TYPE_CHECKING:
    import duckdb

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def settings_of(scratch: Path, megabytes: int | None = None) -> dict[str, str]:
    """Return DuckDB's settings for work in a scratch folder, within the bounds that are in force.

    Args:
        scratch: The folder for spilled data.
        megabytes: Memory for two threads, where the work needs less than the bounds allow; None for the bounds.
    """
    bounds = settings_in_force()
    return {
        "memory_limit": f"{bounds.memory if megabytes is None else _within_bounds(megabytes)}B",
        "threads": str(bounds.threads),
        "temp_directory": str(scratch / "spill"),
        "TimeZone": "UTC",
        # It would read a row group as a whole before its first row, and some writers make one of a million rows.
        "disable_parquet_prefetching": "true",
        # DuckDB would download extensions; those that Daywatch needs are built in.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def _within_bounds(megabytes: int) -> int:
    """Return the bytes for queries that need so many megabytes with two threads: each thread needs its share."""
    bounds = settings_in_force()
    return min(bounds.memory, megabytes * 1_000_000 * max(bounds.threads, 2) // 2)


@contextmanager
def duckdb_in(scratch: Path, megabytes: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that spills into a scratch folder, and close it afterwards.

    Args:
        scratch: An existing folder, which is deleted after the stage.
        megabytes: Memory for two threads, where the work needs less than the bounds allow; None for the bounds.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        for name, value in settings_of(scratch, megabytes).items():
            connection.execute(f"SET GLOBAL {name} = {text(value)}")
        yield connection
    finally:
        connection.close()


def seal(run: Callable[[str], Any], files: Iterable[Path] = ()) -> None:
    """Take away from a connection what the text of a file could misuse: all files but these, and its settings.

    For connections that run text which somebody wrote into a file: expressions of slices, and suites. Such text
    is compared with a list before; this is what holds if the list has a gap. Spilling goes on.

    Args:
        run: Runs a statement on the connection.
        files: The files that views of the connection read.
    """
    allowed = ", ".join(text(str(file)) for file in files)
    run(f"SET GLOBAL allowed_paths = [{allowed}]")
    run("SET GLOBAL enable_external_access = false")
    run("SET GLOBAL lock_configuration = true")


@contextmanager
def one_thread_a_query(connection: duckdb.DuckDBPyConnection) -> Iterator[int]:
    """Give one thread to each of several queries that run at once, and yield the number of threads.

    Several threads of one query that writes a file would keep in memory what they finish out of order.
    """
    ((threads,),) = connection.execute("SELECT current_setting('threads')").fetchall()
    connection.execute("SET threads = 1")
    yield int(threads)
    connection.execute(f"SET threads = {threads}")


@contextmanager
def memory_of(connection: duckdb.DuckDBPyConnection, megabytes: int) -> Iterator[None]:
    """Limit the memory of queries in this block, which would otherwise take more with every row.

    Args:
        connection: The connection that runs them.
        megabytes: Memory for two threads; the bounds in force limit it.
    """
    before = memory_limit(connection)
    connection.execute(f"SET memory_limit = '{_within_bounds(megabytes)}B'")
    yield
    connection.execute(f"SET memory_limit = '{before}B'")


def memory_limit(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the bytes of memory that queries may take, as precise as DuckDB prints it: a tenth of a mebibyte."""
    ((limit,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    number, unit = limit.split()
    return int(float(number) * 1024 ** _UNITS.index(unit))


def spill(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> str:
    """Write the rows of a query to Parquet, to be read again soon.

    A table would stay in memory. Compression and dictionaries cost more time than they save, and large row groups
    more memory, because each is held as a whole.

    Args:
        connection: The connection that runs the query.
        query: The query, as SQL.
        target: The file to write.

    Returns:
        The path of the file as an SQL string.
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
    """Return a value as an SQL string literal, for places where SQL accepts no parameter."""
    return "'" + value.replace("'", "''") + "'"
