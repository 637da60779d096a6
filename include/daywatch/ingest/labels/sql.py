"""Labels from a query through an Airflow connection to PostgreSQL or SQLite, read only and in chunks."""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
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
from daywatch.engine.budget import LABEL_QUERY_ROWS
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from daywatch.ingest.labels.source import LabelObject, LabelReader
from daywatch.storage import StoredObject

if TYPE_CHECKING:
    import duckdb
    import sqlalchemy as sa

    from daywatch.config.model.labels import SqlLabels
    from daywatch.ingest.labels.source import Insert, LabelRequest

_SECONDS_TO_CONNECT = 10
_LONGEST_SESSION = 2 * 60 * 60.0
"""Seconds; longer than the longest statement."""
_LONGEST_WAIT = {"lock_timeout": "60s", "statement_timeout": "1h"}
_COLUMNS = {"id": "id", "label": "label", "row": "position", "collected_at": "collected"}


class SqlReader(LabelReader):
    """Reads the labels of a window as rows of a query."""

    id_position, label_position = "the column id", "the column label"

    def __init__(self, labels: SqlLabels, request: LabelRequest) -> None:
        """Prepare to read; nothing is opened yet.

        Args:
            labels: The model's configuration of labels: connection, query and delay.
            request: The window, and the look-up of connections.
        """
        self._labels, self._request = labels, request
        self._rows: int | None = None
        self._fingerprint = 0

    def objects(self) -> list[LabelObject]:
        """Return the one object that stands for the query."""
        return [LabelObject(f"sql:{self._labels.connection}")]

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        objects: Mapping[int, LabelObject],  # noqa: ARG002 - there is only the query
        insert: Insert,
    ) -> None:
        """Pass the rows to ``insert``, in the query's order.

        Raises:
            SetupError: There is no such connection, the database refuses it, or the query cannot be run as it is
                written.
            InfrastructureError: The database did not answer.
        """
        import pyarrow as pa

        record = 0
        for names, rows in self._chunks():
            columns = {
                name: pa.array([_text(value) for value in values], pa.string())
                for name, values in zip(names, zip(*rows, strict=True), strict=True)
                if name in _COLUMNS
            }
            table = pa.table(
                {"record": pa.array(range(record + 1, record + 1 + len(rows)), pa.int64()), **columns}
            )
            record += len(rows)
            given = ", ".join(
                f"{name if name in columns else 'NULL'} AS {meant}" for name, meant in _COLUMNS.items()
            )
            connection.register("label_chunk", table)
            insert(
                f"SELECT 0 AS object, record, {given}, NULL AS reason, NULL AS detail, "
                "concat_ws(', ', id, label) AS excerpt FROM label_chunk"
            )
            connection.unregister("label_chunk")

    def with_fingerprints(self, objects: list[LabelObject]) -> list[LabelObject]:
        """Return the query's object with a fingerprint of all its rows, in any order; runs the query if needed."""
        if self._rows is None:
            for _ in self._chunks():
                pass
        (query,) = objects
        stored = StoredObject(query.address, self._rows or 0, f"{self._fingerprint:032x}")
        return [LabelObject(query.address, stored=stored)]

    def _chunks(self) -> Iterator[tuple[list[str], list[Any]]]:
        """Yield the names of the columns and a chunk of rows, again and again."""
        import sqlalchemy as sa

        with self._opened() as opened:
            query = sa.text(self._labels.query).bindparams(**self._parameters(opened.dialect.name))
            streamed = opened.execution_options(stream_results=True, max_row_buffer=LABEL_QUERY_ROWS)
            result = streamed.execute(query)
            names = list(result.keys())
            if missing := [name for name in ("id", "label") if name not in names]:
                msg = (
                    f"The query under labels.query gives the columns {', '.join(names)[:200]}, expected "
                    f"{' and '.join(missing)} among them: name them with AS."
                )
                raise SetupError(msg)
            self._rows, self._fingerprint = 0, 0
            for rows in result.partitions(LABEL_QUERY_ROWS):
                self._rows += len(rows)
                self._fingerprint = (self._fingerprint + sum(map(_fingerprint_of, rows))) % (1 << 128)
                yield names, list(rows)

    @contextmanager
    def _opened(self) -> Iterator[sa.Connection]:
        """Yield a connection that cannot write."""
        import sqlalchemy as sa

        name = self._labels.connection
        found = self._request.connections(name)
        if found is None:
            msg = (
                f"The labels need the Airflow connection {name!r} (type postgres or sqlite), but there is none: "
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
            raise _meaning(error, name, secrets) from shown_cause(error, secrets)
        finally:
            engine.dispose()

    def _parameters(self, dialect: str) -> dict[str, Any]:
        """Return the parameters that the query names, as text for SQLite, which has no timestamps."""
        request = self._request
        timestamps = {
            "window_start": request.window.start,
            "window_end": request.window.end,
            "until": datetime.combine(request.last_day(self._labels), time(), UTC) + timedelta(days=1),
        }
        used = {name: timestamps[name] for name in self._labels.parameters}
        if dialect == "sqlite":
            return {name: f"{value:%Y-%m-%d %H:%M:%S}" for name, value in used.items()}
        return dict(used)


def _meaning(error: sa.exc.DBAPIError, name: str, secrets: frozenset[str]) -> DaywatchError:
    """Return the error that says what an error of the labels' database means."""
    import sqlalchemy as sa

    reason = hidden(first_line(error), secrets)
    of_query = sa.exc.ProgrammingError | sa.exc.DataError | sa.exc.InternalError
    # What is wrong with a query is an OperationalError of SQLite.
    if (isinstance(error, of_query) or isinstance(error.orig, sqlite3.OperationalError)) and not may_pass(
        error
    ):
        return SetupError(f"The query under labels.query cannot be run through {name!r}: {reason}.")
    if refused := refusal(error):
        return SetupError(
            f"The labels' database refused the Airflow connection {name!r}: {hidden(refused, secrets)}."
        )
    return InfrastructureError(
        f"The labels' database {name!r} did not answer: {reason}.{what_to_check(error)}"
    )


def _text(value: Any) -> str | None:
    """Return a value as text; a whole number has no decimals, whatever its type."""
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
    values = repr([_text(value) for value in row]).encode()
    return int.from_bytes(hashlib.blake2b(values, digest_size=16).digest(), "big")
