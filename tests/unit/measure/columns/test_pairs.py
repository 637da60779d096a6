"""Columns as arrays: sorted or not, as codes, as slices."""

from __future__ import annotations

import operator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from daywatch.config.drift_methods import APPLIES_TO, P_VALUES, STAT_TESTS, ColumnKind
from daywatch.config.model.columns import DriftMethod
from daywatch.measure.columns.measured_columns import Column, Role
from daywatch.measure.columns.pairs import ColumnPair, SideValues
from daywatch.measure.drift.kernels import KERNELS
from daywatch.measure.drift.scoring import score_values

NUMBER = Column("x", ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE)
CATEGORY = Column("c", ColumnKind.CATEGORICAL, "VARCHAR", Role.FEATURE)


@pytest.mark.parametrize("method", sorted(name for name in KERNELS if ColumnKind.NUMERIC in APPLIES_TO[name]))
def test_a_slice_of_a_sorted_column_needs_no_new_sort(method: str) -> None:
    random = np.random.default_rng(0)
    baseline, window = random.normal(0, 1, 5000), random.normal(1, 1, 4000)
    inside = random.random(4000) < 0.1
    order = window.argsort()
    settings = DriftMethod(method=method)
    sorted_slice = SideValues(window[order][inside[order]], presorted=True)
    assert score_values(
        NUMBER, SideValues(np.sort(baseline), presorted=True), sorted_slice, settings
    ) == score_values(NUMBER, SideValues(baseline), SideValues(window[inside]), settings)


def test_scoring_leaves_the_arrays_as_they_were() -> None:
    baseline, window = np.array([3.0, 1.0, 2.0] * 9), np.array([2.0, 9.0, 1.0] * 9)
    for method in (name for name in STAT_TESTS if ColumnKind.NUMERIC in APPLIES_TO[name]):
        score_values(NUMBER, SideValues(baseline), SideValues(window), DriftMethod(method=method))
    assert (baseline.tolist(), window.tolist()) == ([3.0, 1.0, 2.0] * 9, [2.0, 9.0, 1.0] * 9)


def test_categories_on_neither_side_do_not_count() -> None:
    counts = ColumnPair(
        SideValues(np.array([0, 0, 5], "uint8")), SideValues(np.array([5, 7], "uint8")), categorical=True
    ).counts
    assert (counts.baseline.tolist(), counts.window.tolist()) == ([2, 1, 0], [0, 1, 1])


def test_first_distinct_values() -> None:
    values = SideValues(np.array([2.0, 1.0, 2.0, 5.0, 1.0]))
    assert values.first_distinct(2) == [1.0, 2.0]
    assert values.first_distinct(9) == values.distinct().tolist() == [1.0, 2.0, 5.0]


@pytest.mark.parametrize(
    ("rows", "others", "side"), [(0, 3, "baseline"), (3, 0, "window"), (0, 0, "baseline")]
)
@pytest.mark.parametrize("column", [NUMBER, CATEGORY])
def test_an_empty_slice_has_no_score_and_says_why(column: Column, rows: int, others: int, side: str) -> None:
    score = score_values(
        column, SideValues(np.zeros(rows, int)), SideValues(np.zeros(others, int)), DriftMethod()
    )
    assert (score.value, score.note) == (None, f"the {side} has no value")


def test_threads_get_the_same_numbers() -> None:
    random = np.random.default_rng(0)
    pairs = [(SideValues(random.normal(0, 1, 300)), SideValues(random.normal(0, 1, 200))) for _ in range(40)]
    settings = [DriftMethod(method=name) for name in ("empirical_mmd", "es", "wasserstein", "t_test")]
    work = [(*pair, setting) for pair in pairs[:10] for setting in settings]
    alone = [score_values(NUMBER, *one) for one in work]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: score_values(NUMBER, *one), work))
    assert alone == together
    assert all(score.value is not None for score in alone)


def test_small_p_values_drift_and_large_distances() -> None:
    below = {name for name, kernel in KERNELS.items() if kernel.drifts in (operator.lt, operator.le)}
    assert below == P_VALUES & set(KERNELS)
