"""Errors of selected records and of computed features that only show next to the model's other columns."""

from __future__ import annotations

from collections.abc import Iterator

from daywatch.config.base import PlacedError
from daywatch.config.loading.expressions import expression_error, value_error
from daywatch.config.model.capture import RECORD_VALUES, Selection
from daywatch.config.model.model import RESERVED_COLUMNS, MonitoredModel


def check_computed(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of expressions that compute features, and of a model that has no others."""
    redacted = set(model.redaction.columns)
    columns = {one.name: one.type.sql_type for one in model.captured_features if one.name not in redacted}
    for number, one in enumerate(model.features):
        if one.expression and (error := value_error(one.expression, columns, one.type)):
            hint = (
                "; captured features that are not redacted may be named"
                if "there is no column" in error
                else ""
            )
            yield ("features", number, "expression"), f"{error}{hint}"
    if not model.captured_features:
        yield (
            ("features",),
            "expected at least one feature that is captured: all of these have an 'expression'",
        )


_TAKEN = (*RESERVED_COLUMNS, *RECORD_VALUES, "sampling_percent", "attributes")


def check_selection(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of kept values that have another column's name, and of a condition that is none."""
    capture = model.capture
    if not isinstance(capture, Selection):
        return
    features = {one.name.casefold() for one in model.features}
    for name in capture.keep:
        if name in _TAKEN or name in features:
            whose = "a feature" if name in features else "Daywatch's own"
            yield ("capture", "keep", name), f"expected another name: the column {name!r} is {whose}"
    columns = {**RECORD_VALUES, **dict.fromkeys(capture.keep, "VARCHAR")}
    if capture.where and (error := expression_error(capture.where, columns)):
        yield ("capture", "where"), f"{error}; other values of a record have a name under 'capture.keep'"
