"""Shares of right and wrong compared with scikit-learn; their intervals against many random samples."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from daywatch.measure.performance.confusion import (
    ClassCounts,
    accuracy,
    class_measures,
    count_confusion,
    mean_measures,
)
from daywatch.measure.performance.intervals import Measure, Measures, Z
from hypothesis import given, settings
from hypothesis import strategies as st
from random_samples import covered, error_by_weights
from sklearn import metrics as sk

NAMES = {0: "a", 1: "b", 2: "c", 3: "d"}


def measured(label: np.ndarray, prediction: np.ndarray, classes: int = 4) -> Measures:
    confusion = count_confusion(label, prediction, classes)
    counts = ClassCounts(confusion)
    names = {number: NAMES[number] for number in range(min(classes, len(NAMES)))}
    return {
        ("accuracy", ""): accuracy(confusion),
        **mean_measures(confusion, counts),
        **class_measures(counts, names),
    }


def rows(count: int, seed: int = 0, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = random.choice(classes, count, p=np.arange(1, classes + 1) / (classes * (classes + 1) / 2))
    prediction = np.where(random.random(count) < 0.7, label, random.integers(0, classes, count))
    return label.astype(np.int16), prediction.astype(np.int16)


@settings(deadline=None, max_examples=60)
@given(data=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_equals_scikit_learn(data: list[tuple[int, int]]) -> None:
    label, prediction = (np.array(column, dtype=np.int16) for column in zip(*data, strict=True))
    found = measured(label, prediction)
    assert found["accuracy", ""].value == pytest.approx(sk.accuracy_score(label, prediction), rel=1e-12)
    for kind in ("macro", "weighted"):
        scores = sk.precision_recall_fscore_support(label, prediction, average=kind, zero_division=0)
        for name, score in zip(("precision", "recall", "f1"), scores[:3], strict=True):
            measure = found[f"{name}_{kind}", ""]
            assert measure.value == pytest.approx(score, rel=1e-12)
            assert measure.low - 1e-9 <= measure.value <= measure.high + 1e-9  # type: ignore[operator]
        for name, beta in (("f0_5", 0.5), ("f2", 2)):
            score = sk.fbeta_score(label, prediction, beta=beta, average=kind, zero_division=0)
            assert found[f"{name}_{kind}", ""].value == pytest.approx(score, rel=1e-12)
    by_class = sk.precision_recall_fscore_support(
        label, prediction, labels=range(4), average=None, zero_division=np.nan
    )
    for name, scores in zip(("precision", "recall", "f1"), by_class[:3], strict=True):
        for number, score in enumerate(scores):
            value = found[name, NAMES[number]].value
            assert (value is None) == bool(np.isnan(score))
            assert value is None or value == pytest.approx(score, rel=1e-12)
    for name, beta in (("f0_5", 0.5), ("f2", 2)):
        scores = sk.fbeta_score(
            label, prediction, beta=beta, labels=range(4), average=None, zero_division=np.nan
        )
        for number, score in enumerate(scores):
            measure = found[name, NAMES[number]]
            assert measure.value == (None if np.isnan(score) else pytest.approx(score, rel=1e-12))
            assert measure.value is None or measure.low <= measure.value <= measure.high  # type: ignore[operator]
    cells = sk.multilabel_confusion_matrix(label, prediction, labels=range(4))
    for number, ((tn, fp), (fn, tp)) in enumerate(cells):
        names = ("true_negatives", "false_positives", "false_negatives", "true_positives")
        assert [found[name, NAMES[number]].value for name in names] == [tn, fp, fn, tp]
        rates = {
            "false_positive_rate": (fp, fp + tn),
            "false_negative_rate": (fn, fn + tp),
            "true_negative_rate": (tn, fp + tn),
        }
        for name, (part, whole) in rates.items():
            assert found[name, NAMES[number]].value == (part / whole if whole else None)


def test_rows_without_a_prediction_are_left_out() -> None:
    label, prediction = np.array([0, 1, 1]), np.array([0, -1, 0])
    found = measured(label, prediction)
    assert (found["accuracy", ""].value, found["accuracy", ""].rows) == (0.5, 2)


def test_rows_behind_a_share_are_those_it_is_a_share_of() -> None:
    found = measured(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]))
    assert found["precision", "b"].rows == 3
    assert found["recall", "a"].rows == 3
    assert found["f1", "b"].rows == 3
    assert found["true_positives", "b"].rows == 4


def test_no_rows() -> None:
    nothing = np.array([], dtype=np.int16)
    for measure in measured(nothing, nothing).values():
        assert measure == Measure(None, note="no row has both a label and a prediction")


def test_a_share_of_nothing_says_of_what() -> None:
    found = measured(np.array([0, 1]), np.array([0, 0]))
    assert found["precision", "b"].note == "no labelled row was predicted 'b'"
    assert found["recall", "c"].note == "no row is labelled 'c'"
    assert found["f1", "c"].note == "no labelled row is, or was predicted, 'c'"
    assert found["f2", "c"].note == "no labelled row is, or was predicted, 'c'"
    assert found["false_negative_rate", "c"].note == "no row is labelled 'c'"
    only = measured(np.array([0, 0]), np.array([0, 1]))
    assert only["false_positive_rate", "a"].note == "all rows are labelled 'a'"


def test_a_perfect_day_is_not_certain() -> None:
    label = np.array([0, 1, 1, 0, 0, 1])
    for (name, class_name), measure in measured(label, label, 2).items():
        if not name.endswith("_negatives") and not class_name:
            assert measure.value == 1
            assert measure.low is not None
            assert measure.low < 0.8, name


def test_many_classes_are_counted_as_few() -> None:
    """Beyond 2,000 classes the matrix is not laid out."""
    random = np.random.default_rng(0)
    label, prediction = random.integers(0, 3000, 500), random.integers(0, 3000, 500)
    few, many = count_confusion(label % 4, prediction % 4, 4), count_confusion(label, prediction, 3000)
    assert few.rows == many.rows == 500
    shown = {
        (int(a), int(b)): int(n) for a, b, n in zip(many.label, many.prediction, many.count, strict=True)
    }
    pairs = [(int(a), int(b)) for a, b in zip(label, prediction, strict=True)]
    assert shown == {pair: pairs.count(pair) for pair in pairs}


@pytest.mark.parametrize("kind", ["macro", "weighted"])
@pytest.mark.parametrize("name", ["precision", "recall", "f1", "f2"])
def test_the_error_of_a_mean_is_what_rows_move(name: str, kind: str) -> None:
    label, prediction = rows(120)
    score = {
        "precision": sk.precision_score,
        "recall": sk.recall_score,
        "f1": sk.f1_score,
        "f2": partial(sk.fbeta_score, beta=2),
    }[name]
    expected = error_by_weights(
        lambda weights: score(label, prediction, average=kind, sample_weight=weights, zero_division=0), 120
    )
    found = measured(label, prediction)[f"{name}_{kind}", ""]
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 / Z == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "key",
    [
        ("accuracy", ""),
        ("precision", "b"),
        ("recall", "b"),
        ("f1", "b"),
        ("precision_macro", ""),
        ("precision_weighted", ""),
        ("recall_macro", ""),
        ("recall_weighted", ""),
        ("f1_macro", ""),
        ("f1_weighted", ""),
        ("f0_5", "b"),
        ("f2", "b"),
        ("true_negative_rate", "b"),
        ("false_positives", "b"),
    ],
)
def test_intervals_hold_the_truth(key: tuple[str, str]) -> None:
    population = measured(*rows(400_000))
    truth = population[key].value
    assert truth is not None
    if key[0] == "false_positives":
        truth *= 300 / 400_000
    label, prediction = rows(400_000)

    def draw(random: np.random.Generator) -> Measure:
        chosen = random.integers(0, 400_000, 300)
        return measured(label[chosen], prediction[chosen])[key]

    assert 0.91 <= covered(truth, draw) <= 0.99
