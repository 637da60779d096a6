"""The confusion matrix, and what follows from it alone: shares of right and wrong, in all and by class."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.engine.budget import CONFUSION_CELLS
from daywatch.measure.performance.intervals import Bounds, Measure, Measures, missing, share, unit, wilson

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

NO_ROWS = "no row has both a label and a prediction"
_NOTHING = 1e-9
_SHARES = {"precision": (1, 0, 1), "recall": (1, 1, 0), "f1": (2, 1, 1)}
"""What hits are multiplied with, and whether labels and predictions are in the whole."""


@dataclass(frozen=True)
class Confusion:
    """How many rows of which label were predicted as what; cells without rows are not there.

    Attributes:
        classes: How many classes there are; some may occur in no row.
        label: Each cell's label, as a number from 0.
        prediction: Each cell's prediction, likewise.
        count: Each cell's rows.
    """

    classes: int
    label: np.ndarray
    prediction: np.ndarray
    count: np.ndarray

    @property
    def rows(self) -> int:
        """All rows."""
        return int(self.count.sum())


def count_confusion(label: np.ndarray, prediction: np.ndarray, classes: int) -> Confusion:
    """Count the rows by label and prediction.

    Args:
        label: Of each row, a number below ``classes``.
        prediction: Likewise; rows without one, -1, are left out.
        classes: How many there are.
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
    """Rows by class: hits, labelled so, predicted so; as arrays over all classes."""

    def __init__(self, confusion: Confusion) -> None:
        """Add up the rows and the columns of a confusion matrix."""
        import numpy as np

        def added(by: np.ndarray, counts: np.ndarray) -> np.ndarray:
            return np.bincount(by, weights=counts, minlength=confusion.classes)

        right = confusion.label == confusion.prediction
        self.rows = confusion.rows
        self.hits = added(confusion.label[right], confusion.count[right])
        self.labelled = added(confusion.label, confusion.count)
        self.predicted = added(confusion.prediction, confusion.count)


def accuracy(confusion: Confusion) -> Measure:
    """Return the share of rows predicted right."""
    if not confusion.rows:
        return missing(NO_ROWS)
    right = confusion.count[confusion.label == confusion.prediction]
    return share(int(right.sum()), confusion.rows)


def class_measures(counts: ClassCounts, of_class: Mapping[int, str]) -> Measures:
    """Return precision, recall, F1 and the counts of right and wrong of single classes.

    A share of nothing is None: precision where nothing was predicted so, recall where nothing is labelled so.
    F1 is 2J / (1 + J) of the share J of hits among the rows that are, or were predicted, of the class, and so
    are the ends of its interval (Hand, Christen and Kirielle, Machine Learning 110, 2021).

    Args:
        counts: Rows by class.
        of_class: Which classes, and their names for the notes.
    """
    measures: Measures = {}
    for number, name in of_class.items():
        hits, labelled, predicted = (
            int(one[number]) for one in (counts.hits, counts.labelled, counts.predicted)
        )
        found = _one_class(hits, labelled, predicted, f"'{name}'") if counts.rows else {}
        cells = {
            "true_positives": hits,
            "false_positives": predicted - hits,
            "false_negatives": labelled - hits,
            "true_negatives": counts.rows - labelled - predicted + hits,
        }
        found |= {cell: _expected(rows, counts.rows) for cell, rows in cells.items() if counts.rows}
        names = ("precision", "recall", "f1", *cells)
        measures |= {(one, name): found.get(one, missing(NO_ROWS)) for one in names}
    return measures


def _one_class(hits: int, labelled: int, predicted: int, name: str) -> dict[str, Measure]:
    either = labelled + predicted - hits
    return {
        "precision": share(hits, predicted)
        if predicted
        else missing(f"no labelled row was predicted {name}"),
        "recall": share(hits, labelled) if labelled else missing(f"no row is labelled {name}"),
        "f1": _f1(share(hits, either))
        if either
        else missing(f"no labelled row is, or was predicted, {name}"),
    }


def _f1(of_either: Measure) -> Measure:
    value, low, high = (2 * (one or 0.0) / (1 + (one or 0.0)) for one in _ends(of_either))
    return Measure(value, low, high, of_either.rows, of_either.method)


def _ends(measure: Measure) -> tuple[float | None, ...]:
    return measure.value, measure.low, measure.high


def _expected(hits: int, rows: int) -> Measure:
    """Return a count; its interval is what as many rows would show."""
    low, high = wilson(hits, rows)
    return Measure(hits, float(low) * rows, float(high) * rows, rows, "Wilson")


def mean_measures(confusion: Confusion, counts: ClassCounts) -> Measures:
    """Return the means over classes of precision, recall and F1: unweighted, and weighted by labels.

    As scikit-learn's ``average="macro"`` and ``"weighted"`` with ``zero_division=0``: over every class that is
    a label or a prediction, and a share of nothing counts as 0. The intervals are of the delta method on the
    cells of the matrix, as Takahashi et al., Applied Intelligence 52 (2022), do it for F1.
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
            # How much a row in each cell moves the mean: by its hit, and by the wholes it counts among.
            each = np.divide(weight * rows, wholes, out=np.zeros(len(wholes)), where=wholes > 0)
            less = each * shares
            moved = factor * each[confusion.label] * (confusion.label == confusion.prediction)
            moved -= by_label * less[confusion.label] + by_prediction * less[confusion.prediction]
            value = float((weight * shares).sum())
            if kind == "weighted":
                moved += shares[confusion.label] - value
            error = math.sqrt(float((moved**2 * confusion.count).sum())) / rows
            bounds = unit(value, error) if error > _NOTHING else _of_classes(weight, shares, wholes)
            measures[f"{name}_{kind}", ""] = Measure(value, *bounds, rows, "delta method")
    return measures


def _of_classes(weight: np.ndarray, shares: np.ndarray, wholes: np.ndarray) -> Bounds:
    """Return the mean of the classes' own intervals, where all shares are 0 or 1 and the delta method ends."""
    known = wholes > 0
    low, high = wilson(shares[known] * wholes[known], wholes[known])
    return float((weight[known] * low).sum()), float((weight[known] * high).sum())
