"""Whether constraints and statistics are of one baseline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from daywatch.errors import SetupError
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.adopt.sagemaker.constraints import DataConstraints, FeatureConstraints

_ROUNDING = 1e-9


def check_statistics(content: bytes, address: str, constraints: DataConstraints | None, of: str) -> None:
    """Check that a file has statistics of data quality, which do not contradict constraints.

    Args:
        content: The file ``statistics.json``.
        address: Its address, for sentences.
        constraints: The constraints; None for none.
        of: Their address.

    Raises:
        SetupError: They do, or the file is no statistics; one sentence says where.
    """
    try:
        features = {str(one["name"]): one for one in json.loads(content)["features"]}
        wrong = next(_contradictions(features, constraints), None) if constraints is not None else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        msg = f"{address} has no statistics: expected the statistics.json of Model Monitor's data quality."
        raise SetupError(msg) from None
    if wrong:
        msg = f"{address} and {of} contradict each other: {wrong}. Give both files of one baseline."
        raise SetupError(msg)


def check_constraints(found: DataConstraints, other: DataConstraints, where: tuple[str, str]) -> None:
    """Check that two files of constraints do not contradict each other.

    Args:
        found: The constraints of one file.
        other: Those of another.
        where: The addresses of both.

    Raises:
        SetupError: They do; one sentence says where.
    """
    if found == other:
        return
    others = {one.name: one for one in other.features}
    different = [one.name for one in found.features if others.get(one.name) != one]
    different += [name for name in others if name not in {one.name for one in found.features}]
    about = f"their constraints of {shown(different[0])}" if different else "their monitoring_config"
    msg = f"{where[0]} and {where[1]} contradict each other: {about} are not the same. Give one of them."
    raise SetupError(msg)


def _contradictions(features: Mapping[str, Any], constraints: DataConstraints) -> Iterator[str]:
    """Yield what the constraints say that is not so in the statistics."""
    names = {one.name for one in constraints.features}
    yield from (f"only the constraints have {shown(one)}" for one in sorted(names - set(features)))
    yield from (f"only the statistics have {shown(one)}" for one in sorted(set(features) - names))
    for one in constraints.features:
        yield from _of_column(one, features[one.name])


def _of_column(constraints: FeatureConstraints, feature: Mapping[str, Any]) -> Iterator[str]:
    name, kind = shown(constraints.name), feature.get("inferred_type", constraints.inferred_type)
    if kind != constraints.inferred_type:
        yield f"{name} is {constraints.inferred_type} in the constraints and {shown(str(kind))} in the statistics"
    found = feature.get("numerical_statistics") or feature.get("string_statistics") or {}
    common = found.get("common") or {}
    present, missing = float(common.get("num_present", 0)), float(common.get("num_missing", 0))
    share = present / (present + missing) if present + missing else 1.0
    if share < constraints.completeness - _ROUNDING:
        yield (
            f"{name} has a completeness of at least {constraints.completeness:g} in the constraints and of "
            f"{share:g} in the statistics"
        )
    least = found.get("min")
    if constraints.is_non_negative and isinstance(least, int | float) and least < 0:
        yield f"{name} is not negative in the constraints and has {least:g} in the statistics"
