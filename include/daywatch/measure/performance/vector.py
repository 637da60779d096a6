"""Measures of the probabilities of many classes: of each class against the rest, and of all together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import Measure, Measures, mean, missing
from daywatch.measure.performance.probabilities import calibration_error, log_loss, outside_note
from daywatch.measure.performance.roc_pr import Area, Ranking, precision_recall_area, rank, roc_area

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

_AREAS = {"roc_auc": roc_area, "pr_auc": precision_recall_area}
_LOSSES = ("log_loss", "brier_score", "calibration_error")


@dataclass
class _Macro:
    """The unweighted mean of an area over classes, summed class by class.

    Every row counts for every class. The influences of a row are summed before they are squared, so that the
    error includes the covariance of the classes' areas.
    """

    influence: np.ndarray
    areas: list[Area] = field(default_factory=list)

    def add(self, area: Area, ranking: Ranking, positive: np.ndarray) -> None:
        """Add the area of a class.

        Args:
            area: The area of the class against the rest.
            ranking: The ranking that the area comes from, with its order.
            positive: For each row, whether its label is the class.
        """
        import numpy as np

        moved = np.repeat(area.of_negative, ranking.rows)
        moved[positive[ranking.order]] = np.repeat(area.of_positive, ranking.positives)
        unsorted = np.empty(len(moved))
        unsorted[ranking.order] = moved
        self.influence += unsorted
        nothing = np.empty(0)  # only the sum is needed from here on
        self.areas.append(replace(area, of_positive=nothing, of_negative=nothing))

    def measure(self, classes: int) -> Measure:
        """Return the mean over the classes that were added.

        Args:
            classes: Number of all classes, for the note on those that were not added.
        """
        rows, count = len(self.influence), len(self.areas)
        if not self.areas:
            return missing("all labels are of one class", rows)
        known = all(area.error is not None for area in self.areas)
        mean_area = replace(
            self.areas[0],
            value=math.fsum(area.value for area in self.areas) / count,
            error=math.sqrt(float((self.influence**2).sum())) / rows / count if known else None,
            effective_rows=min(area.effective_rows for area in self.areas),
        )
        absent = classes - count
        note = f"{absent} of {classes} classes are no row's label and left out" if absent else ""
        return mean_area.measure(rows).noted(note)


def vector_measures(
    label: np.ndarray, columns: Iterable[np.ndarray], classes: int, of_class: dict[int, str]
) -> Measures:
    """Return ROC AUC and PR AUC (by class, and their unweighted mean), log loss, Brier score, calibration error.

    The areas are those of each class against the rest, as in scikit-learn's ``multi_class="ovr"``; the mean is
    over the classes that are the label of a row. The Brier score is the sum over classes of squared differences,
    from 0 to 2. The calibration error is that of the greatest probability (Guo et al., ICML 2017).

    Args:
        label: The label of each row, as the position of its class among the columns.
        columns: For each class, its probability in each row: finite numbers. They are read once, one at a time.
        classes: Number of classes.
        of_class: Names of the classes that get measures of their own, by position.
    """
    import numpy as np

    rows = len(label)
    if not rows:
        note = "no row has both a label and its probabilities"
        of_all = {(name, ""): missing(note) for name in (*_AREAS, *_LOSSES)}
        return of_all | {(name, one): missing(note) for name in _AREAS for one in of_class.values()}
    macro = {name: _Macro(np.zeros(rows)) for name in _AREAS}
    given, squares = np.zeros(rows), np.zeros(rows)
    greatest, chosen = np.full(rows, -np.inf), np.zeros(rows, dtype=np.int32)
    outside = 0
    measures: Measures = {}
    for number, column in enumerate(columns):
        positive = label == number
        ranking = rank(positive, column, keep_order=True)
        for name, area_of in _AREAS.items():
            area = None if ranking.one_class else area_of(ranking)
            if area is not None:
                macro[name].add(area, ranking, positive)
            if number in of_class:
                measures[name, of_class[number]] = (
                    area.measure(rows) if area is not None else missing(ranking.one_class, rows)
                )
        given[positive] = column[positive]
        squares += np.square(column - positive)
        better = column > greatest
        greatest[better], chosen[better] = column[better], number
        outside += int(((column < 0) | (column > 1)).sum())
    for name in _AREAS:
        measures[name, ""] = macro[name].measure(classes)
    note = outside_note(outside)
    if note:
        return measures | {(name, ""): missing(note, rows) for name in _LOSSES}
    return measures | {
        ("log_loss", ""): log_loss(given),
        ("brier_score", ""): mean(squares, (0.0, 2.0)),
        ("calibration_error", ""): calibration_error(greatest, chosen == label),
    }
