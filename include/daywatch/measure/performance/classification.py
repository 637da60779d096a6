"""Performance of a classifier on labelled rows: all of a side, or a slice of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.columns import Task
from daywatch.measure.performance.confusion import (
    ClassCounts,
    accuracy,
    class_measures,
    count_confusion,
    mean_measures,
)
from daywatch.measure.performance.intervals import missing
from daywatch.measure.performance.probabilities import probability_measures
from daywatch.measure.performance.value import value_measures
from daywatch.measure.performance.vector import vector_measures
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.columns import Output
    from daywatch.config.model.model import ValueMatrix
    from daywatch.measure.performance.intervals import Measures
    from daywatch.measure.performance.labelled_rows import LabelledRows


@dataclass(frozen=True)
class ClassifierScope:
    """Which measures of a classifier are computed.

    Attributes:
        output: The model's output.
        lift_at: Share of the rows that the lift looks at.
        classes: Names of the classes that get measures of their own, by number among ``LabelledRows.classes``.
        value: What each outcome of two is worth, None where nothing says it.
    """

    output: Output
    lift_at: float
    classes: dict[int, str]
    value: ValueMatrix | None = None


def classification_measures(rows: LabelledRows, scope: ClassifierScope) -> Measures:
    """Return all measures of a classifier.

    Args:
        rows: The labelled rows.
        scope: Which measures are computed.
    """
    confusion = count_confusion(rows.label, rows.prediction, len(rows.classes))
    counts = ClassCounts(confusion)
    measures: Measures = {("accuracy", ""): accuracy(confusion)}
    if scope.output.task is Task.MULTICLASS:
        measures |= mean_measures(confusion, counts)
        measures |= _vector_measures(rows, scope)
        return measures | class_measures(counts, scope.classes)
    positive = rows.classes.index(scope.output.positive_class)
    of_positive = class_measures(counts, {positive: scope.output.positive_class})
    measures |= {(name, ""): measure for (name, _), measure in of_positive.items()}
    measures |= mean_measures(confusion, counts)
    measures |= value_measures(rows.label == positive, rows.prediction, positive, scope.value)
    of_probability: Measures = {}
    if rows.probability is not None:
        of_probability = probability_measures(rows.label == positive, rows.probability, scope.lift_at)
    if len(rows.label) and not (rows.label == positive).any():
        # A positive class that is spelt in another way looks the same: no number says which of them it is.
        note = f"no label is the positive class '{shown(scope.output.positive_class)}'"
        unknown = [*((name, "") for name, _ in of_positive), *of_probability]
        measures |= {key: missing(note, len(rows.label)) for key in unknown}
    else:
        measures |= of_probability
    return measures | class_measures(counts, scope.classes)


def _vector_measures(rows: LabelledRows, scope: ClassifierScope) -> Measures:
    """Return the measures of rows that have all probabilities and a label among the vector's classes."""
    import numpy as np

    vector = rows.vector
    if vector is None:
        return {}
    columns = np.full(len(rows.classes), -1, dtype=np.int32)
    columns[list(vector.codes)] = np.arange(len(vector.codes), dtype=np.int32)
    label = columns[rows.label]
    usable = vector.of_rows(vector.complete) & (label >= 0)
    of_class = {int(columns[code]): name for code, name in scope.classes.items() if columns[code] >= 0}
    measures = vector_measures(label[usable], vector.columns(usable), len(vector.codes), of_class)
    left_out = len(label) - int(usable.sum())
    note = f"{left_out:,} labelled rows without a probability of their class are left out" if left_out else ""
    return {key: measure.noted(note) for key, measure in measures.items()}
