"""Thresholds of drift, from a baseline's days and from samples of its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.calibration.distances import distance_limit
from daywatch.measure.calibration.limits import DistanceLimit
from daywatch.measure.columns.measured_columns import Column, Role
from daywatch.measure.columns.pairs import ColumnPair, SideValues
from daywatch.measure.drift.kernels.distance import FLOOR
from daywatch.measure.drift.kernels.standard import folded_distance, robust_wasserstein

NUMBER = Column("amount", ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE)
CATEGORY = Column("city", ColumnKind.CATEGORICAL, "VARCHAR", Role.FEATURE)
DAYS = np.repeat(np.arange(10), 500)


def limit(column: Column, values: Any, days: Any = DAYS) -> DistanceLimit:
    found = distance_limit(column, values, days)
    assert found is not None
    return found


def distance(baseline: Any, window: Any) -> float:
    return robust_wasserstein(ColumnPair(SideValues(np.asarray(baseline)), SideValues(np.asarray(window))))


@pytest.mark.parametrize("rows", [50, 100, 500, 5000])
def test_a_healthy_sample_of_any_size_is_below_its_threshold(rows: int) -> None:
    random = np.random.default_rng(1)
    baseline = random.lognormal(3, 1.5, 5000)
    threshold = limit(NUMBER, baseline).at(rows)

    found = [distance(baseline, random.lognormal(3, 1.5, rows)) for _ in range(200)]

    assert sum(one > threshold for one in found) <= 4
    assert max(found) < 1.5 * threshold


def test_days_that_differ_are_usual() -> None:
    """A weekend with other amounts raises the threshold; a sample of all rows does not show it."""
    random = np.random.default_rng(1)
    values = random.normal(0, 1, 5000) + 2.0 * (DAYS % 7 >= 5)

    of_days, of_samples = limit(NUMBER, values), limit(NUMBER, values, np.zeros(5000, dtype=int))

    assert (of_days.days, of_samples.days) == (10, 0)
    assert of_samples.at(500) < 0.2
    assert of_days.at(500) > 1.4


def test_it_is_the_same_every_time() -> None:
    values = np.random.default_rng(1).normal(0, 1, 5000)

    assert limit(NUMBER, values) == limit(NUMBER, values.copy())


def test_a_thousand_categories_are_near_0_on_a_healthy_day() -> None:
    random = np.random.default_rng(1)
    values = random.integers(0, 1000, 30_000)
    counts = np.bincount(values, minlength=1000)

    found = [
        folded_distance(counts, np.bincount(random.integers(0, 1000, 3000), minlength=1000))
        for _ in range(20)
    ]

    assert max(found) <= FLOOR
    assert limit(CATEGORY, values, np.zeros(30_000, dtype=int)).at(3000) == pytest.approx(FLOOR)


def test_other_categories_are_far_away() -> None:
    baseline, window = np.array([500, 300, 200, 0]), np.array([0, 0, 0, 100])

    assert folded_distance(baseline, window) == pytest.approx(np.sqrt(np.log(2)), abs=0.01)


def test_the_distance_has_the_unit_of_a_deviation_near_the_median() -> None:
    values = np.random.default_rng(1).normal(50, 10, 20_000)

    assert distance(values, values + 5) == pytest.approx(0.5, rel=0.05)


def test_one_outlier_does_not_decide() -> None:
    values = np.random.default_rng(1).normal(50, 10, 1000)

    assert distance(values, np.append(values[1:], 1e12)) < 0.1


@pytest.mark.parametrize("values", [[5.0] * 1000, [0.0] * 950 + [1.0, 2.0] * 25])
def test_a_column_without_a_middle_half(values: list[float]) -> None:
    assert distance(values, values) == 0
    assert distance(values, np.asarray(values) + 7) > 0.9


def test_no_values_give_no_threshold() -> None:
    assert distance_limit(NUMBER, np.array([]), np.array([], dtype=int)) is None
