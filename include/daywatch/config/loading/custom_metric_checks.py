"""Errors of custom metrics: a name that is taken, an expression that is no aggregate of the rows."""

from __future__ import annotations

from collections.abc import Iterator

from daywatch.config.base import PlacedError
from daywatch.config.loading.aggregates import aggregate_error
from daywatch.config.loading.slice_checks import expression_columns
from daywatch.config.metrics import METRICS
from daywatch.config.model.model import MonitoredModel

CHARTS = frozenset({"classes", "drift", "latency", "maturity", "volume"})
"""The charts of a model's page that are not of one metric; those of metrics have the metrics' names."""


def check_custom_metrics(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of custom metrics."""
    columns = {name: kind for name, kind in expression_columns(model).items() if name not in model.kept}
    if model.labels is not None:
        columns["label"] = model.output.answer_type.sql_type
    taken: set[str] = set(METRICS)
    for number, one in enumerate(model.custom_metrics):
        where = ("custom_metrics", number)
        if one.name in taken:
            yield (*where, "name"), f"there is a metric {one.name!r} already; choose another name"
        if one.name in CHARTS:
            yield (*where, "name"), f"the page of the model has a chart {one.name!r}; choose another name"
        taken.add(one.name)
        if error := aggregate_error(one.expression, columns):
            yield (*where, "expression"), error
