"""Expectations about predictions that Great Expectations' core does not have; importing registers them.

Two check lists of probabilities, row by row, in the one query that counts for all expectations. Two check
what is missing, in bounded memory. The last looks up known answers, whose rows ``known_answer_rows.py`` found.
"""

# ruff: noqa: TID253 - Great Expectations is here already: load_great_expectations() alone imports this.
from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.compatibility import pydantic
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import (
    BatchExpectation,
    ColumnAggregateExpectation,
    ColumnMapExpectation,
)
from great_expectations.expectations.metrics.column_aggregate_metric_provider import (
    ColumnAggregateMetricProvider,
    column_aggregate_partial,
)
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from daywatch.config.model.known_answers import Absent
from daywatch.validation.cases import ANSWERS
from daywatch.validation.known_answers import Case

_BOUNDS = ("min_value", "max_value")
_LISTED = 20
_NO_VALUES: dict[str, Any] = {"success": None, "result": {"observed_value": "the column has no values"}}


class ColumnListValuesBetween(ColumnMapMetricProvider):
    """Metric: every number of a row's list lies between two bounds."""

    condition_metric_name = "column_list.values_between"
    condition_value_keys = _BOUNDS

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, min_value: float, max_value: float, **_: Any) -> Any:  # noqa: N805
        least, greatest = sa.func.list_min(column), sa.func.list_max(column)
        return sa.and_(least >= min_value, greatest <= max_value)


class ColumnListSumBetween(ColumnMapMetricProvider):
    """Metric: the sum of a row's list lies between two bounds."""

    condition_metric_name = "column_list.sum_between"
    condition_value_keys = _BOUNDS

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, min_value: float, max_value: float, **_: Any) -> Any:  # noqa: N805
        return sa.func.list_sum(column).between(min_value, max_value)


class ExpectColumnListValuesToBeBetween(ColumnMapExpectation):
    """Expect every number of a column's lists to lie between two bounds, both included."""

    min_value: float
    max_value: float

    map_metric: ClassVar[str] = "column_list.values_between"
    success_keys: ClassVar[tuple[str, ...]] = (*_BOUNDS, "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column", *_BOUNDS)


class ExpectColumnListSumToBeBetween(ColumnMapExpectation):
    """Expect the sum of each of a column's lists to lie between two bounds, both included."""

    min_value: float
    max_value: float

    map_metric: ClassVar[str] = "column_list.sum_between"
    success_keys: ClassVar[tuple[str, ...]] = (*_BOUNDS, "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column", *_BOUNDS)


class ColumnAbsentValues(ColumnAggregateMetricProvider):
    """Metric: which values of a set a column does not have.

    Great Expectations' own fetches all distinct values: 5,000,000 of them take 1.7 GB.
    """

    metric_name = "column.absent_values"
    value_keys = ("value_set",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,  # noqa: N805
        execution_engine: Any,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> list[Any]:
        rows, _domain, accessor = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.COLUMN
        )
        column: Any = sa.column(accessor["column"])
        wanted = metric_value_kwargs["value_set"]
        query = sa.select(column).where(column.in_(wanted)).distinct().select_from(rows)
        present = {row[0] for row in execution_engine.execute_query(query)}
        return [value for value in wanted if value not in present]


class ColumnVaries(ColumnAggregateMetricProvider):
    """Metric: whether a column has two different values, None where it has none; NaN is a value.

    By the least and the greatest hash: to count distinct values takes 500 MB for 10,000,000 numbers, and the
    least and greatest value DuckDB takes from the file's statistics, which leave NaN out.
    """

    metric_name = "column.varies"

    @column_aggregate_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, **_: Any) -> Any:  # noqa: N805
        hashed, given = sa.func.hash(column), column.is_not(None)
        return sa.func.min(hashed).filter(given) < sa.func.max(hashed).filter(given)


class ColumnLeastText(ColumnAggregateMetricProvider):
    """Metric: the least value of a column as text, which tells NaN from no value."""

    metric_name = "column.least_text"

    @column_aggregate_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, **_: Any) -> Any:  # noqa: N805
        return sa.cast(sa.func.min(column), sa.String)


class ExpectColumnValuesToIncludeSet(ColumnAggregateExpectation):
    """Expect each value of a set at least once in a column; not evaluated where the column has no values."""

    value_set: list[Any]

    metric_dependencies: ClassVar[tuple[str, ...]] = ("column.absent_values", "column.varies")
    success_keys: ClassVar[tuple[str, ...]] = ("value_set",)
    args_keys: ClassVar[tuple[str, ...]] = ("column", "value_set")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: Any = None,  # noqa: ARG002 - as Great Expectations calls it
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        if metrics["column.varies"] is None:
            return _NO_VALUES
        absent = metrics["column.absent_values"]
        missing = {"missing_count": len(absent), "partial_missing_list": absent[:_LISTED]}
        return {"success": not absent, "result": {"observed_value": None, **missing}}


class ExpectColumnValuesToVary(ColumnAggregateExpectation):
    """Expect at least two different values in a column; not evaluated where the column has no values."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("column.varies", "column.least_text")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: Any = None,  # noqa: ARG002 - as Great Expectations calls it
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        varies = metrics["column.varies"]
        if varies is None:
            return _NO_VALUES
        observed = "different values" if varies else f"all are {metrics['column.least_text']}"
        return {"success": varies, "result": {"observed_value": observed}}


class KnownAnswerMatches(TableMetricProvider):
    """Metric: the answers of the rows that have a case's features."""

    metric_name = "known_answer.matches"
    value_keys = ("features", "expected", "tolerance")

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,  # noqa: N805
        execution_engine: Any,
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> Any:
        return execution_engine.known_answers.of(Case.of(metric_value_kwargs))


class ExpectKnownAnswer(BatchExpectation):
    """Expect every captured request with a case's features to be answered as the case says."""

    case: str
    features: dict[str, Any]
    expected: dict[str, Any]
    tolerance: float = pydantic.Field(default=0, ge=0)
    absent: Absent = Absent.NOT_EVALUATED

    metric_dependencies: ClassVar[tuple[str, ...]] = ("known_answer.matches",)
    success_keys: ClassVar[tuple[str, ...]] = ("case", "features", "expected", "tolerance", "absent")
    args_keys: ClassVar[tuple[str, ...]] = success_keys

    @pydantic.validator("features", "expected")
    def _is_given(cls, value: dict[str, Any]) -> dict[str, Any]:  # noqa: N805
        if not value:
            msg = "expected at least one name and its value"
            raise ValueError(msg)
        return value

    @pydantic.validator("expected")
    def _is_an_answer(cls, value: dict[str, Any]) -> dict[str, Any]:  # noqa: N805
        if unknown := sorted(set(value) - set(ANSWERS)):
            msg = f"expected {', '.join(ANSWERS)}, but received {', '.join(unknown)}"
            raise ValueError(msg)
        return value

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: Any = None,  # noqa: ARG002 - as Great Expectations calls it
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        found = metrics["known_answer.matches"]
        if found.rows == 0:
            success = False if self.absent == Absent.FAILED else None
            return {
                "success": success,
                "result": {"observed_value": "no captured request has these features"},
            }
        case = Case(self.features, self.expected, self.tolerance)
        details = {"requests": found.rows, "changed": found.changed}
        result = {"observed_value": found.sentence(case), "details": details}
        return {"success": found.changed == 0, "result": result}
