"""An expectation about what the export counted, which the rows no longer show; importing registers it."""

# ruff: noqa: TID253 - Great Expectations is here already: load_great_expectations() alone imports this.
from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.compatibility import pydantic
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

_NOTHING: dict[str, Any] = {
    "success": None,
    "result": {"observed_value": "no values of this column were read"},
}


class TypeMismatchShares(TableMetricProvider):
    """Metric: the share of values that did not fit their type, by column."""

    metric_name = "table.type_mismatch_shares"

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, execution_engine: Any, **_: Any) -> Any:  # noqa: N805
        return dict(execution_engine.type_mismatch_shares)


class ExpectColumnTypeMismatchShareToBeAtMost(BatchExpectation):
    """Expect at most this share of a column's values not to fit its type, whether they cost rows or are missing."""

    column: str
    max_value: float = pydantic.Field(ge=0, le=1)

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.type_mismatch_shares",)
    success_keys: ClassVar[tuple[str, ...]] = ("column", "max_value")
    args_keys: ClassVar[tuple[str, ...]] = success_keys

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: Any = None,  # noqa: ARG002 - as Great Expectations calls it
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        share = metrics["table.type_mismatch_shares"].get(self.column)
        if share is None:
            return _NOTHING
        return {"success": share <= self.max_value, "result": {"observed_value": share}}
