"""The databases of a deployment: their addresses, and which of their errors a person has to fix.

A database that refuses a login, or an operation, refuses it again however often it is asked. Everything else
that goes wrong on a connection (the server is away, starts up, has too many sessions) may pass by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from daywatch.config.deployment.connections import Connection
from daywatch.errors import SetupError

if TYPE_CHECKING:
    import sqlalchemy as sa

_REFUSED_STATES = ("28000", "28P01", "3D000", "42501")
"""PostgreSQL's SQLSTATEs for a refused login, a wrong password, an unknown database, a missing privilege
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

_REFUSED_LOGIN = re.compile(
    r"authentication failed for user|no password supplied|role \".*\" does not exist|is not permitted to log in"
    r"|database \".*\" does not exist|permission denied for database|no pg_hba\.conf entry"
    r"|pg_hba\.conf rejects connection"
)
"""The messages of the same states while a connection is opened: libpq then hands over no SQLSTATE.

A server whose ``lc_messages`` is another language than English is not recognised, and its refusals are retried.
"""

_REFUSED_FILE = ("SQLITE_AUTH", "SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_PERM", "SQLITE_READONLY")
"""Beginnings of SQLite's result codes for a file that is not there, not writable or not a database
(https://www.sqlite.org/rescode.html)."""

_LONGEST = 300


def database_url(connection: Connection, conn_id: str) -> str:
    """Return the SQLAlchemy URL of a database, with its password.

    Args:
        connection: A connection of type postgres or sqlite.
        conn_id: The id of the connection, for the error.

    Raises:
        SetupError: The connection has another type.
    """
    from sqlalchemy import URL

    if connection.conn_type == "sqlite":
        return f"sqlite:///{connection.host or connection.schema_ or ':memory:'}"
    if connection.conn_type not in ("postgres", "postgresql"):
        msg = f"The connection {conn_id!r} has type {connection.conn_type!r}, expected postgres or sqlite."
        raise SetupError(msg)
    # The driver is named: with SQLAlchemy 2.1 a bare postgresql:// may mean another one than we pin.
    url = URL.create(
        "postgresql+psycopg",
        username=connection.login,
        password=connection.password.get_secret_value() if connection.password else None,
        host=connection.host,
        port=connection.port,
        database=connection.schema_,
        query={key: str(value) for key, value in sorted(connection.extra.items())},
    )
    return url.render_as_string(hide_password=False)


def refusal(error: sa.exc.DBAPIError) -> str:
    """Return the message with which a database refused a login or an operation.

    Args:
        error: The error of the driver, PostgreSQL's or SQLite's, as SQLAlchemy raises it.

    Returns:
        One line without the password; empty where the error is not a refusal.
    """
    state = getattr(error.orig, "sqlstate", None)
    lines = str(error.orig).strip().splitlines()
    found = next((line for line in lines if _REFUSED_LOGIN.search(line)), "") if state is None else ""
    if state in _REFUSED_STATES or getattr(error.orig, "sqlite_errorname", "").startswith(_REFUSED_FILE):
        found = first_line(error)
    return found.rpartition("FATAL:")[2].strip()[:_LONGEST]


def first_line(error: sa.exc.DBAPIError) -> str:
    """Return the first line of an error of a database, or its kind where it has no text."""
    lines = str(error.orig).strip().splitlines() or [type(error).__name__]
    return lines[0][:_LONGEST]
