"""Lines that stream through queries of DuckDB, in portions that bound its memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import (
    BATCHES_AHEAD,
    GROUP_COPIES,
    LINES_COLUMN_MB,
    LINES_MB,
    LONG_BATCH,
    LONG_BATCH_COPIES,
    LONG_GROUP,
    PORTION,
    SPILL_ROW_GROUP,
)
from daywatch.engine.duck import memory_limit
from daywatch.engine.settings import settings_in_force
from daywatch.ingest.reading.lines import Arrays, line_schema, read_lines

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from daywatch.storage import Storage, StoredObject

_MAKING_ROOM = Lock()


def megabytes_for_lines(columns: int) -> int:
    """Return the megabytes that DuckDB needs to read lines. They stream, so that more memory saves little time.

    Args:
        columns: Number of values in a line.
    """
    return round(LINES_MB + LINES_COLUMN_MB * columns)


@contextmanager
def registered_lines(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    storage: Storage,
    objects: Mapping[int, StoredObject],
    limits: Limits,
    *,
    arrays: Arrays | None = None,
) -> Iterator[Iterator[None]]:
    """Yield portions of the lines of objects; for each, one query may read them from a table, while they arrive.

    DuckDB wraps an error of the reader in one of its own; this raises the reader's error.

    Args:
        connection: The connection that runs the queries.
        name: Name of the table of lines.
        storage: The storage of the data URI.
        objects: The objects by number.
        limits: The largest objects and lines that are read.
        arrays: What makes lines of an object that is one JSON array, its elements; None where none may be.

    Raises:
        InfrastructureError: The storage did not answer, or an object changed while it was read.
    """
    failures: list[Exception] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from _read_ahead(read_lines(storage, objects, limits, arrays=arrays))
        except Exception as error:
            failures.append(error)
            raise

    try:
        yield _portions(connection, name, batches())
    except Exception as error:
        if failures:
            raise failures[0] from error
        raise


def _portions(
    connection: duckdb.DuckDBPyConnection, name: str, batches: Iterator[pa.RecordBatch]
) -> Iterator[None]:
    """Register each portion of the batches in turn. Where one ends depends on the lines only, not on the machine.

    DuckDB plans a query for each, in a quarter of a second: so only long lines are cut into portions.
    """
    import pyarrow as pa

    # DuckDB calls the reader in threads of its own, which do not know the settings in force.
    initial, bound = memory_limit(connection), settings_in_force().memory
    waiting = next(batches, None)

    def portion() -> Iterator[pa.RecordBatch]:
        nonlocal waiting
        size, all_short = 0, True
        while waiting is not None:
            all_short = all_short and waiting.nbytes * SPILL_ROW_GROUP <= PORTION * waiting.num_rows
            if size and size + waiting.nbytes > PORTION and not all_short:
                return
            size += waiting.nbytes
            _make_room(connection, waiting, initial, bound)
            yield waiting
            waiting = next(batches, None)

    while waiting is not None:
        connection.register(name, pa.RecordBatchReader.from_batches(line_schema(), portion()))
        yield
        connection.unregister(name)


def _make_room(
    connection: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, initial: int, bound: int
) -> None:
    """Let DuckDB take more memory, within the bound, for long lines, which are copied and gathered."""
    group = min(PORTION, SPILL_ROW_GROUP * batch.nbytes // batch.num_rows)
    more = LONG_BATCH_COPIES * batch.nbytes if batch.nbytes > LONG_BATCH else 0
    more += GROUP_COPIES * group if group > LONG_GROUP else 0
    if more:
        cursor = connection.cursor()
        with _MAKING_ROOM:  # another thread may have longer lines
            limit = max(memory_limit(cursor), min(bound, initial + more))
            cursor.execute(f"SET memory_limit = '{limit}B'")


def _read_ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the batches, and read the next ones meanwhile."""
    with ThreadPoolExecutor(1) as reader:
        ahead = deque(reader.submit(next, batches, None) for _ in range(BATCHES_AHEAD))
        while (batch := ahead.popleft().result()) is not None:
            ahead.append(reader.submit(next, batches, None))
            yield batch
