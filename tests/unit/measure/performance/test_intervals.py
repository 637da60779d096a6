"""Intervals compared with SciPy, and against what many random samples show."""

from __future__ import annotations

import math

import numpy as np
import pytest
from daywatch.measure.performance import intervals
from daywatch.measure.performance.intervals import Measure
from hypothesis import given
from hypothesis import strategies as st
from random_samples import covered
from scipy.stats import binomtest, norm


@given(rows=st.integers(1, 10**7), share=st.floats(0, 1))
def test_wilson_is_scipys(rows: int, share: float) -> None:
    hits = round(rows * share)
    expected = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
    found = intervals.share(hits, rows)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-12)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_mean_has_the_interval_of_the_normal_distribution() -> None:
    values = np.random.default_rng(0).normal(3, 2, 50)
    low, high = norm.interval(0.95, loc=values.mean(), scale=values.std(ddof=1) / math.sqrt(50))
    found = intervals.mean(values)
    assert (found.value, found.low, found.high, found.rows) == pytest.approx((values.mean(), low, high, 50))


def test_an_end_stays_where_the_number_can_be() -> None:
    found = intervals.mean(np.array([0.0, 0.0, 0.1]), (0.0, 1.0))
    assert found.low == 0


def test_one_row_tells_no_interval() -> None:
    assert intervals.mean(np.array([3.0])) == Measure(3.0, None, None, 1, "normal")


def test_what_is_too_large_to_compute_with() -> None:
    with np.errstate(all="ignore"):
        found = intervals.mean(np.array([1e308, 1e308]))
    assert (found.value, found.note) == (None, "the values are too large to compute with")


def test_a_perfect_area_is_not_certain() -> None:
    assert intervals.logit(1.0, 0.0, 10) == pytest.approx(intervals.wilson(10, 10))
    assert intervals.logit(0.0, 0.0, 10) == pytest.approx(intervals.wilson(0, 10))


@given(value=st.floats(1e-9, 1 - 1e-9), error=st.floats(0, 1))
def test_log_odds_stay_within_0_and_1(value: float, error: float) -> None:
    low, high = intervals.logit(value, error, 10)
    assert low is not None
    assert high is not None
    assert 0 <= low <= value * (1 + 1e-9)
    assert value * (1 - 1e-9) <= high <= 1


def test_a_difference_is_newcombes() -> None:
    """His example of method 10: 56 of 70 against 48 of 80 is 0.2, 0.0524 to 0.3339."""
    found = intervals.difference(intervals.share(56, 70), intervals.share(48, 80))
    assert found == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_no_difference_where_an_end_is_unknown() -> None:
    known, unknown = intervals.share(5, 10), intervals.mean(np.array([1.0]))
    assert intervals.difference(known, unknown) == (None, None)
    assert intervals.difference(intervals.missing("nothing"), known) == (None, None)


@pytest.mark.parametrize("rows", [30, 200])
def test_intervals_of_shares_and_means_hold_the_truth(rows: int) -> None:
    assert 0.91 <= covered(0.9, lambda random: intervals.share(random.binomial(rows, 0.9), rows)) <= 0.99
    assert 0.91 <= covered(1.0, lambda random: intervals.mean(random.normal(1, 2, rows))) <= 0.99


def test_intervals_of_differences_hold_the_truth() -> None:
    def draw(random: np.random.Generator) -> Measure:
        now, before = (
            intervals.share(random.binomial(80, 0.7), 80),
            intervals.share(random.binomial(300, 0.85), 300),
        )
        return Measure(None, *intervals.difference(now, before))

    assert 0.91 <= covered(-0.15, draw) <= 0.99
