"""A window's ``constraint_violations.json``: what was expected of its columns and did not hold.

Format: "Schema for Violations" of the SageMaker developer guide, with its six types of checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from daywatch.adopt.sagemaker.expectations import COMPLETENESS_CHECK, DOMAIN_CHECK, TYPE_CHECK
from daywatch.config.drift_methods import P_VALUES
from daywatch.config.model.columns import ColumnType
from daywatch.results import FindingCode
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.judge.evidence import Evidence
    from daywatch.results import ExpectationResult, Metric

_DRIFTS = ("drift_score", "prediction_drift", "target_drift")


def violations_of(evidence: Evidence, model: MonitoredModel) -> dict[str, Any]:
    """Return the content of the file: of columns that are missing or new first, then column by column.

    A column that is missing has no other violation.

    Args:
        evidence: What was exported, validated and measured.
        model: The model's configuration.
    """
    missing = {one.column: one for one in evidence.findings if one.code is FindingCode.FEATURE_MISSING}
    found = [_violation(name, "missing_column_check", one.detail) for name, one in missing.items()]
    records = evidence.counts.named_records
    for column in evidence.counts.extra_columns:
        share = (
            f"{_percent(column.records / records)} of the records have it" if records else "records have it"
        )
        found.append(_violation(column.name, "extra_column_check", f"No feature has this name, but {share}."))
    of_columns = [*_of_expectations(evidence, model), *_of_drift(evidence.metrics)]
    order = [one.name for one in model.stored_features]
    of_columns.sort(key=lambda one: _place(one["feature_name"], order))
    found += [one for one in of_columns if one["feature_name"] not in missing]
    return {"violations": found}


def _place(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


def _of_expectations(evidence: Evidence, model: MonitoredModel) -> Iterator[dict[str, str]]:
    fitting = evidence.counts.type_mismatch_shares(model)
    types = {one.name: one.type for one in model.stored_features}
    for result in evidence.validation.results:
        if result.success is not False:
            continue
        kwargs = json.loads(result.kwargs)
        least = _percent(float(kwargs.get("mostly", 1.0)))
        if result.expectation == TYPE_CHECK and result.column in fitting:
            kind = "Integral" if types.get(result.column) is ColumnType.INTEGER else "Fractional"
            least = _percent(1 - float(kwargs["max_value"]))
            yield _violation(
                result.column,
                "data_type_check",
                f"At least {least} of the values have to be {kind}, but {_percent(1 - fitting[result.column])} are.",
            )
        elif result.expectation == COMPLETENESS_CHECK:
            yield _violation(
                result.column,
                "completeness_check",
                f"At least {least} of the rows have to have a value, but {_met(result)} have one.",
            )
        elif result.expectation == DOMAIN_CHECK:
            yield _violation(
                result.column,
                "categorical_values_check",
                f"At least {least} of the values have to be known ones, but {_met(result)} are.",
            )


def _of_drift(metrics: tuple[Metric, ...]) -> Iterator[dict[str, str]]:
    for one in metrics:
        if one.name in _DRIFTS and one.alert and not one.slice and one.value is not None:
            side = "below" if one.method in P_VALUES else "above"
            what = "p-value" if one.method in P_VALUES else "distance"
            text = f"The {what} {one.value!r} ({one.method}) is {side} its threshold {one.threshold!r}."
            yield _violation(one.column, "baseline_drift_check", text)


def _met(result: ExpectationResult) -> str:
    """Return the share of the values that meet an expectation."""
    return _percent(1 - (result.unexpected_percent or 0.0) / 100)


def _percent(share: float) -> str:
    return f"{round(100 * share, 10):g} %" if share in (0.0, 1.0) else f"{round(100 * share, 10)!r} %"


def _violation(name: str, kind: str, description: str) -> dict[str, str]:
    return {"feature_name": name, "constraint_check_type": kind, "description": shown(description, 500)}
