"""Processing column by column: one thread reads while others compute, within a bound on memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import TYPE_CHECKING, TypeVar

from daywatch.engine.budget import COLUMN_VALUES
from daywatch.engine.settings import settings_in_force

if TYPE_CHECKING:
    from daywatch.measure.columns.measured_columns import Column


Content = TypeVar("Content")
Result = TypeVar("Result")


def each_column(
    columns: Iterable[Column],
    read: Callable[[Column], Content],
    compute: Callable[[Column, Content], Result],
    values: int,
) -> list[Result]:
    """Return the result of each column, in the order of the columns, whatever the number of threads.

    Args:
        columns: The columns.
        read: Reads a column. It runs in the calling thread, because a DuckDB connection belongs to one thread.
        compute: Computes the result of a column. It runs in other threads, at the same time, because NumPy and
            SciPy release the interpreter's lock.
        values: Values of both sides of one column; they decide how many columns are in memory at once.
    """
    workers = settings_in_force().threads
    room = Semaphore(_at_once(values, workers))
    futures: list[Future[Result]] = []
    with ThreadPoolExecutor(workers) as pool:
        for column in columns:
            room.acquire()
            future = pool.submit(compute, column, read(column))
            future.add_done_callback(lambda _: room.release())
            futures.append(future)
        return [future.result() for future in futures]


def _at_once(values: int, workers: int) -> int:
    """Return how many columns may be in memory, including the one that is read."""
    return max(1, min(max(workers, 2), COLUMN_VALUES // max(values, 1)))
