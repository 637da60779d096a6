"""Tests on counts of categories, where Evidently's number misleads: compared with SciPy's exact tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from daywatch.measure.columns.pairs import ColumnPair, SideValues
from daywatch.measure.drift.kernels.counted import (
    LIKELIHOOD,
    PEARSON,
    compare_counts,
    evidentlys_chi_square,
    evidentlys_g_test,
    fisher_exact,
    fit_to_baseline,
    g_test,
    z_test,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats


def pair(baseline: list[int], window: list[int]) -> ColumnPair:
    """Return columns in which each category occurs as often as said."""
    sides = (SideValues(np.repeat(np.arange(len(counts)), counts)) for counts in (baseline, window))
    return ColumnPair(*sides, categorical=True)


def compare(baseline: Any, window: Any, statistic: str = PEARSON) -> float:
    return compare_counts(np.array(baseline), np.array(window), statistic)


@pytest.mark.parametrize("rows", [100, 594, 900, 2000, 1_000_000])
@pytest.mark.parametrize("method", [PEARSON, LIKELIHOOD])
def test_one_row_of_a_new_category_is_no_drift(rows: int, method: str) -> None:
    assert compare([rows, 0], [197, 1], method) > 0.1
    assert compare([rows // 2, rows // 2, 0], [99, 98, 1], method) > 0.1
    assert z_test(pair([rows, 0], [197, 1])) > 0.1


@pytest.mark.parametrize("rows", [594, 2000])
def test_many_rows_of_a_new_category_are_drift(rows: int) -> None:
    exact = stats.fisher_exact([[rows, 0], [168, 30]]).pvalue
    if rows == 2000:  # too rare for the chi-square approximation: 2.7 rows expected
        assert compare([rows, 0], [168, 30]) == pytest.approx(exact)
    assert compare([rows, 0], [168, 30]) < 1e-15
    assert compare([rows // 2, rows // 2, 0], [84, 84, 30]) < 1e-15


def test_a_frequent_new_category_is_scipys_test_of_two_samples() -> None:
    table = [[500, 500, 0], [300, 400, 300]]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert compare(*table) == pytest.approx(expected, rel=1e-12)
    expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue
    assert compare(*table, LIKELIHOOD) == pytest.approx(expected, rel=1e-12)


def test_the_smaller_p_value_of_both_parts_counts_twice() -> None:
    baseline, window = [1000, 1000, 0], [97, 93, 8]
    rare = stats.fisher_exact([[2000, 0], [190, 8]]).pvalue
    assert compare(baseline, window) == pytest.approx(2 * rare)


def test_both_sides_are_samples_and_evidentlys_number_stays_known() -> None:
    expected = stats.chisquare([60, 140], np.array([300, 600]) * (200 / 900)).pvalue
    assert evidentlys_chi_square(pair([300, 600], [60, 140])) == pytest.approx(expected)
    # R: prop.test(c(300, 60), c(900, 200), correct = FALSE) is the same test
    pooled, gap = 360 / 1100, 300 / 900 - 60 / 200
    z = gap / np.sqrt(pooled * (1 - pooled) * (1 / 900 + 1 / 200))
    assert compare([300, 600], [60, 140]) == pytest.approx(2 * stats.norm.sf(abs(z)))


def test_ids_that_never_repeat_have_not_drifted_but_repeated_ones_have() -> None:
    once = np.ones(700, dtype=int)
    none = np.zeros(700, dtype=int)
    assert compare([*once, *none[:500]], [*none, *once[:500]]) > 0.01
    assert compare([*(2 * once), *none[:500]], [*none, *(2 * once[:500])]) < 1e-6


def test_false_alarms_are_as_rare_as_the_threshold_says() -> None:
    random = np.random.default_rng(4)
    shares = {
        "a long tail": (1 / np.arange(1, 301) / (1 / np.arange(1, 301)).sum(), 900, 400),
        "a rare third": (np.array([0.6, 0.398, 0.002]), 900, 198),
        "a rare second": (np.array([0.995, 0.005]), 900, 198),
        "frequent, of a small baseline": (np.array([0.4, 0.3, 0.2, 0.1]), 900, 600),
    }
    for name, (share, rows, others) in shares.items():
        alarms = evidentlys = 0
        for _ in range(300):
            sides = random.multinomial(rows, share), random.multinomial(others, share)
            seen = sides[0] + sides[1] > 0
            baseline, window = (side[seen] for side in sides)
            alarms += compare_counts(baseline, window) < 0.05
            with np.errstate(all="ignore"):
                evidentlys += fit_to_baseline(baseline, window) < 0.05
        assert alarms <= 0.09 * 300, name
        assert alarms <= evidentlys, name


def test_g_test_takes_sides_of_different_sizes() -> None:
    table = [[300, 600], [60, 140]]
    expected = stats.chi2_contingency(table, correction=False, lambda_=LIKELIHOOD).pvalue
    assert g_test(pair(*table)) == pytest.approx(expected)
    assert evidentlys_g_test(pair(*table)) is None
    expected = stats.power_divergence([60, 140], [90, 110], lambda_=LIKELIHOOD).pvalue
    assert evidentlys_g_test(pair([90, 110], [60, 140])) == pytest.approx(expected)


def test_fisher_takes_sides_of_different_sizes_and_two_categories() -> None:
    expected = stats.fisher_exact([[300, 600], [60, 140]]).pvalue
    assert fisher_exact(pair([300, 600], [60, 140])) == pytest.approx(expected)
    with pytest.raises(ValueError, match="compares two categories, and there are 3; choose chisquare"):
        fisher_exact(pair([3, 3, 3], [3, 3, 3]))


_COUNTS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=40)


@settings(deadline=None)
@given(_COUNTS)
def test_any_counts_give_a_p_value(counts: list[tuple[int, int]]) -> None:
    kept = [one for one in counts if any(one)]
    sides = [np.array([one[side] for one in kept]) for side in (0, 1)]
    if all(len(side) and side.sum() for side in sides):
        for statistic in (PEARSON, LIKELIHOOD):
            assert 0 <= compare_counts(*sides, statistic) <= 1
