"""All that Daywatch asks of Great Expectations, by its documented objects: context, data source, suite.

Nothing in Great Expectations is replaced. ``duckdb_source.py`` adds a data source to it, and
``prediction_expectations.py`` expectations.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from daywatch.validation.fingerprint import DEFAULT_SEVERITY

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation

    from daywatch.validation.duckdb_source import DaywatchDuckDBDatasource, DuckDBExecutionEngine


def load_great_expectations() -> None:
    """Import Great Expectations with our data source and expectations, which register, and telemetry off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while it is imported
    import great_expectations  # noqa: F401

    import daywatch.validation.duckdb_source
    import daywatch.validation.intake_expectations
    import daywatch.validation.prediction_expectations  # noqa: F401


@contextmanager
def open_source() -> Iterator[DaywatchDuckDBDatasource]:
    """Yield an empty DuckDB as a data source of a context that writes no files."""
    load_great_expectations()
    import great_expectations
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    from daywatch.validation.duckdb_source import MEMORY

    settings = DataContextConfig(
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
        # The default makes and removes a temporary folder for a site of documents.
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
    )
    context = great_expectations.get_context(project_config=settings, mode="ephemeral")
    source = context.data_sources.add_daywatch_duckdb("window", connection_string=MEMORY)
    engine: DuckDBExecutionEngine = source.get_execution_engine()
    try:
        yield source
    finally:
        engine.close()


def batch_of(source: DaywatchDuckDBDatasource, table: str) -> Batch:
    """Return a table or view of a data source, whole, as what expectations are validated on."""
    definition = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("whole")
    return definition.get_batch()


def validate_batch(batch: Batch, expectations: list[Expectation]) -> list[ExpectationValidationResult]:
    """Validate expectations, whose metrics Great Expectations bundles into few queries.

    Args:
        batch: The rows.
        expectations: From ``configured``.

    Returns:
        A result for each expectation, those that failed first.
    """
    from great_expectations import ExpectationSuite

    suite = ExpectationSuite(name="window", expectations=expectations)
    return list(batch.validate(suite, result_format="BASIC").results)


def configured(expectation: Mapping[str, Any], place: int) -> Expectation:
    """Return Great Expectations' object of an expectation.

    Args:
        expectation: As suite JSON has it.
        place: Its index in the suite, which ``meta["place"]`` of its result repeats.

    Raises:
        ValueError: It has a severity, or an argument, that Great Expectations does not accept.
        TypeError: Same as above.
        GreatExpectationsError: There is no such expectation, or its arguments do not fit.
    """
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    return ExpectationConfiguration(
        type=expectation["type"],
        kwargs=deepcopy(dict(expectation.get("kwargs") or {})),
        meta={"place": place},
        severity=FailureSeverity(expectation.get("severity") or DEFAULT_SEVERITY),
    ).to_domain_obj()
