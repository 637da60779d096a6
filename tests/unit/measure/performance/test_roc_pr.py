"""Areas under curves compared with scikit-learn, DeLong's error against his own formula, written out here."""

from __future__ import annotations

import math

import numpy as np
import pytest
from daywatch.measure.performance.intervals import Measure
from daywatch.measure.performance.lift import lift
from daywatch.measure.performance.roc_pr import pr_auc, precision_recall_area, rank, roc_area, roc_auc
from hypothesis import given, settings
from hypothesis import strategies as st
from random_samples import covered, error_by_weights
from sklearn import metrics as sk

# Few different scores make ties, all kinds of them make extremes.
SCORES = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(-1e300, 1e300))


def scored(count: int, seed: int = 0, prevalence: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    positive = random.random(count) < prevalence
    return positive, (random.normal(size=count) + 1.2 * positive).round(2)


@settings(deadline=None)
@given(data=st.lists(st.tuples(st.booleans(), SCORES), min_size=2, max_size=50))
def test_equals_scikit_learn(data: list[tuple[bool, float]]) -> None:
    positive, score = (np.array(column) for column in zip(*data, strict=True))
    ranking = rank(positive, score)
    if positive.all() or not positive.any():
        for measure in (roc_auc(ranking), pr_auc(ranking), lift(ranking, 0.1)):
            assert measure == Measure(None, rows=len(data), note="all labels are of one class")
        return
    assert roc_auc(ranking).value == pytest.approx(sk.roc_auc_score(positive, score), rel=1e-12, abs=1e-15)
    assert pr_auc(ranking).value == pytest.approx(sk.average_precision_score(positive, score), rel=1e-12)
    for measure in (roc_auc(ranking), pr_auc(ranking)):
        if measure.low is not None:
            assert 0 <= measure.low <= measure.value + 1e-12  # type: ignore[operator]
            assert measure.value - 1e-12 <= measure.high <= 1  # type: ignore[operator]


def test_the_error_is_delongs() -> None:
    positive, score = scored(400)
    above = score[positive][:, None] - score[~positive][None, :]
    kernel = (above > 0) + (above == 0) / 2
    variance = kernel.mean(1).var(ddof=1) / positive.sum() + kernel.mean(0).var(ddof=1) / (~positive).sum()
    assert roc_area(rank(positive, score)).error == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_the_error_of_average_precision_is_what_rows_move() -> None:
    positive, score = scored(150)
    expected = error_by_weights(
        lambda weights: sk.average_precision_score(positive, score, sample_weight=weights), 150
    )
    assert precision_recall_area(rank(positive, score)).error == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("area_of", [roc_area, precision_recall_area])
def test_influence_is_what_a_row_moves(area_of: object) -> None:
    """A row counted a little more moves the area by its influence, to first order."""
    assert callable(area_of)
    positive, score = scored(60)
    area = area_of(rank(positive, score))
    values = np.unique(score)
    for row in range(0, 60, 7):
        extra = 4_000
        heavier = np.concatenate([np.repeat(positive, extra), [positive[row]]])
        moved = area_of(rank(heavier, np.concatenate([np.repeat(score, extra), [score[row]]]))).value
        place = int(np.searchsorted(values, score[row]))
        influence = (area.of_positive if positive[row] else area.of_negative)[place]
        assert (moved - area.value) * 60 * extra == pytest.approx(influence, rel=2e-3, abs=2e-4)


def test_all_scores_the_same() -> None:
    positive = np.arange(100) < 25
    ranking = rank(positive, np.full(100, 0.4))
    assert (roc_auc(ranking).value, roc_auc(ranking).low, roc_auc(ranking).high) == pytest.approx(
        (0.5, 0.5, 0.5)
    )
    assert pr_auc(ranking).value == pytest.approx(0.25)
    assert pr_auc(ranking).low == pytest.approx(0.175, abs=0.005)
    assert lift(ranking, 0.1).value == pytest.approx(1)


def test_a_perfect_order_is_not_certain() -> None:
    positive = np.arange(20) >= 10
    ranking = rank(positive, np.arange(20.0))
    for measure in (roc_auc(ranking), pr_auc(ranking)):
        assert measure.value == 1
        assert (measure.low, measure.high) == pytest.approx((0.7225, 1), abs=1e-3)


def test_one_row_of_a_class_tells_no_interval() -> None:
    positive = np.array([True, False, False])
    found = roc_auc(rank(positive, np.array([0.5, 0.1, 0.9])))
    assert (found.value, found.low, found.high) == (0.5, None, None)


def test_minus_zero_is_zero() -> None:
    positive = np.array([True, False])
    assert roc_auc(rank(positive, np.array([0.0, -0.0]))).value == 0.5


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (0.1, 1 / 1 / 0.4),  # the best row is positive
        (0.5, 3 / 5 / 0.4),  # three of the best five
        (1.0, 1.0),
        (0.001, 1 / 1 / 0.4),  # one row at least
    ],
)
def test_lift(at: float, expected: float) -> None:
    positive = np.array([True, False, True, True, False, False, False, True, False, False])
    found = lift(rank(positive, -np.arange(10.0)), at)
    assert found.value == pytest.approx(expected)
    assert found.method == f"top {at * 100:g} %; Katz"


def test_a_lift_of_all_rows_is_1() -> None:
    found = lift(rank(np.array([True, False]), np.array([0.9, 0.5])), 1.0)
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_a_lift_without_a_positive_above_the_cut() -> None:
    positive = np.arange(100) < 10
    found = lift(rank(positive, np.arange(100.0)), 0.1)
    assert (found.value, found.low) == (0, 0)
    assert found.high is not None
    assert 1 < found.high < 9


def test_lift_counts_ties_in_part() -> None:
    positive = np.array([True, True, False, False, False, False])
    found = lift(rank(positive, np.array([0.9, 0.5, 0.5, 0.5, 0.1, 0.1])), 2 / 6)
    assert found.value == pytest.approx((1 + 1 / 3) / 2 / (2 / 6))


@pytest.mark.parametrize("prevalence", [0.3, 0.05])
@pytest.mark.parametrize("measure_of", [roc_auc, pr_auc, lambda ranking: lift(ranking, 0.1)])
def test_intervals_hold_the_truth(measure_of: object, prevalence: float) -> None:
    assert callable(measure_of)
    truth = measure_of(rank(*scored(2_000_000, 1, prevalence))).value

    def draw(random: np.random.Generator) -> Measure:
        found = measure_of(rank(*scored(600, int(random.integers(2**31)), prevalence)))
        assert isinstance(found, Measure)
        return found

    assert 0.9 <= covered(truth, draw) <= 0.995
