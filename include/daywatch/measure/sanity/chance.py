"""Whether a model is worse than chance: what flipped labels or a wrong positive class look like."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.columns import Task
from daywatch.formatting import number, plural
from daywatch.measure.columns.tables import Side
from daywatch.measure.performance.performance import OTHER

if TYPE_CHECKING:
    import numpy as np

    from daywatch.config.model.columns import Output
    from daywatch.results import ConfusionCell, Metric

_BEYOND = 2.0
"""A score is below chance only if it is so many times as far from it as the end of its 95 % interval is from it.

Twice is four standard errors: a useless model, which is as good as chance, is below it on one day in 30,000.
"""


@dataclass(frozen=True)
class Chance:
    """A score next to what chance would give.

    Attributes:
        title: The score's name for people.
        value: The score.
        chance: What predictions without any knowledge of the row would score.
        high: Upper end of the score's 95 % interval.
        rows: Number of rows that the score comes from.
    """

    title: str
    value: float
    chance: float
    high: float
    rows: int

    @property
    def is_worse(self) -> bool:
        """Whether the score is below chance by more than chance explains."""
        return self.chance - self.value > _BEYOND * (self.high - self.value)

    @property
    def sentence(self) -> str:
        """The score in a sentence."""
        found = f"{self.title} is {number(self.value)} on {plural(self.rows, 'labelled row')}"
        return f"{found}, worse than chance ({number(self.chance)})"


def classifier_chance(
    output: Output, metrics: Iterable[Metric], cells: Iterable[ConfusionCell], side: Side
) -> Chance | None:
    """Compare a classifier with chance: by ROC AUC where there is one, else by accuracy.

    The accuracy of chance is that of predictions as frequent as the model's, and independent of the labels:
    below it, Cohen's kappa is negative.

    Args:
        output: The model's output.
        metrics: The metrics of both sides.
        cells: The confusion matrix of both sides.
        side: The side.
    """
    found = {one.name: one for one in metrics if not (one.slice or one.class_name or one.column)}
    if output.task is Task.BINARY and (auc := _score(found.get("roc_auc"), side)):
        return Chance("ROC AUC", auc[0], 0.5, *auc[1:])
    score = _score(found.get("accuracy"), side)
    if score is None:
        return None
    counted = [
        (one.label, one.prediction, one.baseline_rows if side is Side.BASELINE else one.rows) for one in cells
    ]
    labels: dict[str, int] = {}
    predictions: dict[str, int] = {}
    for label, prediction, rows in counted:
        labels[label] = labels.get(label, 0) + rows
        predictions[prediction] = predictions.get(prediction, 0) + rows
    total = sum(labels.values())
    if not total:
        return None
    # Classes without names of their own are not one class: leaving them out makes chance look smaller.
    agreed = math.fsum(rows * predictions.get(name, 0) for name, rows in labels.items() if name != OTHER)
    return Chance("Accuracy", score[0], agreed / total**2, *score[1:])


def _score(metric: Metric | None, side: Side) -> tuple[float, float, int] | None:
    """Return a metric of one side with the upper end of its interval and its rows."""
    if metric is None:
        return None
    value, high, rows = (
        (metric.baseline, metric.baseline_high, metric.baseline_rows)
        if side is Side.BASELINE
        else (metric.value, metric.high, metric.rows)
    )
    return None if value is None or high is None else (value, high, rows or 0)


def regression_chance(label: np.ndarray, prediction: np.ndarray) -> Chance | None:
    """Compare a regression with chance: by the correlation of labels and predictions, whose chance is 0.

    The interval is Fisher's. Both columns are scaled by their largest value, so that no number is too large.

    Args:
        label: The labels.
        prediction: The predictions; NaN for none.
    """
    import numpy as np

    usable = np.isfinite(label) & np.isfinite(prediction)
    rows = int(usable.sum())
    if rows <= 3:
        return None
    with np.errstate(all="ignore"):
        scaled = [one[usable] / (np.abs(one[usable]).max() or 1.0) for one in (label, prediction)]
        left, right = (one - one.mean() for one in scaled)
        spread = math.sqrt(float((left**2).sum()) * float((right**2).sum()))
        value = float((left * right).sum()) / spread if spread else math.nan
    if not math.isfinite(value):
        return None
    value = max(-1.0, min(1.0, value))
    least = math.nextafter(1.0, 0.0)
    high = math.tanh(math.atanh(max(-least, min(least, value))) + 1.96 / math.sqrt(rows - 3))
    return Chance("Correlation of predictions and labels", value, 0.0, high, rows)
