"""Constraints of data quality as a suite that people edit, with the same violations on the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from daywatch.config.model.columns import ColumnType
from daywatch.results import Severity
from daywatch.validation.draft import Draft, suggested_expectation, suite_id
from daywatch.validation.fingerprint import expectation_key

if TYPE_CHECKING:
    from daywatch.adopt.sagemaker.constraints import FeatureConstraints

TYPE_CHECK = "expect_column_type_mismatch_share_to_be_at_most"
COMPLETENESS_CHECK = "expect_column_values_to_not_be_null"
DOMAIN_CHECK = "expect_column_values_to_be_in_set"
RANGE_CHECK = "expect_column_values_to_be_between"

_CHECKS = (TYPE_CHECK, COMPLETENESS_CHECK, DOMAIN_CHECK, RANGE_CHECK)
_CHECKED_TYPES = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN)


def suite_of(
    model: str, constraints: Mapping[str, FeatureConstraints], types: Mapping[str, ColumnType]
) -> dict[str, Any]:
    """Return the suite of a model, as Great Expectations writes it.

    Checks of the same kind that Daywatch would suggest from the baseline are left out, as if a person had removed
    them: a column has the constraints of the file and no others.

    Args:
        model: Name of the model.
        constraints: The constraints of each feature.
        types: The type of each feature, also of those without constraints.
    """
    drafts = [draft for name, one in constraints.items() for draft in drafted(name, one, types[name])]
    expectations = [_written(suggested_expectation(model, one)) for one in drafts]
    left_out = [{"type": check, "kwargs": {"column": name}} for name in types for check in _CHECKS]
    return {
        "name": model,
        "id": suite_id(model),
        "expectations": expectations,
        "meta": {
            "great_expectations_version": version("great_expectations"),
            "daywatch": {"suggested": _keys([*expectations, *left_out])},
        },
        "notes": None,
    }


def drafted(name: str, constraints: FeatureConstraints, type_: ColumnType) -> Iterator[Draft]:
    """Yield the expectations of one column.

    A value of another type breaks a model and is critical; the others are warnings.

    Args:
        name: Name of the column.
        constraints: Its constraints.
        type_: Its type in the model's YAML.
    """
    config = constraints.config
    if not config.evaluate_constraints:
        return
    typed = constraints.inferred_type in ("Integral", "Fractional")
    if typed and type_ in _CHECKED_TYPES and config.datatype_check_threshold > 0:
        most = round(1 - config.datatype_check_threshold, 12)
        yield Draft(TYPE_CHECK, {"column": name, "max_value": most}, Severity.CRITICAL)
    if constraints.completeness > 0:
        kwargs = {"column": name, "mostly": constraints.completeness}
        yield Draft(COMPLETENESS_CHECK, kwargs, Severity.WARNING)
    if constraints.domain and config.domain_content_threshold > 0:
        kwargs = {
            "column": name,
            "value_set": list(constraints.domain),
            "mostly": config.domain_content_threshold,
        }
        yield Draft(DOMAIN_CHECK, kwargs, Severity.WARNING)
    if constraints.is_non_negative and type_.is_numeric:
        yield Draft(RANGE_CHECK, {"column": name, "min_value": 0}, Severity.WARNING)


def _written(expectation: dict[str, Any]) -> dict[str, Any]:
    """Return an expectation without the mark of a suggestion: a rebuilt baseline does not change it."""
    return {**expectation, "meta": {}}


def _keys(expectations: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(expectation_key(one) for one in expectations))
