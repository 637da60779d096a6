"""Losses and calibration compared with scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from daywatch.measure.performance.intervals import Measure, Measures
from daywatch.measure.performance.probabilities import BINS, calibration_error, probability_measures
from hypothesis import given, settings
from hypothesis import strategies as st
from random_samples import covered
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

NAMES = ["roc_auc", "pr_auc", "lift", "log_loss", "brier_score", "calibration_error"]


def scored(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and probabilities that say a little too much."""
    random = np.random.default_rng(seed)
    probability = random.beta(0.6, 1.4, count)
    return random.random(count) < 0.1 + 0.7 * probability, probability


def measured(positive: np.ndarray, probability: np.ndarray) -> Measures:
    return probability_measures(positive, probability, 0.1)


def test_equals_scikit_learn() -> None:
    positive, probability = scored(5000)
    probability[:40] = np.repeat([0.0, 1.0], 20)
    expected = {
        "roc_auc": sk.roc_auc_score(positive, probability),
        "pr_auc": sk.average_precision_score(positive, probability),
        "log_loss": sk.log_loss(positive, probability),
        "brier_score": sk.brier_score_loss(positive, probability),
    }
    found = measured(positive, probability)
    assert {name: found[name, ""].value for name in expected} == pytest.approx(expected, rel=1e-12)
    assert {found[name, ""].rows for name in NAMES} == {5000}
    assert [name for name, _ in found] == NAMES


def test_the_calibration_error_has_scikit_learns_bins() -> None:
    positive, probability = scored(3000)
    probability = probability.round(1)  # on the edges of the bins
    right, said = calibration_curve(positive, probability, n_bins=BINS)
    edges = np.linspace(0, 1, BINS + 1)[1:-1]
    rows = np.bincount(np.searchsorted(edges, probability), minlength=BINS)
    expected = float(np.abs(right - said) @ rows[rows > 0] / 3000)
    assert calibration_error(probability, positive).value == pytest.approx(expected, rel=1e-12)


def test_a_calibrated_model_has_next_to_no_calibration_error() -> None:
    random = np.random.default_rng(0)
    probability = random.random(400_000)
    found = calibration_error(probability, random.random(400_000) < probability)
    assert found.value == pytest.approx(0, abs=0.004)


def test_no_rows() -> None:
    nothing = measured(np.array([], dtype=bool), np.array([]))
    assert set(nothing.values()) == {Measure(None, note="no row has both a label and a probability")}


@pytest.mark.parametrize("positive", [True, False])
def test_one_class_only(positive: bool) -> None:
    found = measured(np.full(3, positive), np.array([0.2, 0.5, 0.9]))
    assert {name: found[name, ""].note for name in NAMES if found[name, ""].value is None} == dict.fromkeys(
        ("roc_auc", "pr_auc", "lift"), "all labels are of one class"
    )
    given = np.array([0.2, 0.5, 0.9]) if positive else np.array([0.8, 0.5, 0.1])
    assert found["log_loss", ""].value == pytest.approx(-np.log(given).mean())


def test_what_is_not_finite_is_left_out() -> None:
    positive, probability = scored(200)
    worse = np.concatenate([probability, [np.nan, np.inf, -np.inf]])
    found = measured(np.concatenate([positive, [True, False, True]]), worse)
    expected = measured(positive, probability)
    for name in NAMES:
        assert found[name, ""].value == expected[name, ""].value
        assert found[name, ""].note == "3 labelled rows without a finite probability are left out"


def test_beyond_0_and_1_only_the_order_is_measured() -> None:
    found = measured(np.array([True, False, True]), np.array([1.5, 0.2, -0.1]))
    notes = {name: found[name, ""].note for name in NAMES if found[name, ""].value is None}
    assert notes == dict.fromkeys(NAMES[3:], "2 probabilities lie outside 0 to 1")
    assert found["roc_auc", ""].value == 0.5


def test_a_certain_mistake_is_no_infinite_loss() -> None:
    found = measured(np.array([True, False]), np.array([0.0, 1.0]))
    assert found["log_loss", ""].value == pytest.approx(-math.log(np.finfo(float).eps), rel=1e-9)


@settings(deadline=None)
@given(data=st.lists(st.tuples(st.booleans(), st.floats(width=64)), max_size=30))
def test_whatever_a_model_says_is_measured_or_explained(data: list[tuple[bool, float]]) -> None:
    positive = np.array([one for one, _ in data], dtype=bool)
    found = measured(positive, np.array([said for _, said in data], dtype=float))
    assert len(found) == len(NAMES)
    for measure in found.values():
        if measure.value is None:
            assert measure.note
            continue
        assert math.isfinite(measure.value)
        assert (measure.low is None) == (measure.high is None)
        if measure.low is not None and measure.high is not None:
            assert measure.low <= measure.value + 1e-9
            assert measure.value <= measure.high + 1e-9


@pytest.mark.parametrize("name", ["log_loss", "brier_score", "calibration_error"])
def test_intervals_hold_the_truth(name: str) -> None:
    truth = measured(*scored(2_000_000, 1))[name, ""].value
    assert truth is not None
    rows = 2000 if name == "calibration_error" else 300

    def draw(random: np.random.Generator) -> Measure:
        return measured(*scored(rows, int(random.integers(2**31))))[name, ""]

    assert 0.9 <= covered(truth, draw) <= 0.995
