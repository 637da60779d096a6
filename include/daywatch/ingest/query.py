"""A query through an Airflow connection to PostgreSQL or SQLite: read only, in chunks, with a fingerprint."""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from daywatch.config.deployment.databases import (
    bound_sessions,
    bound_waits,
    database_url,
    first_line,
    may_pass,
    refusal,
    what_to_check,
)
from daywatch.config.deployment.secrets import hidden, shown_cause
from daywatch.errors import DaywatchError, InfrastructureError, SetupError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.deployment.connections import Connections

_SECONDS_TO_CONNECT = 10
_LONGEST_SESSION = 2 * 60 * 60.0
"""Seconds; longer than the longest statement."""
_LONGEST_WAIT = {"lock_timeout": "60s", "statement_timeout": "1h"}


@dataclass
class DatabaseQuery:
    """A query of a section of the YAML.

    Attributes:
        section: The section that has the query, such as ``labels``.
        what: What it reads, as sentences name it, such as ``labels``.
        connection: Id of the Airflow connection.
        query: The SQL.
        parameters: Timestamps by the name of the parameter, of those that the query uses.
        wanted: Columns that it has to give.
        connections: Look-up of Airflow connections.
        rows: Number of the rows that it gave, None before it ran.
        fingerprint: A number for these rows that does not depend on their order.
    """

    section: str
    what: str
    connection: str
    query: str
    parameters: Mapping[str, datetime]
    wanted: Sequence[str]
    connections: Connections
    rows: int | None = field(default=None, init=False)
    fingerprint: int = field(default=0, init=False)

    def chunks(self, rows: int) -> Iterator[tuple[list[str], list[Any]]]:
        """Run the query and yield the names of the columns and a chunk of rows, again and again.

        Args:
            rows: Rows of a chunk.

        Raises:
            SetupError: There is no such connection, the database refuses it, or the query cannot be run as it is
                written.
            InfrastructureError: The database did not answer.
        """
        import sqlalchemy as sa

        with self._opened() as opened:
            query = sa.text(self.query).bindparams(**self._bound(opened.dialect.name))
            result = opened.execution_options(stream_results=True, max_row_buffer=rows).execute(query)
            names = list(result.keys())
            if missing := [name for name in self.wanted if name not in names]:
                msg = (
                    f"The query under {self.section}.query gives the columns {', '.join(names)[:200]}, expected "
                    f"{' and '.join(missing)} among them: name them with AS."
                )
                raise SetupError(msg)
            self.rows, self.fingerprint = 0, 0
            empty = True
            for chunk in result.partitions(rows):
                self.rows += len(chunk)
                self.fingerprint = (self.fingerprint + sum(map(_fingerprint_of, chunk))) % (1 << 128)
                empty = False
                yield names, list(chunk)
            if empty:
                yield names, []

    def run(self, rows: int) -> None:
        """Run the query for its fingerprint alone, unless it ran.

        Args:
            rows: Rows that are fetched at once.
        """
        if self.rows is None:
            for _ in self.chunks(rows):
                pass

    @contextmanager
    def _opened(self) -> Iterator[sa.Connection]:
        """Yield a connection that cannot write."""
        import sqlalchemy as sa

        name = self.connection
        found = self.connections(name)
        if found is None:
            msg = (
                f"The {self.what} need the Airflow connection {name!r} (type postgres or sqlite), but there is none: "
                f"create it, or set AIRFLOW_CONN_{name.upper()}."
            )
            raise SetupError(msg)
        url = database_url(found, name)
        is_sqlite = url.startswith("sqlite")
        wait = {} if is_sqlite else {"connect_timeout": _SECONDS_TO_CONNECT}
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool, connect_args=wait)
        bound_sessions(engine, _LONGEST_SESSION)
        try:
            with engine.connect() as connection:
                if is_sqlite:
                    connection.exec_driver_sql("PRAGMA query_only = ON")
                    yield connection
                else:
                    reading = connection.execution_options(postgresql_readonly=True)
                    bound_waits(reading, _LONGEST_WAIT)
                    yield reading
        except sa.exc.DBAPIError as error:
            secrets = found.secrets
            raise self._meaning(error, secrets) from shown_cause(error, secrets)
        finally:
            engine.dispose()

    def _bound(self, dialect: str) -> dict[str, Any]:
        """Return the parameters, as text for SQLite, which has no timestamps."""
        if dialect == "sqlite":
            return {name: f"{value:%Y-%m-%d %H:%M:%S}" for name, value in self.parameters.items()}
        return dict(self.parameters)

    def _meaning(self, error: sa.exc.DBAPIError, secrets: frozenset[str]) -> DaywatchError:
        """Return the error that says what an error of the database means."""
        import sqlalchemy as sa

        name = self.connection
        reason = hidden(first_line(error), secrets)
        of_query = sa.exc.ProgrammingError | sa.exc.DataError | sa.exc.InternalError
        # What is wrong with a query is an OperationalError of SQLite.
        if (isinstance(error, of_query) or isinstance(error.orig, sqlite3.OperationalError)) and not may_pass(
            error
        ):
            return SetupError(
                f"The query under {self.section}.query cannot be run through {name!r}: {reason}."
            )
        if refused := refusal(error):
            return SetupError(
                f"The {self.what}' database refused the Airflow connection {name!r}: {hidden(refused, secrets)}."
            )
        return InfrastructureError(
            f"The {self.what}' database {name!r} did not answer: {reason}.{what_to_check(error)}"
        )


def as_text(value: Any) -> str | None:
    """Return a value of a database as text; a whole number has no decimals, whatever its type."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return str(int(value))
    if isinstance(value, Decimal) and value.is_finite():
        return format(value.normalize(), "f")  # a numeric(4, 2) is 1.50, and a double 1.5
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _fingerprint_of(row: Any) -> int:
    """Return a number for a row; the sum over all rows does not depend on their order."""
    values = repr([as_text(value) for value in row]).encode()
    return int.from_bytes(hashlib.blake2b(values, digest_size=16).digest(), "big")
