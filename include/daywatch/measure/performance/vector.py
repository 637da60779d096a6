"""How good the probabilities of many classes are: each class against the rest, and all together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import Measure, Measures, mean, missing
from daywatch.measure.performance.probabilities import calibration_error, log_loss, outside
from daywatch.measure.performance.roc_pr import Area, Ranking, precision_recall_area, rank, roc_area

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

_AREAS = {"roc_auc": roc_area, "pr_auc": precision_recall_area}
_LOSSES = ("log_loss", "brier_score", "calibration_error")


@dataclass
class _Macro:
    """The unweighted mean of an area over classes, as far as it has been added up.

    Rows count for every class: their influences are added before they are squared, so that the error knows how
    the classes' areas go together.
    """

    influence: np.ndarray
    areas: list[Area] = field(default_factory=list)

    def add(self, area: Area, ranking: Ranking, positive: np.ndarray) -> None:
        """Add a class."""
        import numpy as np

        moved = np.repeat(area.of_negative, ranking.rows)
        moved[positive[ranking.order]] = np.repeat(area.of_positive, ranking.positives)
        unsorted = np.empty(len(moved))
        unsorted[ranking.order] = moved
        self.influence += unsorted
        nothing = np.empty(0)  # only sums are needed further on
        self.areas.append(replace(area, of_positive=nothing, of_negative=nothing))

    def measure(self, classes: int) -> Measure:
        """Return the mean over those of so many classes that were added."""
        rows, count = len(self.influence), len(self.areas)
        if not self.areas:
            return missing("all labels are of one class", rows)
        known = all(area.error is not None for area in self.areas)
        mean_area = replace(
            self.areas[0],
            value=math.fsum(area.value for area in self.areas) / count,
            error=math.sqrt(float((self.influence**2).sum())) / rows / count if known else None,
            telling=min(area.telling for area in self.areas),
        )
        absent = classes - count
        note = f"{absent} of {classes} classes are no row's label and left out" if absent else ""
        return mean_area.measure(rows).noted(note)


def vector_measures(
    label: np.ndarray, columns: Iterable[np.ndarray], classes: int, of_class: dict[int, str]
) -> Measures:
    """Return ROC AUC and PR AUC (of classes, and their unweighted mean), log loss, Brier score, calibration error.

    The areas are of each class against the rest, as scikit-learn's ``multi_class="ovr"``, over the classes that
    are some row's label. The Brier score is the sum over classes of squared differences, from 0 to 2. The
    calibration error is that of the greatest probability (Guo et al., ICML 2017).

    Args:
        label: Of each row, its position among the columns.
        columns: Of each class, the probability in each row: finite numbers. They are read once, one at a time.
        classes: How many there are.
        of_class: Positions of the classes that are measured by themselves, and their names.
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
    beyond = 0
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
        beyond += int(((column < 0) | (column > 1)).sum())
    for name in _AREAS:
        measures[name, ""] = macro[name].measure(classes)
    note = outside(beyond)
    if note:
        return measures | {(name, ""): missing(note, rows) for name in _LOSSES}
    return measures | {
        ("log_loss", ""): log_loss(given),
        ("brier_score", ""): mean(squares, (0.0, 2.0)),
        ("calibration_error", ""): calibration_error(greatest, chosen == label),
    }
