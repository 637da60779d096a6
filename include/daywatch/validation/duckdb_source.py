"""Great Expectations' data source for DuckDB, which it does not have; importing this registers it.

Great Expectations' generic SQL data source cannot be used: it closes each connection after its query, and DuckDB
drops an open result with its connection; it does not find DuckDB's types; and it has no regular expressions
for a dialect that it does not know. tests/contract/test_great_expectations.py shows all three.
"""

# ruff: noqa: TID253 - Great Expectations is here already: load_great_expectations() alone imports this.
from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import sqlalchemy as sa
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

if TYPE_CHECKING:
    from daywatch.validation.known_answer_rows import KnownAnswerRows

MEMORY = "duckdb:///:memory:"
"""Address of a database of its own, in memory."""


def _types() -> ModuleType:
    """Return the module in which Great Expectations looks up types by their names in DuckDB."""
    types = ModuleType("daywatch_duckdb_types")
    types.__dict__.update({name: kind for name, kind in vars(sa).items() if isinstance(kind, type)})
    types.__dict__.update({"VARCHAR": sa.String, "TEXT": sa.String})  # as the DuckDB dialect reflects them
    # Of the dialects that Great Expectations knows, Dremio writes regular expressions as DuckDB does.
    types.__dict__["DremioDialect"] = True
    return types


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Great Expectations' SQL engine, kept on one connection.

    Attributes:
        known_answers: The rows that the metric ``known_answer.matches`` looks up.
        type_mismatch_shares: The shares that the metric ``table.type_mismatch_shares`` returns, by column.
    """

    known_answers: KnownAnswerRows | None = None
    type_mismatch_shares: Mapping[str, float] = MappingProxyType({})

    def __init__(self, *, connection_string: str, **_settings: Any) -> None:
        """Open the database.

        Args:
            connection_string: SQLAlchemy's address of the database.
        """
        database = sa.create_engine(
            connection_string,
            poolclass=sa.StaticPool,
            isolation_level="AUTOCOMMIT",  # a failed query would abort the transaction of all others
        )
        super().__init__(engine=database, create_temp_table=False)
        self.dialect_module = _types()
        self._only_connection = database.connect()

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """Yield the one connection."""
        yield self._only_connection

    def close(self) -> None:
        """Close the connection and the database."""
        self._only_connection.close()
        self.engine.dispose()


class DaywatchDuckDBDatasource(SQLDatasource):
    """Add a DuckDB database as a data source."""

    type: Literal["daywatch_duckdb"] = "daywatch_duckdb"  # type: ignore[assignment]

    execution_engine_override: ClassVar[Any] = DuckDBExecutionEngine

    def get_execution_engine(self) -> DuckDBExecutionEngine:
        """Return the execution engine, the same one in each call."""
        return cast("DuckDBExecutionEngine", super().get_execution_engine())

    def get_engine(self) -> sa.Engine:
        """Return the database of the execution engine, where Great Expectations would open another one."""
        return self.get_execution_engine().engine
