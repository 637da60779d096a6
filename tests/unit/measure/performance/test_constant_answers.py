"""The best constant answers compared with scikit-learn's dummies, each class and each number tried."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from daywatch.config.metrics import METRICS
from daywatch.config.performance_metrics import BEST_CONSTANT
from daywatch.measure.performance.confusion import ClassCounts, count_confusion
from daywatch.measure.performance.constant_answers import constant_classes, constant_numbers
from daywatch.measure.performance.intervals import Measure, Measures
from sklearn import metrics as sk
from sklearn.dummy import DummyClassifier, DummyRegressor

Score = Callable[..., float]

F = {"f0_5": 0.5, "f1": 1.0, "f2": 2.0}
WHOLE: dict[str, Score] = {
    "accuracy": sk.accuracy_score,
    "precision_weighted": partial(sk.precision_score, average="weighted", zero_division=0),
    "recall_weighted": partial(sk.recall_score, average="weighted", zero_division=0),
    **{
        f"{name}_weighted": partial(sk.fbeta_score, beta=beta, average="weighted", zero_division=0)
        for name, beta in F.items()
    },
}


def negatives(label: np.ndarray, prediction: np.ndarray) -> float:
    return float(sk.recall_score(label, prediction, pos_label=0))


OF_POSITIVE: dict[str, Score] = {
    "precision": partial(sk.precision_score, zero_division=0),
    "recall": sk.recall_score,
    **{name: partial(sk.fbeta_score, beta=beta, zero_division=0) for name, beta in F.items()},
    "true_negative_rate": negatives,
    "false_positive_rate": lambda label, prediction: 1 - negatives(label, prediction),
    "false_negative_rate": lambda label, prediction: 1 - float(sk.recall_score(label, prediction)),
}


def measured(label: np.ndarray, classes: int, positive: int | None) -> Measures:
    return constant_classes(ClassCounts(count_confusion(label, label * 0, classes)), positive)


def best(label: np.ndarray, name: str, score: Score, classes: int) -> float:
    rows = np.zeros((len(label), 1))
    dummies = [DummyClassifier(strategy="constant", constant=number) for number in range(classes)]
    scores = [score(label, dummy.fit(rows, label).predict(rows)) for dummy in dummies]
    return min(scores) if name.startswith("false_") else max(scores)


@pytest.mark.parametrize(("positives", "rows"), [(3, 10), (8, 10), (5, 10), (1, 200)])
def test_two_classes_equal_scikit_learn(positives: int, rows: int) -> None:
    label = np.array([1] * positives + [0] * (rows - positives))
    found = measured(label, 2, 1)
    expected = {
        (name + BEST_CONSTANT, ""): best(label, name, score, 2)
        for name, score in (WHOLE | OF_POSITIVE).items()
    }
    assert {key: measure.value for key, measure in found.items()} == pytest.approx(expected, rel=1e-12)
    assert set(found) == {(name, "") for name in named("binary_classification")}
    for measure in found.values():
        assert measure.low is None or measure.low <= measure.value <= measure.high  # type: ignore[operator]


def test_many_classes_equal_scikit_learn() -> None:
    label = np.random.default_rng(0).choice(4, 300, p=[0.1, 0.2, 0.3, 0.4])
    found = measured(label, 4, None)
    expected = {(name + BEST_CONSTANT, ""): best(label, name, score, 4) for name, score in WHOLE.items()}
    assert {key: measure.value for key, measure in found.items()} == pytest.approx(expected, rel=1e-12)
    assert set(found) == {(name, "") for name in named("multiclass_classification")}


def test_numbers_equal_scikit_learn() -> None:
    label = np.random.default_rng(0).gamma(3, 2, 301)
    rows = np.zeros((301, 1))
    mean, median = (
        DummyRegressor(strategy=strategy).fit(rows, label).predict(rows) for strategy in ("mean", "median")
    )
    found = constant_numbers(label, label + 1)
    assert {name.removesuffix(BEST_CONSTANT): one.value for (name, _), one in found.items()} == pytest.approx(
        {
            "mae": sk.mean_absolute_error(label, median),
            "mse": sk.mean_squared_error(label, mean),
            "rmse": sk.root_mean_squared_error(label, mean),
        },
        rel=1e-12,
    )
    assert set(found) == {(name, "") for name in named("regression")}


def test_rows_that_the_model_is_not_measured_on_are_left_out() -> None:
    found = constant_numbers(np.array([1.0, 3.0, 100.0, np.nan]), np.array([1.0, 1.0, np.nan, 1.0]))
    assert found["mse" + BEST_CONSTANT, ""].value == 1.0


def test_nothing_to_measure() -> None:
    nothing = np.array([], dtype=np.int16)
    assert set(measured(nothing, 2, 1).values()) == {
        Measure(None, note="no row has both a label and a prediction")
    }
    assert {one.value for one in constant_numbers(np.array([]), np.array([])).values()} == {None}
    no_positive = measured(np.array([0, 0]), 2, 1)
    assert no_positive["recall" + BEST_CONSTANT, ""].note == "no label is the positive class"
    assert no_positive["accuracy" + BEST_CONSTANT, ""].value == 1


def named(task: str) -> list[str]:
    return [name for name, one in METRICS.items() if name.endswith(BEST_CONSTANT) and task in one.tasks]
