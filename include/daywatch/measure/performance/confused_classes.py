"""Which classes a window confuses more often than its baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daywatch.results import Finding, FindingCode
from daywatch.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from daywatch.measure.performance.confusion import Confusion

CHANCE = 0.01
"""Probability that chance alone names any pair of classes of a window."""

_NAMED = 3


class ConfusedClasses(NamedTuple):
    """Rows of one class that are predicted as another one.

    Attributes:
        label: The number of the label's class.
        prediction: The number of the prediction's class.
        rows: Number of such rows in the window.
        labelled: Number of the window's rows of the label's class.
        baseline_rows: Number of such rows in the baseline.
        baseline_labelled: Number of the baseline's rows of the label's class.
    """

    label: int
    prediction: int
    rows: int
    labelled: int
    baseline_rows: int
    baseline_labelled: int


def confused_classes(window: Confusion, baseline: Confusion) -> list[ConfusedClasses]:
    """Return the pairs of classes that are confused more often than in the baseline, by more than chance.

    The one with the most additional rows comes first. The test is Fisher's exact one, one-sided; its level is divided
    by the number of pairs (Bonferroni). A class that the baseline's labels do not have is compared with all of the
    baseline's rows of other classes than the predicted one.

    Args:
        window: The confusion matrix of the window.
        baseline: The confusion matrix of the baseline, of the same classes.
    """
    import numpy as np
    from scipy.stats import hypergeom

    wrong = window.label != window.prediction
    if not wrong.any() or not baseline.rows:
        return []
    label, prediction, rows = window.label[wrong], window.prediction[wrong], window.count[wrong]
    labelled = _by_class(window, window.label)[label]
    before, of_label = _cells_of(baseline, label, prediction), _by_class(baseline, baseline.label)
    errors = _by_class(baseline, baseline.prediction) - _cells_of(
        baseline, *(np.arange(baseline.classes),) * 2
    )
    unseen = of_label[label] == 0
    expected_rows = np.where(unseen, errors[prediction], before)
    expected_of = np.where(unseen, baseline.rows - of_label[prediction], of_label[label])
    chance = hypergeom.sf(rows - 1, labelled + expected_of, rows + expected_rows, labelled)
    additional = rows - labelled * (expected_rows / np.maximum(expected_of, 1))
    found = np.flatnonzero((chance * len(rows) < CHANCE) & (expected_of > 0))
    order = sorted(found.tolist(), key=lambda cell: (-additional[cell], label[cell], prediction[cell]))
    columns = (label, prediction, rows, labelled, before, of_label[label])
    return [ConfusedClasses(*(int(column[cell]) for column in columns)) for cell in order]


def _by_class(confusion: Confusion, classes: np.ndarray) -> np.ndarray:
    """Add up the rows by the class of their labels or of their predictions."""
    import numpy as np

    return np.bincount(classes, weights=confusion.count, minlength=confusion.classes).astype(np.int64)


def _cells_of(confusion: Confusion, label: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Return the rows of some cells; the matrix lists its cells in order."""
    import numpy as np

    places = confusion.label.astype(np.int64) * confusion.classes + confusion.prediction
    wanted = label.astype(np.int64) * confusion.classes + prediction
    at = np.minimum(np.searchsorted(places, wanted), max(len(places) - 1, 0))
    return np.where(places[at] == wanted, confusion.count[at], 0)


def confusion_findings(found: Sequence[ConfusedClasses], classes: Sequence[str]) -> list[Finding]:
    """Return one finding that names the most confused classes, none if no classes are confused.

    Args:
        found: What ``confused_classes`` returned.
        classes: Names of the classes in the order of their numbers.
    """
    if not found:
        return []
    named = "; ".join(_named(one, classes) for one in found[:_NAMED])
    more = f"; and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    detail = f"confused more often than in the baseline: {named}{more}"
    return [Finding(code=FindingCode.CLASSES_CONFUSED, detail=detail, count=sum(one.rows for one in found))]


def _named(one: ConfusedClasses, classes: Sequence[str]) -> str:
    names = " → ".join(shown(classes[number]) or "(empty)" for number in (one.label, one.prediction))
    known = f"baseline {one.baseline_rows:,} of {one.baseline_labelled:,}"
    before = known if one.baseline_labelled else "no such label in the baseline"
    return f"{names}: {one.rows:,} of {one.labelled:,}, {before}"
