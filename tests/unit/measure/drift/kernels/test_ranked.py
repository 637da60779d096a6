"""Tests on ranks: compared with SciPy's permutations and with tests that are the same for two values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from daywatch.measure.columns.pairs import ColumnPair, SideValues
from daywatch.measure.drift.kernels.ranked import (
    anderson_darling,
    cramer_von_mises,
    evidentlys_anderson_darling,
    evidentlys_cramer_von_mises,
    evidentlys_mann_whitney,
    mann_whitney,
)
from scipy import stats

BOTH = [cramer_von_mises, anderson_darling]


def pair(baseline: Any, window: Any) -> ColumnPair:
    return ColumnPair(*(SideValues(np.asarray(side, dtype=float)) for side in (baseline, window)))


def test_a_fall_is_drift_as_a_rise_is() -> None:
    random = np.random.default_rng(2)
    low, high = random.normal(0, 1, 400), random.normal(0.5, 1, 300)
    rise, fall = pair(low, high), pair(high, low)
    expected = stats.mannwhitneyu(low, high, alternative="two-sided").pvalue
    assert mann_whitney(rise) == pytest.approx(expected)
    assert mann_whitney(fall) == pytest.approx(expected)
    assert evidentlys_mann_whitney(rise) < 0.001
    assert evidentlys_mann_whitney(fall) > 0.999


@pytest.mark.parametrize("test", BOTH)
def test_of_two_values_it_is_pearsons_test(test: Any) -> None:
    expected = stats.chi2_contingency([[600, 100], [240, 60]], correction=False).pvalue
    found = pair(np.repeat([0, 1], [600, 100]), np.repeat([0, 1], [240, 60]))
    assert test(found) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("weight", [lambda share: 1, lambda share: 1 / (share * (1 - share))])
@pytest.mark.parametrize("shape", ["counts", "zeroes with a tail"])
def test_of_repeated_numbers_it_is_the_share_of_permutations(weight: Any, shape: str) -> None:
    random = np.random.default_rng(15 if shape == "counts" else 11)
    baseline, window = (
        random.poisson(mean, rows)
        if shape == "counts"
        else random.exponential(9, rows) * (random.random(rows) < mean)
        for mean, rows in (((1.4, 300), (1.6, 200)) if shape == "counts" else ((0.1, 300), (0.14, 200)))
    )
    values = np.unique(np.concatenate((baseline, window)))[:-1]
    everything = np.concatenate((baseline, window))
    shares = np.array([(everything <= value).mean() for value in values])
    steps = np.diff(np.append(0.0, shares))

    def statistic(one: Any, other: Any, axis: int) -> Any:
        upto = ((side[..., None] <= values).mean(axis=-2) for side in (one, other))
        return (steps * weight(shares) * (next(upto) - next(upto)) ** 2).sum(axis=-1)

    permuted = stats.permutation_test(
        (baseline, window),
        statistic,
        vectorized=True,
        n_resamples=1000,
        batch=50,
        alternative="greater",
        rng=3,
    )
    test = cramer_von_mises if weight(0.5) == 1 else anderson_darling
    assert 0.01 < permuted.pvalue < 0.6
    assert test(pair(baseline, window)) == pytest.approx(permuted.pvalue, abs=0.035)


@pytest.mark.parametrize(
    ("test", "evidentlys"),
    [(cramer_von_mises, evidentlys_cramer_von_mises), (anderson_darling, evidentlys_anderson_darling)],
)
def test_false_alarms_are_as_rare_as_the_threshold_says(test: Any, evidentlys: Any) -> None:
    random = np.random.default_rng(5)
    days = [pair(random.poisson(1.4, 500), random.poisson(1.4, 300)) for _ in range(200)]
    assert sum(test(day) < 0.05 for day in days) <= 0.09 * 200
    if test is cramer_von_mises:
        assert all(evidentlys(day) < 0.05 for day in days)


@pytest.mark.parametrize(
    ("test", "evidentlys"),
    [(cramer_von_mises, evidentlys_cramer_von_mises), (anderson_darling, evidentlys_anderson_darling)],
)
def test_without_repeated_numbers_it_is_evidentlys(test: Any, evidentlys: Any) -> None:
    random = np.random.default_rng(8)
    continuous = pair(random.normal(0, 1, 300), random.normal(0.1, 1, 200))
    assert evidentlys(continuous) is None
    expected = (
        stats.cramervonmises_2samp(continuous.baseline.array, continuous.window.array).pvalue
        if test is cramer_von_mises
        else stats.anderson_ksamp([continuous.baseline.array, continuous.window.array]).pvalue
    )
    assert test(continuous) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("test", BOTH)
def test_one_value_on_a_side_has_no_number(test: Any) -> None:
    with pytest.raises(ValueError, match="at least 2 values"):
        test(pair([1, 1, 2], [1]))
