"""Open the warehouse and run transactions on it; every failure becomes an error of ours, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from daywatch.config.deployment.connections import WAREHOUSE_CONNECTION
from daywatch.config.deployment.databases import (
    LONGEST_WAIT,
    bound_sessions,
    bound_waits,
    first_line,
    may_pass,
    refusal,
    secrets_in,
    shown,
    what_to_check,
)
from daywatch.config.deployment.secrets import hidden, shown_cause
from daywatch.errors import InfrastructureError, SchemaError, SetupError

SCHEMA_VERSION = "0023"
"""The newest migration; a test compares it with Alembic's head."""

_SECONDS_TO_CONNECT = 10
_LONGEST_TRANSACTION = 15 * 60.0
"""Seconds; longer than the longest statement. A migration has no bound."""


def connect(url: str, **pooled: Any) -> sa.Engine:
    """Return an engine for PostgreSQL or SQLite; nothing is opened yet.

    Args:
        url: SQLAlchemy URL with its driver named.
        **pooled: How connections are kept; without it, PostgreSQL's are closed after use.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return sa.create_engine(parsed, connect_args={"timeout": 30}, **pooled)
    pooled = pooled or {"poolclass": sa.pool.NullPool}
    return sa.create_engine(parsed, connect_args={"connect_timeout": _SECONDS_TO_CONNECT}, **pooled)


@contextmanager
def transaction(url: str) -> Iterator[sa.Connection]:
    """Yield a connection inside one transaction: all of it is stored or nothing.

    Args:
        url: SQLAlchemy URL of the warehouse, with its driver named.

    Raises:
        InfrastructureError: The database did not answer.
        SetupError: The database refused the connection, or the schema has another version than this Daywatch.
    """
    engine = connect(url)
    bound_sessions(engine, _LONGEST_TRANSACTION)
    try:
        with database_errors(url), engine.begin() as connection:
            bound_waits(connection, LONGEST_WAIT)
            check_schema(connection)
            yield connection
    finally:
        engine.dispose()


@contextmanager
def database_errors(url: str) -> Iterator[None]:
    """Turn errors of the database into errors of ours; the password is in none of them.

    Args:
        url: SQLAlchemy URL of the warehouse.

    Raises:
        InfrastructureError: The database did not answer; a later try may succeed.
        SetupError: The database refused the login or an operation; a later try would be refused too.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        where, secrets = shown(url), secrets_in(url)
        cause = shown_cause(error, secrets)
        if refused := refusal(error):
            raise SetupError(_refused(where, hidden(refused, secrets))) from cause
        if may_pass(error):
            reason = hidden(first_line(error), secrets)
            msg = f"The warehouse {where} did not answer: {reason}.{what_to_check(error)}"
            raise InfrastructureError(msg) from cause
        raise


def _refused(where: str, refused: str) -> str:
    """Return the error for a warehouse that refused something, with what to check."""
    if where.startswith("sqlite"):
        check = f"the path in the Airflow connection {WAREHOUSE_CONNECTION!r} and the permissions of the file"
    else:
        check = (
            f"login, password and database in the Airflow connection {WAREHOUSE_CONNECTION!r}, and the privileges "
            "of its role"
        )
    return f"The warehouse {where} refused access: {refused}. Check {check}."


def check_schema(connection: sa.Connection) -> None:
    """Check that the schema has the version that this Daywatch reads and writes.

    Args:
        connection: Connection to the warehouse.

    Raises:
        SchemaError: It has another version, or none.
    """
    found = None
    if sa.inspect(connection).has_table("alembic_version"):
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if found != SCHEMA_VERSION:
        msg = (
            f"The warehouse's schema is at version {found or 'none'}, expected {SCHEMA_VERSION}: "
            "run `daywatch warehouse upgrade` or the DAG warehouse_upkeep."
        )
        raise SchemaError(msg)
