"""Errors of a baseline that only show next to the model's features, answers and plan."""

from __future__ import annotations

from collections.abc import Iterator

from daywatch.config.base import PlacedError, nearest
from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.config.model.model import MonitoredModel


def check_baseline(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of a data set whose columns are not the model's, and of baseline values that no metric has."""
    for key, error in _of_dataset(model):
        yield ("baseline", key), error
    for number, one in enumerate(model.baselines):
        for key, error in _of_dataset(model.model_copy(update={"baseline": one})):
            yield ("baselines", number, key), error
    task = model.output.task
    known = [
        name
        for name, one in METRICS.items()
        if one.kind is MetricKind.PERFORMANCE
        and not one.of_slice
        and task not in one.needs_class
        and (not one.tasks or task in one.tasks)
    ]
    for name in model.plan.baseline_values:
        if name not in known:
            hint = nearest(name, known)
            yield (
                ("plan", "baseline_values", name),
                f"expected performance metrics of all rows, but {task} has no {name!r}{hint}",
            )


def _of_dataset(model: MonitoredModel) -> Iterator[tuple[str, str]]:
    baseline, response = model.baseline, model.output.response
    names = [one.name for one in model.captured_features]
    for name in baseline.columns:
        if name not in names:
            yield "columns", f"expected names of features, but received {name!r}{nearest(name, names)}"
    answers = baseline.answers
    strange = [name for name in answers if name not in response]
    for name in strange:
        yield name, f"output.response has no {name!r}, so the baseline can have none"
    if not answers or strange:
        return
    # Without these a row says nothing: they are what the prediction is, or follows from.
    said_by = next(name for name in ("prediction", "probabilities", "probability") if name in response)
    for name in dict.fromkeys((said_by, *(one for one in response if one == "probabilities"))):
        if name not in answers:
            yield (
                "dataset",
                f"a baseline with {', '.join(answers)} needs 'baseline.{name}' too, as output.response",
            )
