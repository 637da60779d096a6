"""Labels that changed: flipped ones, labels that say nothing of the predictions, and another share of the classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.model.columns import Task
from daywatch.formatting import interval, metric_title, metric_value, percent
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.columns.tables import Side

if TYPE_CHECKING:
    from daywatch.measure.causes.view import SearchView
    from daywatch.results import Metric

_CLEAR = 0.15
"""A baseline whose ROC AUC is not so far above 0.5 says nothing of flipped or unrelated labels."""

_CHANCE = 0.5

_NEGLIGIBLE = 0.05
"""Where the interval leaves room for a greater fall of ROC AUC, nothing is said of how well the model ranks."""


def label_diagnoses(view: SearchView) -> Iterator[Diagnosis]:
    """Yield what explains that performance fell, or that the labels drifted, by the labels alone.

    Args:
        view: What the search sees.
    """
    metrics = {one.name: one for one in view.metrics if not (one.class_name or one.slice)}
    auc = metrics.get("roc_auc")
    if auc is None or auc.value is None or auc.baseline is None or auc.baseline < _CHANCE + _CLEAR:
        return
    if auc.low == auc.high:
        return  # of predictions that are all the same, labels can say nothing
    is_reversed = auc.high is not None and auc.high < _CHANCE
    if is_reversed and (_is_within(1 - auc.baseline, auc) or auc.value < 1 - auc.baseline):
        yield _of_labels(
            view, "flipped", f"labels look flipped: {_value(auc)}, and 1 - it would be {1 - auc.value:.3f}"
        )
    elif _is_within(_CHANCE, auc) and (auc.high or 1.0) < (_CHANCE + auc.baseline) / 2:
        words = "labels say nothing about the predictions"
        yield _of_labels(
            view, "unrelated", f"{words}: {_value(auc)}, as by chance; they may belong to other rows"
        )
    elif view.model.output.task is Task.BINARY and not auc.alert and _is_as_before(auc):
        yield from _prior_shift(view, auc, metrics.get("target_drift"))


def _prior_shift(view: SearchView, auc: Metric, drift: Metric | None) -> Iterator[Diagnosis]:
    """Yield another share of the positive class that leaves the ranking of the rows as good as before."""
    positive = view.model.output.positive_class
    sides = [view.categories(side, "label") for side in (Side.BASELINE, Side.WINDOW)]
    was, now = (side.get(positive, 0) / max(sum(side.values()), 1) for side in sides)
    if drift is not None and drift.alert and was and now:
        yield _of_labels(
            view,
            "prior_shift",
            f"the share of the positive class among the labels went from {percent(was)} to {percent(now)}, "
            f"and {_value(auc)}, so the model ranks as well as before",
            f"{percent(now)} of the labels are positive (baseline {percent(was)})",
        )


def _is_as_before(metric: Metric) -> bool:
    """Return whether a metric has not fallen beyond chance, and is known not to have fallen much."""
    low, high = metric.difference_low, metric.difference_high
    return low is not None and high is not None and low > -_NEGLIGIBLE and high >= 0


def _is_within(value: float, metric: Metric) -> bool:
    return metric.low is not None and metric.high is not None and metric.low <= value <= metric.high


def _value(metric: Metric) -> str:
    spread = interval(metric)
    value, baseline = (metric_value(metric.name, one) for one in (metric.value, metric.baseline))
    return f"{metric_title(metric.name)} is {value}{f' ({spread})' if spread else ''}, {baseline} in the baseline"


def _of_labels(view: SearchView, name: str, sentence: str, short: str = "") -> Diagnosis:
    return Diagnosis(
        name=name,
        column="label",
        rows=sum(view.categories(Side.WINDOW, "label").values()),
        sentence=sentence[:1].upper() + sentence[1:],
        short=short or sentence.partition(":")[0],
    )
