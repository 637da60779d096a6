"""Run a Great Expectations suite on canonical Parquet, with DuckDB doing the counting.

Great Expectations bundles the aggregates of all expectations into one query. An expectation that it cannot
evaluate may make its whole bundle fail, so each one without an answer is validated again alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.config.model.model import MonitoredModel
from daywatch.engine.duck import seal, settings_of, text
from daywatch.errors import InfrastructureError
from daywatch.results import ExpectationResult
from daywatch.validation.fingerprint import columns_of
from daywatch.validation.gx import batch_of, configured, open_source, validate_batch
from daywatch.validation.known_answer_rows import KnownAnswerRows
from daywatch.validation.known_answers import cases_of
from daywatch.validation.outcome import Outcome, result_of, suite_json

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation
    from sqlalchemy import Connection

    from daywatch.validation.duckdb_source import DaywatchDuckDBDatasource

_VIEW = "inferences"


@dataclass(frozen=True)
class SuiteRun:
    """The results of a suite on a window's rows.

    Attributes:
        results: One for each expectation, in the suite's order.
        gx_json: Great Expectations' own validation result as canonical JSON, without times and paths: the
            same rows and suite give the same bytes.
    """

    results: tuple[ExpectationResult, ...]
    gx_json: str


def validate_rows(
    parquet: Path,
    suite: Mapping[str, Any],
    model: MonitoredModel,
    scratch: Path,
    type_mismatch_shares: Mapping[str, float] | None = None,
) -> SuiteRun:
    """Validate rows with a suite; bad data is a result, never an exception.

    Args:
        parquet: The window's canonical Parquet; it may have no rows, and columns may be missing.
        suite: Great Expectations' suite JSON.
        model: The monitored model, which names a suite without a name.
        scratch: Folder that DuckDB spills to; nothing is written elsewhere.
        type_mismatch_shares: Shares of values that did not fit their types, by column, as the export counted them.

    Raises:
        InfrastructureError: The file cannot be read.
    """
    expectations = list(suite.get("expectations") or [])
    with open_source() as source, _opened(source, parquet, scratch) as connection:
        source.get_execution_engine().type_mismatch_shares = type_mismatch_shares or {}
        outcomes = _validate(source, connection, expectations)
    results = tuple(result_of(expectations[at], outcomes[at]) for at in range(len(expectations)))
    return SuiteRun(results, suite_json(suite.get("name") or model.model, expectations, outcomes))


@contextmanager
def _opened(source: DaywatchDuckDBDatasource, parquet: Path, scratch: Path) -> Iterator[Connection]:
    """Yield the connection of a data source in which the file is a view."""
    import sqlalchemy as sa

    try:
        with source.get_execution_engine().get_connection() as connection:
            for name, value in settings_of(scratch).items():
                connection.exec_driver_sql(f"SET {name} = {text(value)}")
            connection.exec_driver_sql(
                f"CREATE VIEW {_VIEW} AS FROM read_parquet({text(str(parquet))}, hive_partitioning = false)"
            )
            seal(connection.exec_driver_sql, [parquet])  # suites may have SQL
            yield connection
    except sa.exc.DBAPIError as error:  # GX keeps its own: what arrives here is the file's
        msg = f"{parquet} cannot be read as Parquet: {str(error.orig).splitlines()[0]}"
        raise InfrastructureError(msg) from error


def _validate(
    source: DaywatchDuckDBDatasource, connection: Connection, expectations: list[dict[str, Any]]
) -> list[Outcome]:
    """Validate all expectations at once, then those without an answer one by one."""
    source.get_execution_engine().known_answers = KnownAnswerRows(connection, cases_of(expectations))
    batch = batch_of(source, _VIEW)
    outcomes = _validate_together(batch, expectations)
    unanswered = [place for place, outcome in enumerate(outcomes) if not outcome.answered]
    if unanswered:  # DuckDB raises here when it is the file that cannot be read
        connection.exec_driver_sql(f"SELECT count(COLUMNS(*)) FROM {_VIEW}").fetchall()
    present = {row[0] for row in connection.exec_driver_sql(f"DESCRIBE {_VIEW}").fetchall()}
    for place in unanswered:
        alone = _validate_together(batch, [expectations[place]])[0]
        missing = [name for name in columns_of(expectations[place]) if name not in present]
        outcomes[place] = Outcome.of_missing(missing) if missing and not alone.answered else alone
    return outcomes


def _validate_together(batch: Batch, expectations: list[dict[str, Any]]) -> list[Outcome]:
    """Return the outcomes in the order of the expectations."""
    outcomes: dict[int, Outcome] = {}
    accepted: list[Expectation] = []
    for place, expectation in enumerate(expectations):
        try:
            accepted.append(configured(expectation, place))
        except Exception as error:  # whatever GX raises becomes the note of the outcome
            outcomes[place] = Outcome.of_exception(error)
    try:
        for result in validate_batch(batch, accepted):
            outcomes[result["expectation_config"]["meta"]["place"]] = Outcome.of_result(result)
    except Exception as error:  # same as above
        outcomes |= {one.meta["place"]: Outcome.of_exception(error) for one in accepted if one.meta}
    return [outcomes[place] for place in range(len(expectations))]
