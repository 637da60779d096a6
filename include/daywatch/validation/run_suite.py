"""Run a Great Expectations suite on canonical Parquet, with DuckDB doing the counting.

Great Expectations bundles the aggregates of all expectations into one query. An expectation it cannot
evaluate may take its whole bundle down with it, so every one that got no answer is asked again alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.config.model.model import MonitoredModel
from daywatch.engine.duck import settings_of, text
from daywatch.errors import InfrastructureError
from daywatch.results import ExpectationResult
from daywatch.validation.fingerprint import columns_of
from daywatch.validation.gx import configured, configured_once, load_great_expectations
from daywatch.validation.known_answer_rows import KnownAnswerRows
from daywatch.validation.known_answers import cases_of
from daywatch.validation.outcome import Outcome, result_of, suite_json

if TYPE_CHECKING:
    from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.validator.validator import Validator
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Validated:
    """What validating a window gave.

    Attributes:
        results: One for each expectation, in the suite's order.
        gx_json: Great Expectations' own validation result as canonical JSON; without times and paths,
            so the same rows and suite give the same bytes.
    """

    results: tuple[ExpectationResult, ...]
    gx_json: str


def validate_rows(parquet: Path, suite: Mapping[str, Any], model: MonitoredModel, scratch: Path) -> Validated:
    """Hold rows against a suite; bad data is a result, never an exception.

    Args:
        parquet: The window's canonical Parquet; no rows and missing columns are fine.
        suite: Great Expectations' suite JSON.
        model: Whose rows they are.
        scratch: Folder for DuckDB to spill to; nothing is written elsewhere.

    Raises:
        InfrastructureError: The file cannot be read.
    """
    expectations = list(suite.get("expectations") or [])
    with _connection(parquet, scratch) as connection:
        outcomes = _ask(connection, expectations)
    results = tuple(result_of(expectations[at], outcomes[at]) for at in range(len(expectations)))
    return Validated(results, suite_json(suite.get("name") or model.model, expectations, outcomes))


@contextmanager
def _connection(parquet: Path, scratch: Path) -> Iterator[Connection]:
    """Yield a connection to a DuckDB of its own, in which the file is the view ``inferences``."""
    import sqlalchemy as sa

    database = sa.create_engine(
        "duckdb:///:memory:",
        poolclass=sa.StaticPool,
        isolation_level="AUTOCOMMIT",  # a failed query would abort the transaction of all others
    )
    try:
        with database.connect() as connection:
            for name, value in settings_of(scratch).items():
                connection.exec_driver_sql(f"SET {name} = {text(value)}")
            connection.exec_driver_sql(
                f"CREATE VIEW inferences AS FROM read_parquet({text(str(parquet))}, hive_partitioning = false)"
            )
            yield connection
    except sa.exc.DBAPIError as error:  # GX keeps its own: what arrives here is the file's
        msg = f"{parquet} cannot be read as Parquet: {str(error.orig).splitlines()[0]}"
        raise InfrastructureError(msg) from error
    finally:
        database.dispose()


def _ask(connection: Connection, expectations: list[dict[str, Any]]) -> list[Outcome]:
    """Ask all expectations at once, then those without an answer one by one."""
    validator = _validator(connection, expectations)
    outcomes = _ask_together(validator, expectations)
    unanswered = [place for place, outcome in enumerate(outcomes) if not outcome.answered]
    if unanswered:  # DuckDB raises here when it is the file that cannot be read
        connection.exec_driver_sql("SELECT count(COLUMNS(*)) FROM inferences").fetchall()
    present = {row[0] for row in connection.exec_driver_sql("DESCRIBE inferences").fetchall()}
    for place in unanswered:
        alone = _ask_together(validator, [expectations[place]])[0]
        missing = [name for name in columns_of(expectations[place]) if name not in present]
        outcomes[place] = Outcome.of_missing(missing) if missing and not alone.answered else alone
    return outcomes


def _validator(connection: Connection, expectations: list[dict[str, Any]]) -> Validator:
    """Return GX's validator of the view, without a data context, which would write to HOME."""
    load_great_expectations()
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
    from great_expectations.validator.validator import Validator

    engine = _engine_on(connection)
    engine.known_answers = KnownAnswerRows(connection, cases_of(expectations))  # type: ignore[attr-defined]
    data = SqlAlchemyBatchData(engine, table_name="inferences", create_temp_table=False)
    validator = Validator(execution_engine=engine, batches=[Batch(data=data)])  # type: ignore[arg-type]
    validator.metrics_calculator.show_progress_bars = False
    return validator


def _engine_on(connection: Connection) -> SqlAlchemyExecutionEngine:
    """Return GX's SQL engine kept on one connection: DuckDB drops open results with their connection."""
    from types import ModuleType

    import sqlalchemy as sa
    from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

    class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
        @contextmanager
        def get_connection(self) -> Iterator[Connection]:
            yield connection

    engine = DuckDBExecutionEngine(engine=connection.engine, create_temp_table=False)
    dialect = ModuleType("daywatch_duckdb_types")
    dialect.__dict__.update({name: kind for name, kind in vars(sa).items() if isinstance(kind, type)})
    dialect.__dict__.update({"VARCHAR": sa.String, "TEXT": sa.String})  # as the DuckDB dialect reflects them
    # GX has no word for DuckDB; of the dialects it knows, Dremio spells regular expressions the same way.
    dialect.__dict__["DremioDialect"] = True
    engine.dialect_module = dialect
    return engine


def _ask_together(validator: Validator, expectations: list[dict[str, Any]]) -> list[Outcome]:
    """Return the outcomes in the order of the expectations; GX returns the failures first."""
    try:
        configurations = [configured(expectation, place) for place, expectation in enumerate(expectations)]
        with configured_once():
            found = validator.graph_validate(
                configurations, runtime_configuration={"catch_exceptions": True, "result_format": "BASIC"}
            )
    except Exception as error:  # whatever GX raises becomes the note of the outcome
        return [Outcome.of_exception(error)] * len(expectations)
    outcomes = {result["expectation_config"]["meta"]["place"]: Outcome.of_result(result) for result in found}
    return [outcomes[place] for place in range(len(expectations))]
