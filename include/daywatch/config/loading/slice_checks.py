"""Errors in slices, and in rules of the plan about slices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.base import Place, PlacedError, nearest
from daywatch.config.loading.expressions import expression_error
from daywatch.config.metrics import METRICS, OF_SLICES
from daywatch.config.model.columns import ColumnType
from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.slices import ANY, OF_VERSIONS, short

if TYPE_CHECKING:
    from daywatch.config.model.rule import Rule
    from daywatch.config.model.slices import SliceDefinition


def expression_columns(model: MonitoredModel) -> dict[str, str]:
    """Return the columns that an expression may name, with their DuckDB types: all but the label, and kept values."""
    columns = {feature.name: feature.type.sql_type for feature in model.stored_features}
    columns["prediction"] = model.output.answer_type.sql_type
    if model.output.has_probability:
        columns["probability"] = ColumnType.NUMBER.sql_type
    return {**columns, **dict.fromkeys(model.kept, ColumnType.TEXT.sql_type)}


def check_slices(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of slices by unknown columns, of invalid expressions, and of rules about unknown slices."""
    types = dict.fromkeys(model.kept, ColumnType.CATEGORY)
    types |= {feature.name: feature.type for feature in model.stored_features}
    expressible = expression_columns(model)
    for number, slicing in enumerate(model.slices):
        where: Place = ("slices", number)
        for name in slicing.by:
            if name not in types:
                yield (
                    (*where, "by"),
                    f"expected names of stored features or kept values, but received {name!r}{nearest(name, types)}",
                )
            elif types[name] is ColumnType.NUMBER:
                yield (
                    (*where, "by"),
                    f"{name!r} is of type number, which has too many values; use 'where' and 'name' for a range",
                )
            elif name == "version" or name.startswith(OF_VERSIONS):
                yield (
                    (*where, "by"),
                    f"slices by {name!r} would have the names of the slices of versions, such as 'version=1'; "
                    "use 'where' and 'name'",
                )
        if slicing.where and (error := expression_error(slicing.where, expressible)):
            yield (*where, "where"), error
    for place, rule in model.plan.placed_rules:
        for key, error in _of_rule(model, rule):
            yield (*place, key), error


def _of_rule(model: MonitoredModel, rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the errors of one rule, each with the key of the rule that it is about."""
    custom = {one.name for one in model.custom_metrics}
    if rule.metric not in METRICS and rule.metric not in custom:
        return  # checks.py reports an unknown metric
    definition = METRICS[rule.metric]
    if not rule.slice:
        if definition.of_slice:
            yield "metric", f"{rule.metric} is about slices: add 'slice', {ANY!r} for the worst of them"
        return
    if rule.metric not in OF_SLICES and rule.metric not in custom:
        yield "slice", f"{rule.metric} is not measured of slices; those that are: {', '.join(OF_SLICES)}"
    if rule.span is not None:
        yield "slice", "rules about stored profiles take no slice: leave out 'slice', or 'over' and 'against'"
    forms = [_form(one) for one in model.slices]
    called = any(_may_be_called(rule.slice, one.label, bool(one.by)) for one in model.slices)
    if not called and (rule.slice != ANY or not forms):
        accepted = ", ".join([ANY, *forms]) if forms else "none, because the model has no 'slices'"
        yield "slice", f"there is no slice {rule.slice!r}{nearest(rule.slice, forms)}; accepted: {accepted}"


def _form(slicing: SliceDefinition) -> str:
    """Return how slices of a slicing are called, such as ``origin=...``."""
    return " & ".join(f"{short(name)}=..." for name in slicing.by) or slicing.name


def _may_be_called(name: str, label: str, valued: bool) -> bool:
    """Return whether a slice may have that name; only the baseline knows which values are frequent enough."""
    if not valued:
        return name == label
    first, _, second = label.partition(" & ")
    return name.startswith((f"{first}=", f"{label}=")) and (not second or f"{second}=" in name)
