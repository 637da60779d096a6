"""Connections for reading, kept open between requests; a process that serves pages asks for many in a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from daywatch.config.deployment.databases import LONGEST_WAIT, bound_sessions, bound_waits
from daywatch.warehouse.database import check_schema, connect, database_errors

_KEPT, _MORE = 5, 15
"""Connections that are kept, and those opened besides them while many read at once."""

_SECONDS_KEPT = 600
_LONGEST_SESSION = 900.0
"""Seconds after which a connection is ended even in use; one that is older than ``_SECONDS_KEPT`` is replaced first."""

_LOCK = threading.Lock()
_POOLS: dict[str, sa.Engine] = {}
_CHECKED: set[str] = set()
"""Addresses whose schema was found to be the right one; another one needs another Daywatch, and thus a restart."""


@contextmanager
def reading(url: str) -> Iterator[sa.Connection]:
    """Yield a connection whose transaction is rolled back at its end.

    Args:
        url: SQLAlchemy URL of the warehouse, with its driver named.

    Raises:
        InfrastructureError: The database did not answer.
        SetupError: The database refused the connection, or the schema has another version than this Daywatch.
    """
    with database_errors(url), _pool(url).connect() as connection:
        bound_waits(connection, LONGEST_WAIT)
        if url not in _CHECKED:
            check_schema(connection)
            _CHECKED.add(url)
        yield connection


def _pool(url: str) -> sa.Engine:
    """Return the pool of an address; the one of another address is closed, because a process reads one warehouse."""
    with _LOCK:
        if url not in _POOLS:
            for other in list(_POOLS):
                _POOLS.pop(other).dispose()
            pooled = sa.pool.QueuePool
            engine = connect(
                url,
                poolclass=pooled,
                pool_size=_KEPT,
                max_overflow=_MORE,
                pool_pre_ping=True,
                pool_recycle=_SECONDS_KEPT,
            )
            bound_sessions(engine, _LONGEST_SESSION)
            _POOLS[url] = engine
        return _POOLS[url]
