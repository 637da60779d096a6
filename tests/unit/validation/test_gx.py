"""The data source that suites are validated on."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from daywatch.validation.gx import batch_of, configured, open_source, validate_batch


def exist(column: str) -> dict[str, Any]:
    return {"type": "expect_column_to_exist", "kwargs": {"column": column}}


def test_each_source_is_a_database_of_its_own_and_closed_at_the_end() -> None:
    with open_source() as one, open_source() as other:
        with one.get_execution_engine().get_connection() as connection:
            connection.exec_driver_sql("CREATE TABLE numbers AS SELECT 1 AS n")
        with (
            other.get_execution_engine().get_connection() as second,
            pytest.raises(sa.exc.ProgrammingError, match="numbers does not exist"),
        ):
            second.exec_driver_sql("FROM numbers")
    assert connection.closed
    assert second.closed


def test_a_source_is_closed_after_an_exception() -> None:
    def fails() -> None:
        with open_source() as source, source.get_execution_engine().get_connection() as connection:
            opened.append(connection)
            raise MemoryError

    opened: list[sa.Connection] = []
    with pytest.raises(MemoryError):
        fails()
    assert opened[0].closed


def test_results_carry_the_places_of_their_expectations() -> None:
    with open_source() as source:
        with source.get_execution_engine().get_connection() as connection:
            connection.exec_driver_sql("CREATE TABLE numbers AS SELECT 1 AS n")
        batch = batch_of(source, "numbers")
        expectations = [configured(exist(name), place) for place, name in enumerate(("n", "gone", "n"))]
        results = validate_batch(batch, expectations)
    places = {one["expectation_config"]["meta"]["place"]: one["success"] for one in results}
    assert places == {0: True, 1: False, 2: True}
