"""Probabilities of many classes compared with scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from daywatch.measure.performance.intervals import Measure, Measures, Z
from daywatch.measure.performance.vector import vector_measures
from random_samples import covered, error_by_weights
from sklearn import metrics as sk

NAMES = {0: "a", 2: "c"}


def scored(count: int, seed: int = 0, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = random.choice(classes, count, p=np.arange(1, classes + 1) / (classes * (classes + 1) / 2))
    weight = random.gamma(1.0, size=(count, classes)) + 1.2 * (np.arange(classes) == label[:, None])
    weight = weight.round(2) + 0.01
    return label, weight / weight.sum(1, keepdims=True)


def measured(label: np.ndarray, vector: np.ndarray) -> Measures:
    return vector_measures(label, iter(vector.T), vector.shape[1], NAMES)


def test_equals_scikit_learn() -> None:
    label, vector = scored(1500)
    found = measured(label, vector)
    truth = np.eye(4)[label]
    expected = {
        ("roc_auc", ""): sk.roc_auc_score(label, vector, multi_class="ovr", average="macro"),
        ("pr_auc", ""): sk.average_precision_score(truth, vector, average="macro"),
        ("log_loss", ""): sk.log_loss(label, vector),
        ("brier_score", ""): sk.brier_score_loss(label, vector),
        ("roc_auc", "a"): sk.roc_auc_score(label == 0, vector[:, 0]),
        ("roc_auc", "c"): sk.roc_auc_score(label == 2, vector[:, 2]),
        ("pr_auc", "a"): sk.average_precision_score(label == 0, vector[:, 0]),
        ("pr_auc", "c"): sk.average_precision_score(label == 2, vector[:, 2]),
    }
    assert {key: measure.value for key, measure in found.items() if key in expected} == pytest.approx(
        expected, rel=1e-12
    )
    assert set(found) == {*expected, ("calibration_error", "")}


def test_the_calibration_error_is_that_of_the_greatest_probability() -> None:
    label, vector = scored(1500)
    confidence, right = vector.max(1), vector.argmax(1) == label
    edges = np.linspace(0, 1, 11)[1:-1]
    bins = np.searchsorted(edges, confidence)
    expected = sum(abs((right - confidence)[bins == one].sum()) for one in range(10)) / 1500
    assert measured(label, vector)["calibration_error", ""].value == pytest.approx(expected, rel=1e-12)


def test_the_error_of_a_mean_area_is_what_rows_move() -> None:
    label, vector = scored(120)
    expected = error_by_weights(
        lambda weights: float(
            np.mean([sk.roc_auc_score(label == k, vector[:, k], sample_weight=weights) for k in range(4)])
        ),
        120,
    )
    found = measured(label, vector)["roc_auc", ""]
    assert found.value is not None
    assert found.high is not None
    half = math.log(found.high / (1 - found.high)) - math.log(found.value / (1 - found.value))
    assert half * found.value * (1 - found.value) / Z == pytest.approx(expected, rel=1e-5)


def test_two_classes_have_the_error_of_one() -> None:
    """Of two classes one's area is the other's, and the mean must be no surer than each."""
    label, vector = scored(500, classes=2)
    found = vector_measures(label, iter(vector.T), 2, {0: "a", 1: "b"})
    of_all, of_one = found["roc_auc", ""], found["roc_auc", "a"]
    assert (of_all.value, of_all.low, of_all.high) == pytest.approx(
        (of_one.value, of_one.low, of_one.high), rel=1e-3
    )


def test_a_class_that_is_nobodys_label() -> None:
    label, vector = scored(300)
    found = measured(np.where(label == 2, 3, label), vector)
    assert found["roc_auc", "c"].note == "all labels are of one class"
    assert found["roc_auc", ""].note == "1 of 4 classes are no row's label and left out"
    assert found["roc_auc", ""].value is not None


def test_one_class_only() -> None:
    _, vector = scored(30)
    found = measured(np.zeros(30, dtype=int), vector)
    assert found["roc_auc", ""].note == found["pr_auc", ""].note == "all labels are of one class"
    assert found["log_loss", ""].value == pytest.approx(-np.log(vector[:, 0]).mean())


def test_one_row_of_a_class_tells_no_interval() -> None:
    label, vector = scored(30, classes=3)
    label = np.where(np.arange(30) == 0, 0, 1 + label % 2)
    found = vector_measures(label, iter(vector.T), 3, NAMES)["roc_auc", ""]
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_no_rows() -> None:
    found = measured(np.array([], dtype=int), np.empty((0, 4)))
    assert set(found.values()) == {Measure(None, note="no row has both a label and its probabilities")}
    assert len(found) == 9


def test_beyond_0_and_1_only_the_order_is_measured() -> None:
    label, vector = scored(30)
    vector[0, 0] = -0.5
    found = measured(label, vector)
    for name in ("log_loss", "brier_score", "calibration_error"):
        assert found[name, ""].note == "1 probabilities lie outside 0 to 1"
    assert found["roc_auc", ""].value is not None


@pytest.mark.parametrize("name", ["roc_auc", "pr_auc", "log_loss", "brier_score"])
def test_intervals_hold_the_truth(name: str) -> None:
    truth = measured(*scored(1_000_000, 1))[name, ""].value
    assert truth is not None

    def draw(random: np.random.Generator) -> Measure:
        return measured(*scored(500, int(random.integers(2**31))))[name, ""]

    assert 0.9 <= covered(truth, draw, 300) <= 0.995
