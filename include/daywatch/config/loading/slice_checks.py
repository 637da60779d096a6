"""Mistakes in slices, and in rules of the plan about slices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.loading.expressions import expression_mistake
from daywatch.config.loading.mistakes import Mistake, nearest
from daywatch.config.metrics import METRICS, OF_SLICES
from daywatch.config.model.columns import ColumnType, Task
from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.slices import ANY, OF_VERSIONS, short

if TYPE_CHECKING:
    from daywatch.config.model.plan import Rule
    from daywatch.config.model.slices import Slicing

_SQL_TYPES = {ColumnType.NUMBER: "DOUBLE", ColumnType.INTEGER: "BIGINT", ColumnType.BOOLEAN: "BOOLEAN"}


def expression_columns(model: MonitoredModel) -> dict[str, str]:
    """Return the columns that an expression may name, with their types: what is known when the model answers."""
    columns = {feature.name: _SQL_TYPES.get(feature.type, "VARCHAR") for feature in model.stored_features}
    columns["prediction"] = "DOUBLE" if model.output.task is Task.REGRESSION else "VARCHAR"
    if model.output.has_probability:
        columns["probability"] = "DOUBLE"
    return columns


def check_slices(model: MonitoredModel) -> Iterator[Mistake]:
    """Yield slices by columns that there are not, expressions that are none, and rules about no slice."""
    types = {feature.name: feature.type for feature in model.stored_features}
    expressible = expression_columns(model)
    for number, slicing in enumerate(model.slices):
        where = ("slices", number)
        for name in slicing.by:
            if name not in types:
                yield (
                    (*where, "by"),
                    f"expected names of stored features, but received {name!r}{nearest(name, types)}",
                )
            elif types[name] is ColumnType.NUMBER:
                yield (
                    (*where, "by"),
                    f"{name!r} is of type number, whose values are too many to be slices; name a range by 'where'",
                )
            elif name == "version" or name.startswith(OF_VERSIONS):
                yield (
                    (*where, "by"),
                    f"slices by {name!r} would be called as those of the model's versions, 'version=1'; "
                    "use 'where' and 'name'",
                )
        if slicing.where and (mistake := expression_mistake(slicing.where, expressible)):
            yield (*where, "where"), mistake
    for number, rule in enumerate(model.plan.rules):
        for key, mistake in _of_rule(model, rule):
            yield ("plan", "rules", number, key), mistake


def _of_rule(model: MonitoredModel, rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield mistakes of one rule with their keys."""
    definition = METRICS.get(rule.metric)
    if definition is None:
        return  # a mistake of its own
    if not rule.slice:
        if definition.of_slice:
            yield "metric", f"{rule.metric} is about slices: add 'slice', {ANY!r} for the worst of them"
        return
    if rule.metric not in OF_SLICES:
        yield "slice", f"{rule.metric} is not measured of slices; those that are: {', '.join(OF_SLICES)}"
    if rule.span is not None:
        yield "slice", "profiles know no slices: leave out 'slice', or 'over' and 'against'"
    forms = [_form(one) for one in model.slices]
    called = any(_may_be_called(rule.slice, one.label, bool(one.by)) for one in model.slices)
    if not called and (rule.slice != ANY or not forms):
        accepted = ", ".join([ANY, *forms]) if forms else "none, for there are no 'slices'"
        yield "slice", f"there is no slice {rule.slice!r}{nearest(rule.slice, forms)}; accepted: {accepted}"


def _form(slicing: Slicing) -> str:
    """Return how slices of a slicing are called, such as ``origin=...``."""
    return " & ".join(f"{short(name)}=..." for name in slicing.by) or slicing.name


def _may_be_called(name: str, label: str, valued: bool) -> bool:
    """Say whether a slicing may have a slice of that name: which values are frequent, only the baseline knows."""
    if not valued:
        return name == label
    first, _, second = label.partition(" & ")
    return name.startswith((f"{first}=", f"{label}=")) and (not second or f"{second}=" in name)
