"""Performance held against scikit-learn, written out here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.measure.performance import Performance, class_findings
from daywatch.measure.tables import measured_columns, open_tables
from daywatch.results import Finding, FindingCode, Metric
from sklearn import metrics as sk

Columns = dict[str, list[Any]]


@pytest.fixture
def performance(tmp_path: Path, parquet: Callable[..., Path]) -> Callable[..., dict[str, Metric]]:
    """Return a function that computes the metrics of a window, with the same data as baseline."""

    def run(model: Any, current: Columns, reference: Columns | None = None) -> dict[str, Metric]:
        files = parquet("reference", model, reference or current), parquet("current", model, current)
        with open_tables(*files, measured_columns(model), tmp_path) as tables:
            metrics, _ = Performance(tables, model).window()
            return {metric.name: metric for metric in metrics if not metric.class_name}

    return run


def binary(**output: Any) -> dict[str, Any]:
    return {"task": "binary_classification", "response": ["prediction", "probability"], **output}


def scored(count: int, seed: int = 0) -> Columns:
    """Return labels of which some are missing, predictions cut at 0.3 and probabilities with ties."""
    random = np.random.default_rng(seed)
    probability = random.random(count).round(2)
    label = np.where(random.random(count) < probability, "yes", "no").astype(object)
    label[random.random(count) < 0.2] = None
    return {
        "x": probability.tolist(),
        "probability": probability.tolist(),
        "prediction": np.where(probability > 0.3, "yes", "no").tolist(),
        "label": label.tolist(),
    }


def test_binary_equals_scikit_learn(performance: Callable[..., Any], model_of: Callable[..., Any]) -> None:
    model = model_of({"x": "number"}, output=binary(positive_class="yes"))
    current, reference = scored(500), scored(300, seed=1)
    found = performance(model, current, reference)
    for data, pick in ((current, "value"), (reference, "baseline")):
        kept = [index for index, label in enumerate(data["label"]) if label is not None]
        label, prediction, probability = (
            [data[name][index] for index in kept] for name in ("label", "prediction", "probability")
        )
        expected = {
            "accuracy": sk.accuracy_score(label, prediction),
            "precision": sk.precision_score(label, prediction, pos_label="yes"),
            "recall": sk.recall_score(label, prediction, pos_label="yes"),
            "f1": sk.f1_score(label, prediction, pos_label="yes"),
            "roc_auc": sk.roc_auc_score([name == "yes" for name in label], probability),
            "log_loss": sk.log_loss([name == "yes" for name in label], probability),
        }
        assert {name: getattr(metric, pick) for name, metric in found.items()} == pytest.approx(
            expected, rel=1e-12
        )
    assert all(metric.alert is None for metric in found.values())


def test_multiclass_equals_scikit_learn(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of(
        {"x": "number"}, output={"task": "multiclass_classification", "response": ["prediction"]}
    )
    random = np.random.default_rng(0)
    label = random.choice(["a", "b", "c", "never predicted"], 400)
    prediction = np.where(random.random(400) < 0.6, label, "a")
    prediction = np.where(prediction == "never predicted", "never a label", prediction)
    found = performance(model, {"x": [1.0] * 400, "label": label.tolist(), "prediction": prediction.tolist()})
    expected = {"accuracy": sk.accuracy_score(label, prediction)}
    scores = sk.precision_recall_fscore_support(label, prediction, average="macro", zero_division=0)
    expected |= dict(zip(("precision", "recall", "f1"), scores[:3], strict=True))
    assert {name: metric.value for name, metric in found.items()} == pytest.approx(expected, rel=1e-12)


def test_regression_equals_scikit_learn(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output={"task": "regression", "response": ["prediction"]})
    random = np.random.default_rng(0)
    label = random.normal(-3, 5, 300)
    prediction = label + random.normal(0.5, 1, 300)
    extra = {"label": [None, np.inf, 1.0], "prediction": [1.0, 1.0, None]}
    columns = {"label": [*label, *extra["label"]], "prediction": [*prediction, *extra["prediction"]]}
    found = performance(model, {"x": [1.0] * 303, **columns})
    expected = {
        "me": float(np.mean(prediction - label)),
        "mae": sk.mean_absolute_error(label, prediction),
        "rmse": sk.root_mean_squared_error(label, prediction),
        "mape": sk.mean_absolute_percentage_error(label, prediction),
        "r2": sk.r2_score(label, prediction),
    }
    assert {name: metric.value for name, metric in found.items()} == pytest.approx(expected, rel=1e-12)


def test_labels_of_zero_are_left_out_of_mape(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output={"task": "regression", "response": ["prediction"]})
    found = performance(model, {"x": [1.0] * 3, "label": [0.0, 2.0, 4.0], "prediction": [1.0, 3.0, 5.0]})
    assert found["mape"].value == pytest.approx((0.5 + 0.25) / 2)
    assert found["mape"].note == "1 rows with label 0 are left out"
    found = performance(model, {"x": [1.0], "label": [0.0], "prediction": [1.0]})
    assert (found["mape"].value, found["mape"].note) == (None, "every label is 0")
    assert found["r2"].note == "all labels are the same"


@pytest.mark.parametrize(
    ("label", "prediction", "undefined"),
    [
        (["1", "0"], ["0", "0"], {"precision": "no labelled row was predicted '1'"}),
        (["0", "0"], ["1", "0"], {"recall": "no row is labelled '1'"}),
    ],
)
def test_a_share_of_nothing_has_no_value(
    performance: Callable[..., Any],
    model_of: Callable[..., Any],
    label: list[str],
    prediction: list[str],
    undefined: dict[str, str],
) -> None:
    model = model_of({"x": "number"}, output={"task": "binary_classification", "response": ["prediction"]})
    found = performance(model, {"x": [1.0, 2.0], "label": label, "prediction": prediction})
    assert {name: metric.note for name, metric in found.items() if metric.value is None} == undefined
    assert found["f1"].value == 0


def test_probabilities_outside_their_range(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output=binary())
    columns = {"x": [1.0] * 3, "label": ["1", "0", "1"], "prediction": ["1", "0", "1"]}
    found = performance(model, {**columns, "probability": [1.5, 0.2, float("nan")]})
    assert found["log_loss"].note == "1 probabilities lie outside 0 to 1"
    assert found["roc_auc"].value == 1


def test_one_class_is_a_finding(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output=binary())
    columns = {"x": [1.0] * 3, "label": ["0", None, "0"], "prediction": ["1", "0", "1"]}
    with open_tables(
        parquet("a", model, scored(10)), parquet("b", model, columns), measured_columns(model), tmp_path
    ) as tables:
        expected = Finding(
            code=FindingCode.ONE_CLASS,
            column="label",
            detail="labels are of one class only: '0' (2)",
            count=2,
        )
        assert class_findings(tables, model.output) == [expected]
