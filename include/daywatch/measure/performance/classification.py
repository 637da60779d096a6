"""Quality of a classifier on labelled rows, all of them or a slice."""

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
from daywatch.measure.performance.probabilities import probability_measures
from daywatch.measure.performance.vector import vector_measures

if TYPE_CHECKING:
    from daywatch.config.model.columns import Output
    from daywatch.measure.performance.intervals import Measures
    from daywatch.measure.performance.labelled_rows import Answers


@dataclass(frozen=True)
class Wanted:
    """What is measured of a classifier.

    Attributes:
        output: The model's answer.
        lift_at: Share of the rows that the lift looks at.
        classes: Classes that are measured by themselves: numbers among the answers' classes, and their names.
    """

    output: Output
    lift_at: float
    classes: dict[int, str]


def classification_measures(answers: Answers, wanted: Wanted) -> Measures:
    """Return all measures of a classifier.

    Args:
        answers: Labelled rows; ``Answers.take`` gives those of a slice.
        wanted: What is measured.
    """
    confusion = count_confusion(answers.label, answers.prediction, len(answers.classes))
    counts = ClassCounts(confusion)
    measures: Measures = {("accuracy", ""): accuracy(confusion)}
    if wanted.output.task is Task.MULTICLASS:
        measures |= mean_measures(confusion, counts)
        measures |= _of_vector(answers, wanted)
        return measures | class_measures(counts, wanted.classes)
    positive = answers.classes.index(wanted.output.positive_class)
    of_positive = class_measures(counts, {positive: wanted.output.positive_class})
    measures |= {(name, ""): measure for (name, _), measure in of_positive.items()}
    measures |= mean_measures(confusion, counts)
    if answers.probability is not None:
        measures |= probability_measures(answers.label == positive, answers.probability, wanted.lift_at)
    return measures | class_measures(counts, wanted.classes)


def _of_vector(answers: Answers, wanted: Wanted) -> Measures:
    """Measure the rows that have all probabilities and whose label is one of the vector's classes."""
    import numpy as np

    vector = answers.vector
    if vector is None:
        return {}
    columns = np.full(len(answers.classes), -1, dtype=np.int32)
    columns[list(vector.codes)] = np.arange(len(vector.codes), dtype=np.int32)
    label = columns[answers.label]
    usable = vector.of_rows(vector.complete) & (label >= 0)
    of_class = {int(columns[code]): name for code, name in wanted.classes.items() if columns[code] >= 0}
    measures = vector_measures(label[usable], vector.columns(usable), len(vector.codes), of_class)
    left_out = len(label) - int(usable.sum())
    note = f"{left_out:,} labelled rows without a probability of their class are left out" if left_out else ""
    return {key: measure.noted(note) for key, measure in measures.items()}
