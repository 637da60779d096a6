"""Work on one column after the other: one thread reads while others compute, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import TYPE_CHECKING, TypeVar

from daywatch.engine.budget import COLUMN_VALUES
from daywatch.engine.settings import settings_in_force

if TYPE_CHECKING:
    from daywatch.measure.columns.tables import Column


Content = TypeVar("Content")
Result = TypeVar("Result")


def each_column(
    columns: Iterable[Column],
    read: Callable[[Column], Content],
    compute: Callable[[Column, Content], Result],
    values: int,
) -> list[Result]:
    """Return what was computed of each column, in their order, whatever the number of threads.

    Args:
        columns: Which.
        read: Called in the calling thread: a DuckDB connection belongs to one.
        compute: Called in other threads; what costs time in it lets other threads run (numpy, SciPy).
        values: Of both sides of a column, which says how many columns are in memory at once.
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
    """Return how many columns may be in memory: one being read, the others being computed."""
    return max(1, min(max(workers, 2), COLUMN_VALUES // max(values, 1)))
