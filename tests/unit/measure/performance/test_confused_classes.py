"""Which classes are confused more often than in the baseline: by more than chance, in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from daywatch.measure.performance.confused_classes import (
    CHANCE,
    ConfusedClasses,
    confused_classes,
    confusion_findings,
)
from daywatch.measure.performance.confusion import Confusion, count_confusion
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

Cells = dict[tuple[int, int], int]


def confusion(cells: Cells, classes: int = 4) -> Confusion:
    rows = np.array(list(cells.values()), dtype=int)
    label, prediction = (np.repeat(np.array([one[n] for one in cells], dtype=int), rows) for n in (0, 1))
    return count_confusion(label, prediction, classes)


BASELINE: Cells = {(0, 0): 294, (0, 1): 1, (1, 1): 290, (1, 2): 5, (2, 2): 200}


def test_the_most_confused_come_first_with_their_numbers() -> None:
    window = confusion({(0, 0): 1, (0, 1): 27, (1, 1): 40, (1, 2): 1, (2, 0): 9, (2, 2): 20})
    found = confused_classes(window, confusion(BASELINE))
    assert found == [ConfusedClasses(0, 1, 27, 28, 1, 295), ConfusedClasses(2, 0, 9, 29, 0, 200)]
    (finding,) = confusion_findings(found, ["septé", "one", "<b>", "x"])
    assert finding.detail == (
        "confused more often than in the baseline: septé → one: 27 of 28, baseline 1 of 295;"
        " <b> → septé: 9 of 29, baseline 0 of 200"
    )
    assert finding.count == 36


def test_a_class_that_the_baseline_does_not_have_is_compared_with_its_other_errors() -> None:
    window = confusion({(3, 1): 20, (3, 3): 1, (0, 0): 50})
    found = confused_classes(window, confusion(BASELINE))
    assert found == [ConfusedClasses(3, 1, 20, 21, 0, 0)]
    (finding,) = confusion_findings(found, ["a", "b", "c", "new"])
    assert finding.detail.endswith("new → b: 20 of 21, no such label in the baseline")


def test_a_healthy_day_is_not_confused() -> None:
    assert (
        confused_classes(confusion({(0, 0): 98, (0, 1): 1, (1, 1): 60, (1, 2): 2}), confusion(BASELINE)) == []
    )
    assert confused_classes(confusion({(0, 1): 9}), confusion({})) == []
    assert confusion_findings([], []) == []


@pytest.mark.parametrize("errors", range(2, 12))
def test_the_level_is_that_of_fishers_test_divided_by_the_pairs(errors: int) -> None:
    window = confusion({(0, 0): 50 - errors, (0, 1): errors, (1, 2): 1})
    table = [[errors, 50 - errors], [1, 294]]
    expected = 2 * fisher_exact(table, alternative="greater").pvalue < CHANCE
    assert bool(confused_classes(window, confusion(BASELINE))) is bool(expected)


_CELLS = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(1, 400), max_size=16)


@settings(deadline=None)
@given(_CELLS, _CELLS)
def test_any_matrices_are_compared(window: Cells, baseline: Cells) -> None:
    for one in confused_classes(confusion(window), confusion(baseline)):
        assert one.rows == window[one.label, one.prediction]
        assert one.labelled == sum(rows for (label, _), rows in window.items() if label == one.label)
        assert one.baseline_rows == baseline.get((one.label, one.prediction), 0)
