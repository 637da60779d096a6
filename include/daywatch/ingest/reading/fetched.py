"""Contents of small objects, fetched several at once while those before them are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from daywatch.engine.budget import FETCHED_AHEAD, REQUESTS_AHEAD, SMALL_OBJECT

if TYPE_CHECKING:
    from daywatch.storage import Storage, StoredObject


class _Waiting(NamedTuple):
    """An object whose turn has not come yet.

    Attributes:
        number: Its number.
        stored: The object, as it was listed.
        content: Its content, on its way; None for an object that is streamed when its turn comes.
    """

    number: int
    stored: StoredObject
    content: Future[bytes] | None


def fetched_ahead(
    storage: Storage, objects: Mapping[int, StoredObject]
) -> Iterator[tuple[int, StoredObject, Callable[[], bytes] | None]]:
    """Yield the objects in their order, each with a function that returns its content if it is small, else None.

    The function raises what the storage raised.

    Args:
        storage: The storage of the data URI.
        objects: The objects by number.
    """
    small = sum(_is_small(one) for one in objects.values())
    if small < 2:
        yield from ((number, stored, None) for number, stored in objects.items())
        return
    upcoming = deque(objects.items())
    waiting: deque[_Waiting] = deque()
    size = 0
    pool = ThreadPoolExecutor(min(small, REQUESTS_AHEAD))
    try:
        while upcoming or waiting:
            while upcoming and len(waiting) < 2 * REQUESTS_AHEAD:
                number, stored = upcoming[0]
                if waiting and size + stored.size > FETCHED_AHEAD:
                    break
                upcoming.popleft()
                is_small = _is_small(stored)
                size += stored.size if is_small else 0
                content = pool.submit(storage.read_listed, stored) if is_small else None
                waiting.append(_Waiting(number, stored, content))
            one = waiting.popleft()
            size -= one.stored.size if one.content else 0
            yield one.number, one.stored, one.content.result if one.content else None
    finally:
        # Where the reader stops early, nothing is fetched any more.
        pool.shutdown(cancel_futures=True)


def _is_small(stored: StoredObject) -> bool:
    return stored.is_readable and stored.size <= SMALL_OBJECT
