"""The databases of a deployment: their addresses, and which of their errors a person has to fix.

A database that refuses a login, or an operation, refuses it again however often it is asked. Everything else
that goes wrong on a connection (the server is away, starts up, has too many sessions) may pass by itself.
"""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from daywatch.config.deployment.connections import Connection
from daywatch.config.deployment.secrets import secrets_among
from daywatch.errors import SetupError

if TYPE_CHECKING:
    import sqlalchemy as sa

_REFUSED_STATES = ("28000", "28P01", "3D000", "42501")
"""PostgreSQL's SQLSTATEs for a refused login, a wrong password, an unknown database, a missing privilege
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

_PASSING_STATES = ("08", "25006", "40", "53", "55P03", "57", "58", "XX")
"""Beginnings of SQLSTATEs of what may pass: a lost connection, a server that only reads after a failover, a
deadlock, a full disk or too many sessions, a lock that is held, a shutdown or a timeout, an I/O error."""

_READ_ONLY, _LOCKED, _TIMED_OUT = "25006", "55P03", "57014"

LONGEST_WAIT = {"lock_timeout": "60s", "statement_timeout": "10min"}
"""How long a session waits for a lock, and for a statement, where the role or the connection sets no bound."""

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

_WRONG_SQL = "SQLITE_ERROR"
"""SQLite's result code for a syntax error, or a table or column that is not there."""

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


def may_pass(error: sa.exc.DBAPIError) -> bool:
    """Return whether a later try may succeed: by SQLSTATE, and by the driver's class where there is none."""
    import sqlalchemy as sa

    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_PASSING_STATES)
    if getattr(error.orig, "sqlite_errorname", "") == _WRONG_SQL:
        return False
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)


def what_to_check(error: sa.exc.DBAPIError) -> str:
    """Return a sentence on an error that may pass but often needs a person, empty for others."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None and not isinstance(error.orig, sqlite3.Error):
        return " Check that it is up, and host and port of its Airflow connection."
    return {
        _READ_ONLY: " It only reads, as a standby does after a failover: check that the address leads to the primary.",
        _LOCKED: " Another session holds a lock: end it if it is stuck (pg_stat_activity shows it).",
        _TIMED_OUT: " Another session may hold a lock, or statement_timeout is too short for it.",
    }.get(state or "", "")


def bound_waits(connection: sa.Connection, waits: Mapping[str, str], *, transaction: bool = True) -> None:
    """Bound the time that a PostgreSQL session waits, where nobody bounded it; SQLite has its own.

    By a statement and not by the start of the session, because connection poolers refuse its options.

    Args:
        connection: The connection.
        waits: Time by setting.
        transaction: Whether the bounds end with the transaction, as they must behind a pooler.
    """
    import sqlalchemy as sa

    if connection.dialect.name != "postgresql":
        return
    for name, time in waits.items():
        connection.execute(
            sa.text("SELECT set_config(:name, :time, :local) WHERE current_setting(:name) IN ('0', '0ms')"),
            {"name": name, "time": time, "local": transaction},
        )


def bound_sessions(engine: sa.Engine, seconds: float) -> None:
    """End each session of an engine after a time, even if its server is silent; for engines without a pool.

    A server that hangs enforces no ``statement_timeout``, and its machine still acknowledges every packet, so
    that no timeout of TCP ends the wait either.

    Args:
        engine: The engine; SQLite's has no connection to end.
        seconds: The longest that a session may take as a whole.
    """
    import sqlalchemy as sa

    if engine.dialect.name != "postgresql":
        return

    def begin(connection: Any, record: Any) -> None:
        # A duplicate: the number of a closed connection may belong to another file when the time is over.
        duplicate = socket.socket(fileno=os.dup(connection.fileno()))
        timer = threading.Timer(seconds, _hang_up, [duplicate])
        timer.daemon = True
        timer.start()
        record.info["daywatch_bound"] = (timer, duplicate)

    def end(_connection: Any, record: Any) -> None:
        timer, duplicate = record.info.pop("daywatch_bound")
        timer.cancel()
        duplicate.close()

    sa.event.listen(engine, "connect", begin, insert=True)  # before SQLAlchemy's own first queries
    sa.event.listen(engine, "close", end)


def _hang_up(connection: socket.socket) -> None:
    """End a connection; the thread that waits for it gets an error."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def shown(url: str) -> str:
    """Return an address for people: without its password, and without parameters, which may hold others."""
    import sqlalchemy as sa

    parsed = sa.make_url(url)
    return parsed.set(query={}).render_as_string(hide_password=True)


def secrets_in(url: str) -> frozenset[str]:
    """Return the secrets of an address: its password, and those in its parameters."""
    import sqlalchemy as sa

    parsed = sa.make_url(url)
    extra = {name: value for name, value in parsed.query.items() if isinstance(value, str)}
    return secrets_among(str(parsed.password or ""), extra)


def first_line(error: sa.exc.DBAPIError) -> str:
    """Return the first line of an error of a database, or its kind where it has no text, without a full stop."""
    lines = str(error.orig).strip().splitlines() or [type(error).__name__]
    return lines[0][:_LONGEST].rstrip(".")
