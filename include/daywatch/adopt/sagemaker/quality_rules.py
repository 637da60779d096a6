"""Constraints of model quality as rules of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from daywatch.config.metrics import METRICS
from daywatch.config.performance_metrics import BEST_CONSTANT

if TYPE_CHECKING:
    from daywatch.adopt.sagemaker.constraints import QualityConstraints

_SIGNS = {"LessThanThreshold": "<", "GreaterThanThreshold": ">"}
_NAMES = {"auc": "roc_auc", "true_positive_rate": "recall"}
_WEIGHTED = "weighted_"


def metric_name(theirs: str) -> str | None:
    """Return Daywatch's name of one of Model Monitor's metrics of model quality; None where there is none."""
    plain = theirs.removesuffix(BEST_CONSTANT)
    ending = theirs.removeprefix(plain)
    weighted = f"{plain.removeprefix(_WEIGHTED)}_weighted"
    found = weighted if plain.startswith(_WEIGHTED) else _NAMES.get(plain, plain)
    return found + ending if found + ending in METRICS else None


def quality_rules(
    constraints: QualityConstraints, output: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield each constraint, and its rule; None where Daywatch has no such metric for the answers.

    Args:
        constraints: The constraints.
        output: The section ``output`` of the model's YAML.
    """
    task = output["task"]
    has_probability = "probability" in output["response"] or "probabilities" in output["response"]
    for theirs, limit in constraints.limits.items():
        name = metric_name(theirs)
        definition = METRICS.get(name or "")
        if (
            definition is None
            or task not in (definition.tasks or (task,))
            or task in definition.needs_class
            or (definition.needs_probability and not has_probability)
        ):
            yield theirs, None
            continue
        sign = _SIGNS[limit.comparison_operator]
        yield theirs, {"metric": name, "red": f"{sign} {limit.threshold!r}"}
