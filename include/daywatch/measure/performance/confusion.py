"""The confusion matrix and the measures that follow from it: of all rows, and by class."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.performance_metrics import F_MEASURES
from daywatch.engine.budget import CONFUSION_CELLS
from daywatch.measure.performance.intervals import (
    Bounds,
    Measure,
    Measures,
    logit,
    missing,
    share,
    unit,
    wilson,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

NO_ROWS = "no row has both a label and a prediction"
_NOTHING = 1e-9
_SHARES = {
    "precision": (1.0, 0.0, 1.0),
    "recall": (1.0, 1.0, 0.0),
    **{name: (1 + beta**2, beta**2, 1.0) for beta, name in F_MEASURES.items()},
}
"""By measure: the factor of the hits, and how often the denominator counts labels and predictions."""

_RATES = ("false_positive_rate", "false_negative_rate", "true_negative_rate")


@dataclass(frozen=True)
class Confusion:
    """Number of rows by label and prediction; cells without rows are left out.

    Attributes:
        classes: Number of classes; some may occur in no row.
        label: The label of each cell, as the number of its class.
        prediction: The prediction of each cell, as the number of its class.
        count: The number of rows of each cell.
    """

    classes: int
    label: np.ndarray
    prediction: np.ndarray
    count: np.ndarray

    @property
    def rows(self) -> int:
        """Number of all rows."""
        return int(self.count.sum())


def count_confusion(label: np.ndarray, prediction: np.ndarray, classes: int) -> Confusion:
    """Count the rows by label and prediction.

    Args:
        label: The class of each row's label, a number below ``classes``.
        prediction: The class of each row's prediction; rows with -1, without a prediction, are left out.
        classes: Number of classes.
    """
    import numpy as np

    if (prediction < 0).any():
        label, prediction = label[prediction >= 0], prediction[prediction >= 0]
    cells = label.astype(np.int64) * classes + prediction
    if classes * classes <= CONFUSION_CELLS:
        counts = np.bincount(cells, minlength=classes * classes)
        found = np.flatnonzero(counts)
        counts = counts[found]
    else:
        found, counts = np.unique(cells, return_counts=True)
    return Confusion(classes, found // classes, found % classes, counts)


class ClassCounts:
    """Number of rows by class: correctly predicted, labelled and predicted as this class; arrays over all classes."""

    def __init__(self, confusion: Confusion) -> None:
        """Sum the rows and the columns of a confusion matrix."""
        import numpy as np

        def added(by: np.ndarray, counts: np.ndarray) -> np.ndarray:
            return np.bincount(by, weights=counts, minlength=confusion.classes)

        right = confusion.label == confusion.prediction
        self.rows = confusion.rows
        self.hits = added(confusion.label[right], confusion.count[right])
        self.labelled = added(confusion.label, confusion.count)
        self.predicted = added(confusion.prediction, confusion.count)


def accuracy(confusion: Confusion) -> Measure:
    """Return the share of correctly predicted rows."""
    if not confusion.rows:
        return missing(NO_ROWS)
    right = confusion.count[confusion.label == confusion.prediction]
    return share(int(right.sum()), confusion.rows)


def class_measures(counts: ClassCounts, of_class: Mapping[int, str]) -> Measures:
    """Return precision, recall, F measures, rates and the four counts of single classes.

    Without a denominator there is no value: precision if no row was predicted as the class, recall if no row is
    labelled as the class. The rates are those of a confusion matrix: FP / (FP + TN), FN / (FN + TP) and
    TN / (FP + TN). F1 is 2J / (1 + J), where J is the share of hits among the rows that are labelled or
    predicted as the class. The ends of its interval follow from those of J in the same way (Hand, Christen and
    Kirielle, Machine Learning 110, 2021). The other F measures are (1 + b^2) TP / (b^2 labelled + predicted), with
    the interval of the delta method (van Rijsbergen, Information Retrieval, 1979, for the measure).

    Args:
        counts: Number of rows by class.
        of_class: Names of the classes to measure, by number.
    """
    measures: Measures = {}
    for number, name in of_class.items():
        hits, labelled, predicted = (
            int(one[number]) for one in (counts.hits, counts.labelled, counts.predicted)
        )
        found = _one_class(hits, labelled, predicted, counts.rows, f"'{name}'") if counts.rows else {}
        cells = {
            "true_positives": hits,
            "false_positives": predicted - hits,
            "false_negatives": labelled - hits,
            "true_negatives": counts.rows - labelled - predicted + hits,
        }
        found |= {cell: _expected(rows, counts.rows) for cell, rows in cells.items() if counts.rows}
        names = (*_SHARES, *_RATES, *cells)
        measures |= {(one, name): found.get(one, missing(NO_ROWS)) for one in names}
    return measures


def _one_class(hits: int, labelled: int, predicted: int, rows: int, name: str) -> dict[str, Measure]:
    either = labelled + predicted - hits
    others, false_positives = rows - labelled, predicted - hits
    not_labelled, all_labelled = (
        missing(f"no row is labelled {name}"),
        missing(f"all rows are labelled {name}"),
    )
    found = {
        "precision": share(hits, predicted)
        if predicted
        else missing(f"no labelled row was predicted {name}"),
        "recall": share(hits, labelled) if labelled else not_labelled,
        "false_positive_rate": share(false_positives, others) if others else all_labelled,
        "false_negative_rate": share(labelled - hits, labelled) if labelled else not_labelled,
        "true_negative_rate": share(others - false_positives, others) if others else all_labelled,
    }
    for beta, measure in F_MEASURES.items():
        if not either:
            found[measure] = missing(f"no labelled row is, or was predicted, {name}")
        elif beta == 1:
            found[measure] = _f1(share(hits, either))
        else:
            found[measure] = _f_beta(beta, hits, labelled, predicted)
    return found


def _f1(of_either: Measure) -> Measure:
    value, low, high = (2 * (one or 0.0) / (1 + (one or 0.0)) for one in _ends(of_either))
    return Measure(value, low, high, of_either.rows, of_either.method)


def _f_beta(beta: float, hits: int, labelled: int, predicted: int) -> Measure:
    """Return an F measure, from the rows that are labelled or predicted as the class."""
    square = beta**2
    whole = square * labelled + predicted
    value = (1 + square) * hits / whole
    missed, wrong = labelled - hits, predicted - hits
    # How much each of these rows moves the value, times the denominator.
    moved = (1 + square) ** 2 * (1 - value) ** 2 * hits + value**2 * (square**2 * missed + wrong)
    rows = hits + missed + wrong
    return Measure(value, *logit(value, math.sqrt(moved) / whole, rows), rows, "delta method")


def _ends(measure: Measure) -> tuple[float | None, ...]:
    return measure.value, measure.low, measure.high


def _expected(hits: int, rows: int) -> Measure:
    """Return a count with the interval of the counts that other samples of as many rows would show."""
    low, high = wilson(hits, rows)
    return Measure(hits, float(low) * rows, float(high) * rows, rows, "Wilson")


def mean_measures(confusion: Confusion, counts: ClassCounts) -> Measures:
    """Return the means over classes of precision, recall and F measures: unweighted, and weighted by labels.

    They are scikit-learn's ``average="macro"`` and ``"weighted"`` with ``zero_division=0``: over every class
    that is a label or a prediction, where a share without a denominator counts as 0. The intervals come from the
    delta method on the cells of the matrix, as in Takahashi et al., Applied Intelligence 52 (2022), for F1.

    Args:
        confusion: The confusion matrix.
        counts: Its sums by class.
    """
    import numpy as np

    names = [f"{name}_{kind}" for name in _SHARES for kind in ("macro", "weighted")]
    rows = counts.rows
    if not rows:
        return {(name, ""): missing(NO_ROWS) for name in names}
    occurs = counts.labelled + counts.predicted > 0
    weights = {"macro": occurs / occurs.sum(), "weighted": counts.labelled / rows}
    measures: Measures = {}
    for name, (factor, by_label, by_prediction) in _SHARES.items():
        wholes = by_label * counts.labelled + by_prediction * counts.predicted
        shares = np.divide(factor * counts.hits, wholes, out=np.zeros(len(wholes)), where=wholes > 0)
        for kind, weight in weights.items():
            # How much a row in each cell moves the mean: by its hit, and by the denominators that count it.
            each = np.divide(weight * rows, wholes, out=np.zeros(len(wholes)), where=wholes > 0)
            less = each * shares
            moved = factor * each[confusion.label] * (confusion.label == confusion.prediction)
            moved -= by_label * less[confusion.label] + by_prediction * less[confusion.prediction]
            value = float((weight * shares).sum())
            if kind == "weighted":
                moved += shares[confusion.label] - value
            error = math.sqrt(float((moved**2 * confusion.count).sum())) / rows
            bounds = unit(value, error) if error > _NOTHING else _mean_of_intervals(weight, shares, wholes)
            measures[f"{name}_{kind}", ""] = Measure(value, *bounds, rows, "delta method")
    return measures


def _mean_of_intervals(weight: np.ndarray, shares: np.ndarray, wholes: np.ndarray) -> Bounds:
    """Return the mean of the classes' own intervals; for shares that are all 0 or 1, where the delta method fails."""
    known = wholes > 0
    low, high = wilson(shares[known] * wholes[known], wholes[known])
    return float((weight[known] * low).sum()), float((weight[known] * high).sum())
