"""Opening the warehouse, and its transactions: a failure to answer is one sentence and worth a retry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from daywatch.errors import InfrastructureError, SetupError

SCHEMA_VERSION = "0007"
"""Newest migration; a test holds it against Alembic's head."""

_SECONDS_TO_CONNECT = 10


def connect(url: str) -> sa.Engine:
    """Return an engine for PostgreSQL or SQLite; nothing is opened yet.

    Args:
        url: SQLAlchemy URL with its driver named.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return sa.create_engine(parsed, connect_args={"timeout": 30})
    return sa.create_engine(
        parsed, connect_args={"connect_timeout": _SECONDS_TO_CONNECT}, poolclass=sa.pool.NullPool
    )


@contextmanager
def transaction(url: str) -> Iterator[sa.Connection]:
    """Yield a connection inside one transaction: all of it is stored or nothing.

    Raises:
        InfrastructureError: The database did not answer.
        SetupError: The schema is not the one that this version of Daywatch writes.
    """
    engine = connect(url)
    try:
        with engine.begin() as connection:
            _check_schema(connection)
            yield connection
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise unanswered(url, error) from error
    finally:
        engine.dispose()


def unanswered(url: str, error: sa.exc.DBAPIError) -> InfrastructureError:
    """Return the sentence for a database that did not answer; the password is not in it."""
    where = sa.make_url(url).render_as_string(hide_password=True)
    lines = str(error.orig).strip().splitlines() or [type(error).__name__]
    return InfrastructureError(f"The warehouse {where} did not answer: {lines[0][:300]}")


def _check_schema(connection: sa.Connection) -> None:
    """Refuse to work on a schema of another version."""
    found = None
    if sa.inspect(connection).has_table("alembic_version"):
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if found != SCHEMA_VERSION:
        msg = (
            f"The warehouse's schema is at version {found or 'none'}, expected {SCHEMA_VERSION}: "
            "run `daywatch warehouse upgrade` or the DAG warehouse_upkeep."
        )
        raise SetupError(msg)
