"""Thresholds that a baseline gives for the window's number of rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from daywatch.measure.calibration.limits import DistanceLimit, ShareLimit, beyond_days, deviations_of_next
from scipy.stats import binom, norm

DISTANCE = DistanceLimit(
    column="amount", method="robust_wasserstein", rows=(64, 256, 1024), thresholds=(0.4, 0.2, 0.1), days=10
)


@pytest.mark.parametrize(("rows", "threshold"), [(64, 0.4), (256, 0.2), (1024, 0.1), (1_000_000, 0.1)])
def test_the_threshold_of_the_calibrated_rows(rows: int, threshold: float) -> None:
    assert DISTANCE.at(rows) == pytest.approx(threshold)


def test_between_them_it_is_on_the_line_of_logarithms() -> None:
    assert DISTANCE.at(128) == pytest.approx(math.sqrt(0.4 * 0.2))


def test_fewer_rows_move_more_by_chance() -> None:
    assert DISTANCE.at(16) == pytest.approx(0.4 * 2)


@pytest.mark.parametrize(("hits", "of", "rows"), [(0, 1000, 100), (50, 1000, 100), (50, 1000, 10_000)])
def test_chance_exceeds_a_share_once_in_10_000_windows(hits: int, of: int, rows: int) -> None:
    threshold = ShareLimit(metric="null_share", hits=hits, rows=of).at(rows)
    usual = (hits + 1) / (of + 2)

    assert binom.sf(round(threshold * rows), rows, usual) <= 1e-4
    assert binom.sf(round(threshold * rows) - 1, rows, usual) > 1e-4 or threshold == 0.01


def test_a_share_that_the_days_had_does_not_stand_out() -> None:
    assert ShareLimit(metric="null_share", hits=1, rows=1000, largest=0.3).at(1000) == 0.3


def test_a_share_below_a_hundredth_never_stands_out() -> None:
    assert ShareLimit(metric="null_share", hits=0, rows=1_000_000).at(1_000_000) == 0.01


def test_a_baseline_that_was_not_captured_explains_no_share() -> None:
    """It is a data set, and nothing of it was quarantined or came twice."""
    assert ShareLimit(metric="quarantined_share", hits=0, rows=0).at(1000) == 0.01


def test_days_explain_their_range_and_three_deviations() -> None:
    assert beyond_days([1.0, 2.0, 3.0]) == pytest.approx((2 - 3 * math.sqrt(2 / 3), 2 + 3 * math.sqrt(2 / 3)))
    assert beyond_days([0.0] * 20 + [10.0])[1] == 10.0


@pytest.mark.parametrize("days", [7, 10, 14])
def test_the_next_day_of_a_normal_sample_is_within_the_limit_as_often_as_within_three_deviations(
    days: int,
) -> None:
    samples = np.random.default_rng(days).standard_normal((200_000, days + 1))
    known, following = samples[:, :-1], samples[:, -1]

    beyond = following > known.mean(axis=1) + deviations_of_next(days) * known.std(axis=1)

    assert beyond.mean() == pytest.approx(norm.sf(3), rel=0.2)


def test_few_days_count_as_seven_and_many_come_to_three_deviations() -> None:
    assert deviations_of_next(3) == deviations_of_next(7) == pytest.approx(5.66, abs=0.01)
    assert deviations_of_next(10_000) == pytest.approx(3, abs=0.01)
