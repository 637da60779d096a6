"""The file ``constraints.json`` of SageMaker Model Monitor: of data quality and of model quality.

Format: "Schema for Constraints" and "Model Quality Metrics" of the SageMaker developer guide. What real files have
besides: ``enable_comparisons`` for ``perform_comparison``, and settings of one feature in one of three places.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from daywatch.config.drift_methods import LINF_ROBUST, LINF_SIMPLE
from daywatch.errors import SetupError
from daywatch.text import shown

Share = Annotated[float, Field(ge=0, le=1)]

_QUALITY = "_constraints"
_OVERRIDES = ("monitoringConfigOverrides", "monitoring_config_overrides")


def _is_enabled(value: Any) -> Any:
    if isinstance(value, str) and value.casefold() in ("enabled", "disabled"):
        return value.casefold() == "enabled"
    return value


Enabled = Annotated[bool, BeforeValidator(_is_enabled)]


def _method(value: Any) -> Any:
    return {"simple": LINF_SIMPLE, "robust": LINF_ROBUST}.get(
        str(value).casefold().removeprefix("linf_"), value
    )


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Comparison(_Read):
    """How distributions are compared.

    Attributes:
        perform_comparison: Whether they are, as the documentation names it.
        enable_comparisons: The same, as other files name it.
        comparison_threshold: The distance above which a column has drifted.
        comparison_method: The drift method of that distance.
        categorical_comparison_threshold: The threshold of texts; None: that of numbers.
        categorical_drift_method: The method of texts.
    """

    perform_comparison: Enabled = True
    enable_comparisons: Enabled = True
    comparison_threshold: float = Field(default=0.1, ge=0)
    comparison_method: Annotated[Literal["linf_simple", "linf_robust"], BeforeValidator(_method)] = (
        "linf_robust"
    )
    categorical_comparison_threshold: float | None = Field(default=None, ge=0)
    categorical_drift_method: Literal["LInfinity", "ChiSquared"] = "LInfinity"

    @property
    def is_on(self) -> bool:
        """Whether distributions are compared."""
        return self.perform_comparison and self.enable_comparisons

    @property
    def numeric(self) -> dict[str, Any]:
        """The drift settings of numbers, as a model's YAML has them."""
        return {"method": self.comparison_method, "threshold": self.comparison_threshold}

    @property
    def categorical(self) -> dict[str, Any]:
        """The drift settings of texts, as a model's YAML has them."""
        own = self.categorical_comparison_threshold
        chi = self.categorical_drift_method == "ChiSquared"
        return {
            "method": "chisquare" if chi else self.comparison_method,
            "threshold": self.comparison_threshold if own is None else own,
        }


class MonitoringConfig(_Read):
    """The settings of the checks.

    Attributes:
        evaluate_constraints: Whether there are any.
        emit_metrics: Whether metrics go to CloudWatch.
        datatype_check_threshold: The least share of values that have the type.
        domain_content_threshold: The least share of texts that are in the domain.
        distribution_constraints: How distributions are compared.
    """

    evaluate_constraints: Enabled = True
    emit_metrics: Enabled = True
    datatype_check_threshold: Share = 1.0
    domain_content_threshold: Share = 1.0
    distribution_constraints: Comparison = Comparison()


class _Numbers(_Read):
    is_non_negative: bool = False


class _Strings(_Read):
    domains: tuple[str | int | float | bool, ...] | None = None


class FeatureConstraints(_Read):
    """The constraints of one column.

    Attributes:
        name: Its name.
        inferred_type: Its type in the baseline.
        completeness: The least share of rows that have a value.
        num_constraints: Whether a number may be negative.
        string_constraints: The texts that there are.
        config: The settings that hold for it: the file's, with its own.
    """

    name: str
    inferred_type: Literal["Integral", "Fractional", "String", "Unknown"] = "Unknown"
    completeness: Share = 0.0
    num_constraints: _Numbers | None = None
    string_constraints: _Strings | None = None
    config: MonitoringConfig = MonitoringConfig()

    @property
    def is_non_negative(self) -> bool:
        """Whether no number is negative."""
        return self.num_constraints is not None and self.num_constraints.is_non_negative

    @property
    def domain(self) -> tuple[str, ...]:
        """The texts that there are; empty where there is no domain."""
        domains = self.string_constraints.domains if self.string_constraints else None
        return tuple(one if isinstance(one, str) else json.dumps(one) for one in domains or ())


class DataConstraints(_Read):
    """The constraints of data quality.

    Attributes:
        features: Those of each column, in the order of the baseline's columns.
        monitoring_config: The settings of all columns that have no own.
    """

    features: tuple[FeatureConstraints, ...]
    monitoring_config: MonitoringConfig = MonitoringConfig()


class Limit(_Read):
    """The constraint of one metric.

    Attributes:
        threshold: The number that the metric is compared with.
        comparison_operator: What violates it.
    """

    threshold: float
    comparison_operator: Literal["LessThanThreshold", "GreaterThanThreshold"]


class QualityConstraints(NamedTuple):
    """The constraints of model quality.

    Attributes:
        kind: What the model answers: ``binary_classification``, ``multiclass_classification`` or ``regression``.
        limits: The constraint of each metric.
    """

    kind: str
    limits: dict[str, Limit]


def read_constraints(content: bytes, address: str) -> DataConstraints | QualityConstraints:
    """Read a file of constraints.

    Args:
        content: The file.
        address: Its address, for sentences.

    Raises:
        SetupError: It has no constraints, or one that Model Monitor does not have.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, Mapping):
        msg = f"{address} is no JSON object: expected the constraints.json of SageMaker Model Monitor."
        raise SetupError(msg)
    try:
        if "features" in document:
            return _data(document, address)
        for key, limits in document.items():
            if key.endswith(_QUALITY) and isinstance(limits, Mapping):
                read = {name: Limit.model_validate(one) for name, one in limits.items()}
                return QualityConstraints(key.removesuffix(_QUALITY), read)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        msg = f"{address} has constraints that Model Monitor does not have: {shown(where)}: {first['msg']}."
        raise SetupError(msg) from None
    keys = ", ".join(map(shown, list(document)[:10])) or "nothing"
    msg = (
        f"{address} has no constraints: expected 'features' (data quality) or a key such as "
        f"'binary_classification_constraints' (model quality), but it has {keys}."
    )
    raise SetupError(msg)


def _data(document: Mapping[str, Any], address: str) -> DataConstraints:
    common = document.get("monitoring_config") or {}
    features = document["features"]
    if not isinstance(features, list) or not all(isinstance(one, Mapping) for one in features):
        msg = f"{address} has no list of features: expected one object for each column."
        raise SetupError(msg)
    named = [{**one, "config": _merged(common, _own(one))} for one in features]
    found = DataConstraints.model_validate({"features": named, "monitoring_config": common})
    names = [one.name for one in found.features]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        listed = ", ".join(map(shown, doubled[:5]))
        msg = f"{address} contradicts itself: it has constraints of {listed} twice."
        raise SetupError(msg)
    return found


def _own(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings that a feature has of its own."""
    places = (feature, feature.get("string_constraints"), feature.get("num_constraints"))
    found = [place.get(key) for place in places if isinstance(place, Mapping) for key in _OVERRIDES]
    merged: Mapping[str, Any] = {}
    for one in found:
        merged = _merged(merged, one) if isinstance(one, Mapping) else merged
    return merged


def _merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(common[key], value)
        for key, value in own.items()
        if isinstance(value, Mapping) and isinstance(common.get(key), Mapping)
    }
    return {**common, **own, **both}
