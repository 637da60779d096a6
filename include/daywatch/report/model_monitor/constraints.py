"""A window's ``constraints.json``: what was expected of its columns, as Model Monitor would be asked it.

Format: "Schema for Constraints" of the SageMaker developer guide. ``adopt.sagemaker`` reads it back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from daywatch.adopt.sagemaker.expectations import (
    COMPLETENESS_CHECK,
    DOMAIN_CHECK,
    RANGE_CHECK,
    TYPE_CHECK,
)
from daywatch.config.drift_methods import L_INFINITY, LINF_SIMPLE
from daywatch.config.model.columns import ColumnType

if TYPE_CHECKING:
    from daywatch.config.model.columns import Feature
    from daywatch.config.model.model import MonitoredModel
    from daywatch.results import ExpectationResult

_TYPES = {ColumnType.INTEGER: "Integral", ColumnType.NUMBER: "Fractional"}
_OTHER = ("datatype_check_threshold", "domain_content_threshold")

Arguments = Mapping[tuple[str, str], Mapping[str, Any]]


def constraints_of(results: tuple[ExpectationResult, ...], model: MonitoredModel) -> dict[str, Any]:
    """Return the content of the file, from the expectations of which it knows, and the drift settings.

    A column that is compared by a method that Model Monitor does not have has no comparison there.

    Args:
        results: The results of the suite, which have its arguments.
        model: The model's configuration.
    """
    asked = {(one.expectation, one.column): json.loads(one.kwargs) for one in results}
    common = {
        "evaluate_constraints": "Enabled",
        "emit_metrics": "Enabled",
        "datatype_check_threshold": 1.0,
        "domain_content_threshold": 1.0,
        "distribution_constraints": _comparison(
            model.drift.numeric.method, model.drift.numeric.threshold, model
        ),
    }
    features = [_feature(one, asked, common, model) for one in model.stored_features]
    return {"version": 0.0, "features": features, "monitoring_config": common}


def _comparison(method: str | None, threshold: float | None, model: MonitoredModel) -> dict[str, Any]:
    texts = model.drift.categorical
    found: dict[str, Any] = {
        "perform_comparison": "Enabled" if method in L_INFINITY else "Disabled",
        "comparison_threshold": 0.1 if threshold is None else threshold,
        "comparison_method": "Simple" if method == LINF_SIMPLE else "Robust",
        "categorical_comparison_threshold": 0.1 if texts.threshold is None else texts.threshold,
        "categorical_drift_method": "ChiSquared" if texts.method == "chisquare" else "LInfinity",
    }
    return found


def _feature(
    feature: Feature, asked: Arguments, common: Mapping[str, Any], model: MonitoredModel
) -> dict[str, Any]:
    name = feature.name
    found: dict[str, Any] = {
        "name": name,
        "inferred_type": _TYPES.get(feature.type, "String"),
        "completeness": 0.0,
    }
    if (complete := asked.get((COMPLETENESS_CHECK, name))) is not None:
        found["completeness"] = float(complete.get("mostly", 1.0))
    own: dict[str, Any] = {}
    if feature.type.is_numeric:
        mismatch = asked.get((TYPE_CHECK, name))
        own["datatype_check_threshold"] = 0.0 if mismatch is None else round(1 - mismatch["max_value"], 12)
        found["num_constraints"] = {"is_non_negative": _is_non_negative(asked.get((RANGE_CHECK, name)))}
    domain = asked.get((DOMAIN_CHECK, name))
    if domain is not None:
        found["string_constraints"] = {"domains": list(domain["value_set"])}
        own["domain_content_threshold"] = float(domain.get("mostly", 1.0))
    own = {key: value for key, value in own.items() if value != common[key]}
    if feature.drift.method is not None or feature.drift.threshold is not None:
        inherited = model.drift.numeric if feature.type.is_numeric else model.drift.categorical
        method = feature.drift.method or inherited.method
        own["distribution_constraints"] = _own_comparison(method, feature.drift.threshold, feature, model)
    return {**found, **({"monitoringConfigOverrides": own} if own else {})}


def _is_non_negative(kwargs: Mapping[str, Any] | None) -> bool:
    """Return whether a range is that of every value, and begins at 0 or above."""
    least = (kwargs or {}).get("min_value")
    return least is not None and least >= 0 and (kwargs or {}).get("mostly", 1) == 1


def _own_comparison(
    method: str | None, threshold: float | None, feature: Feature, model: MonitoredModel
) -> dict[str, Any]:
    found = _comparison(method, threshold, model)
    if not feature.type.is_numeric:
        found["perform_comparison"] = "Enabled" if method in {*L_INFINITY, "chisquare"} else "Disabled"
        found["categorical_comparison_threshold"] = found["comparison_threshold"]
        found["categorical_drift_method"] = "ChiSquared" if method == "chisquare" else "LInfinity"
    return found
