"""How good the probabilities of many classes are: each class against the rest, and all together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daywatch.measure.intervals import Measure, Measures, logit, mean, missing
from daywatch.measure.probabilities import calibration_error, log_loss, outside
from daywatch.measure.ranking import (
    Area,
    Ranking,
    pr_auc,
    precision_recall_area,
    rank,
    roc_area,
    roc_auc,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

_AREAS = {"roc_auc": (roc_auc, roc_area, "DeLong"), "pr_auc": (pr_auc, precision_recall_area, "influence function")}
_LOSSES = ("log_loss", "brier_score", "calibration_error")


@dataclass
class _Macro:
    """The unweighted mean of an area over classes, as far as it has been added up.

    Rows count for every class: their influences are added before they are squared, so that the error knows how
    the classes' areas go together.
    """

    influence: np.ndarray
    values: list[float] = field(default_factory=list)
    fewest: int = 0

    def add(self, area: Area, ranking: Ranking, positive: np.ndarray) -> None:
        """Add a class."""
        import numpy as np

        assert ranking.order is not None  # noqa: S101
        influences = (np.repeat(one, ranking.rows) for one in (area.of_positive, area.of_negative))
        self.influence[ranking.order] += np.where(positive[ranking.order], *influences)
        self.values.append(area.value)
        fewer = min(ranking.positive, ranking.total - ranking.positive)
        self.fewest = min(self.fewest or fewer, fewer)

    def measure(self, method: str, classes: int) -> Measure:
        """Return the mean."""
        rows = len(self.influence)
        if not self.values:
            return missing("all labels are of one class", rows)
        value = math.fsum(self.values) / len(self.values)
        error = math.sqrt(float((self.influence**2).sum())) / rows / len(self.values)
        absent = classes - len(self.values)
        note = f"{absent} of {classes} classes are no row's label and left out" if absent else ""
        return Measure(value, *logit(value, error, self.fewest), rows, method, note)


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
        for name, (measured, area_of, _) in _AREAS.items():
            if number in of_class:
                measures[name, of_class[number]] = measured(ranking).noted(ranking.one_class)
            if not ranking.one_class:
                macro[name].add(area_of(ranking), ranking, positive)
        given[positive] = column[positive]
        squares += np.square(column - positive)
        better = column > greatest
        greatest[better], chosen[better] = column[better], number
        beyond += int(((column < 0) | (column > 1)).sum())
    for name, (_, _, method) in _AREAS.items():
        measures[name, ""] = macro[name].measure(method, classes)
    note = outside(beyond)
    if note:
        return measures | {(name, ""): missing(note, rows) for name in _LOSSES}
    return measures | {
        ("log_loss", ""): log_loss(given),
        ("brier_score", ""): mean(squares, (0.0, 2.0)),
        ("calibration_error", ""): calibration_error(greatest, chosen == label),
    }
