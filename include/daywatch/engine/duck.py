"""Open DuckDB with bounds: it spills into the scratch folder instead of growing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "1GB"


@contextmanager
def duckdb_in(scratch: Path, memory_limit: str = MEMORY_LIMIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection whose tables and spill lie in a scratch folder, closed afterwards.

    Args:
        scratch: An existing folder that is thrown away after the stage.
        memory_limit: What DuckDB may take, as it writes sizes.
    """
    import duckdb

    settings = {
        "memory_limit": memory_limit,
        "temp_directory": str(scratch / "spill"),
        "TimeZone": "UTC",
        # Extensions would be fetched from the network; what is needed is built in.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(":memory:")
    try:
        for name, value in settings.items():
            connection.execute(f"SET {name} = {text(value)}")
        yield connection
    finally:
        connection.close()


def identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a value as an SQL string literal, where a parameter cannot stand."""
    return "'" + value.replace("'", "''") + "'"
