"""Performance compared with scikit-learn, written out here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.config.performance_metrics import BEST_CONSTANT
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.performance import classes, labelled_rows
from daywatch.measure.performance.performance import OTHER, PerformanceEvaluator, label_findings
from daywatch.results import Finding, FindingCode, Metric
from sklearn import metrics as sk

Columns = dict[str, list[Any]]
Found = dict[tuple[str, str], Metric]


@pytest.fixture
def opened(tmp_path: Path, parquet: Callable[..., Path]) -> Callable[..., Any]:
    """Return a function that opens a window, with the same data as baseline."""

    def run(model: Any, window: Columns, baseline: Columns | None = None) -> Any:
        files = parquet("baseline", model, baseline or window), parquet("window", model, window)
        return open_tables(*files, measured_columns(model), tmp_path)

    return run


@pytest.fixture
def performance(opened: Callable[..., Any]) -> Callable[..., Found]:
    """Return a function that computes the metrics of a window, by name and class."""

    def run(model: Any, window: Columns, baseline: Columns | None = None) -> Found:
        with opened(model, window, baseline) as tables:
            metrics = PerformanceEvaluator(tables, model).compare_sides().metrics
            found = {(metric.name, metric.class_name): metric for metric in metrics}
            assert len(found) == len(metrics)
            return found

    return run


def of_all(found: Found) -> dict[str, Metric]:
    return {name: metric for (name, class_name), metric in found.items() if not class_name}


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
    window, baseline = scored(500), scored(300, seed=1)
    found = performance(model, window, baseline)
    for data, pick in ((window, "value"), (baseline, "baseline")):
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
        shown = {name: getattr(metric, pick) for name, metric in of_all(found).items() if name in expected}
        assert shown == pytest.approx(expected, rel=1e-12)
    assert all(metric.alert is None for metric in found.values())
    assert {class_name for _, class_name in found} == {"", "no", "yes"}


def test_metrics_of_derived_predictions_say_so(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    output = {"task": "binary_classification", "response": ["probability"], "threshold": 0.3}
    window = {
        "x": [1.0] * 4,
        "probability": [0.1, 0.2, 0.3, 0.9],
        "prediction": list("0011"),
        "label": list("0011"),
    }
    found = of_all(performance(model_of({"x": "number"}, output=output), window))
    derived = "Predictions are derived: '1' from a probability of 0.3 on, '0' below."
    assert found["accuracy"].note == found["true_positives"].note == derived
    assert found["roc_auc"].note == ""


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
    found = of_all(
        performance(model, {"x": [1.0] * 400, "label": label.tolist(), "prediction": prediction.tolist()})
    )
    expected = {"accuracy": sk.accuracy_score(label, prediction)}
    scores = sk.precision_recall_fscore_support(label, prediction, average="macro", zero_division=0)
    expected |= dict(zip(("precision_macro", "recall_macro", "f1_macro"), scores[:3], strict=True))
    expected["f2_macro"] = sk.fbeta_score(label, prediction, beta=2, average="macro", zero_division=0)
    expected[f"accuracy{BEST_CONSTANT}"] = max(np.mean(label == name) for name in set(label))
    shown = {name: found[name].value for name in expected}
    assert shown == pytest.approx(expected, rel=1e-12)


def test_regression_equals_scikit_learn(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output={"task": "regression", "response": ["prediction"]})
    random = np.random.default_rng(0)
    label = random.normal(-3, 5, 300)
    prediction = label + random.normal(0.5, 1, 300)
    extra = {"label": [None, np.inf, 1.0], "prediction": [1.0, 1.0, None]}
    columns = {"label": [*label, *extra["label"]], "prediction": [*prediction, *extra["prediction"]]}
    found = of_all(performance(model, {"x": [1.0] * 303, **columns}))
    expected = {
        "me": float(np.mean(prediction - label)),
        "mae": sk.mean_absolute_error(label, prediction),
        "rmse": sk.root_mean_squared_error(label, prediction),
        "mape": sk.mean_absolute_percentage_error(label, prediction),
        "r2": sk.r2_score(label, prediction),
    }
    assert {name: found[name].value for name in expected} == pytest.approx(expected, rel=1e-12)


def test_labels_of_zero_are_left_out_of_mape(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output={"task": "regression", "response": ["prediction"]})
    found = of_all(
        performance(model, {"x": [1.0] * 3, "label": [0.0, 2.0, 4.0], "prediction": [1.0, 3.0, 5.0]})
    )
    assert found["mape"].value == pytest.approx((0.5 + 0.25) / 2)
    assert found["mape"].note == "1 rows with label 0 are left out"
    found = of_all(performance(model, {"x": [1.0], "label": [0.0], "prediction": [1.0]}))
    assert (found["mape"].value, found["mape"].note) == (None, "every label is 0")
    assert found["r2"].note == "all labels are the same"


OF_POSITIVE = (
    *("precision", "recall", "f1", "f0_5", "f2"),
    *("false_positive_rate", "false_negative_rate", "true_negative_rate"),
    *("true_positives", "false_positives", "false_negatives", "true_negatives"),
)


@pytest.mark.parametrize(
    ("label", "prediction", "undefined"),
    [
        (["1", "0"], ["0", "0"], {"precision": "no labelled row was predicted '1'"}),
        (
            ["0", "0"],
            ["1", "0"],
            dict.fromkeys(OF_POSITIVE, "no label is the positive class '1'"),
        ),
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
    found = of_all(performance(model, {"x": [1.0, 2.0], "label": label, "prediction": prediction}))
    of_model = {name: metric for name, metric in found.items() if not name.endswith(BEST_CONSTANT)}
    assert {name: metric.note for name, metric in of_model.items() if metric.value is None} == undefined
    assert found["f1_macro"].value is not None


def test_probabilities_outside_their_range(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output=binary())
    columns = {"x": [1.0] * 3, "label": ["1", "0", "1"], "prediction": ["1", "0", "1"]}
    found = of_all(performance(model, {**columns, "probability": [1.5, 0.2, float("nan")]}))
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
        assert label_findings(tables, model.output) == [expected]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([7.3] * 49 + [None], "all 49 labels are 7.30, so R2 is unknown"), ([7.3, 7.4], ""), ([7.3], "")],
)
def test_equal_labels_of_a_regression_are_a_finding(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any], labels: Any, expected: str
) -> None:
    model = model_of({"x": "number"}, output={"task": "regression", "response": ["prediction"]})
    columns = {"x": [1.0] * len(labels), "prediction": [1.0] * len(labels), "label": labels}
    files = parquet("a", model, columns), parquet("b", model, columns)
    with open_tables(*files, measured_columns(model), tmp_path) as tables:
        found = label_findings(tables, model.output)
    assert [(one.code, one.detail) for one in found] == (
        [(FindingCode.SAME_LABELS, expected)] if expected else []
    )


def test_what_a_metric_is_worth(performance: Callable[..., Any], model_of: Callable[..., Any]) -> None:
    model = model_of({"x": "number"}, output=binary(positive_class="yes"))
    found = of_all(performance(model, scored(500), scored(300, seed=1)))
    for metric in (one for name, one in found.items() if not name.endswith(BEST_CONSTANT)):
        assert metric.rows is not None
        assert metric.baseline_rows is not None
        assert 500 >= metric.rows > metric.baseline_rows > 60
        assert metric.method.startswith("95 % interval: ")
        ends = (metric.low, metric.high, metric.difference_low, metric.difference_high)
        low, high, difference_low, difference_high = (float(end) for end in ends if end is not None)
        assert low <= metric.value <= high
        assert difference_low <= metric.value - metric.baseline <= difference_high
        if metric.baseline_rows * 2 < metric.rows:
            assert high - low < metric.baseline_high - metric.baseline_low


def test_more_rows_are_worth_more(performance: Callable[..., Any], model_of: Callable[..., Any]) -> None:
    model = model_of({"x": "number"}, output=binary(positive_class="yes"))
    found = of_all(performance(model, scored(4000), scored(100)))
    for name in (
        "accuracy",
        "precision",
        "recall",
        "f1",
        "roc_auc",
        "pr_auc",
        "lift",
        "log_loss",
        "brier_score",
    ):
        metric = found[name]
        assert metric.high - metric.low < (metric.baseline_high - metric.baseline_low) / 2, metric.name


def test_the_confusion_matrix(opened: Callable[..., Any], model_of: Callable[..., Any]) -> None:
    model = model_of({"x": "number"}, output=binary(positive_class="1"))
    window = {"x": [1.0] * 4, "label": ["1", "0", "1", None], "prediction": ["1", "0", "0", "1"]}
    baseline = {"x": [1.0] * 2, "label": ["1", "0"], "prediction": ["1", None]}
    with opened(model, window, baseline) as tables:
        cells = PerformanceEvaluator(tables, model).compare_sides().confusion
    assert [(one.label, one.prediction, one.rows, one.baseline_rows) for one in cells] == [
        ("0", "0", 1, 0),
        ("1", "0", 1, 0),
        ("1", "1", 1, 1),
    ]


@pytest.mark.parametrize("response", [["prediction"], ["prediction", "probability"]])
@pytest.mark.parametrize("labels", [[], [None, None]], ids=["no rows", "no labels"])
def test_nothing_to_measure(
    performance: Callable[..., Any], model_of: Callable[..., Any], response: list[str], labels: list[None]
) -> None:
    model = model_of({"x": "number"}, output=binary(response=response))
    rows: Columns = {"x": [1.0] * len(labels), "label": labels, "prediction": ["1"] * len(labels)}
    found = performance(model, rows, scored(50))
    assert {metric.value for metric in found.values()} == {None}
    assert {metric.note for metric in found.values()} <= {
        "no row has both a label and a prediction",
        "no row has both a label and a probability",
    }
    assert {metric.rows for metric in found.values()} == {0}


def test_a_class_that_the_baseline_never_saw(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output=binary(response=["prediction"]))
    window = {"x": [1.0] * 3, "label": ["1", "0", "maybe"], "prediction": ["1", "0", "0"]}
    baseline = {"x": [1.0] * 2, "label": ["1", "0"], "prediction": ["1", "0"]}
    found = performance(model, window, baseline)
    assert found["accuracy", ""].value == 2 / 3  # "maybe" is not the "0" that was predicted
    assert (found["recall", "maybe"].value, found["recall", "maybe"].baseline) == (0, None)


def test_a_class_that_a_rule_names_is_measured_though_it_does_not_occur(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    plan = {
        "rules": [{"metric": "recall", "class_name": "fraud", "red": "< 0.5"}],
        "actions": {
            state: {"do": "look", "who": "team", "within_hours": 24} for state in ("amber", "red", "grey")
        },
    }
    model = model_of({"x": "number"}, output=binary(response=["prediction"]), plan=plan)
    found = performance(model, {"x": [1.0], "label": ["0"], "prediction": ["0"]})
    assert found["recall", "fraud"].note == "no row is labelled 'fraud'"


HOSTILE = [
    "'; DROP TABLE x;--",
    'a"b',
    "<script>",
    "\u202eevil",
    "a\u0001",
    "a\u0002",
    "",
    "x" * 500,
    "x" * 499,
]


def test_hostile_names_of_classes(opened: Callable[..., Any], model_of: Callable[..., Any]) -> None:
    model = model_of(
        {"x": "number"}, output={"task": "multiclass_classification", "response": ["prediction"]}
    )
    rows = {"x": [1.0] * len(HOSTILE), "label": HOSTILE, "prediction": HOSTILE[::-1]}
    with opened(model, rows) as tables:
        metrics, cells, _ = PerformanceEvaluator(tables, model).compare_sides()
    names = {metric.class_name for metric in metrics if metric.class_name}
    assert len(names) == len(HOSTILE)
    assert {len(name) <= 120 and name.isprintable() and name != "" for name in names} == {True}
    assert "a\N{REPLACEMENT CHARACTER} (2)" in names
    assert {cell.label for cell in cells} == names
    assert sum(cell.rows for cell in cells) == len(HOSTILE)


def test_thousands_of_classes_are_no_thousands_of_metrics(
    opened: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of(
        {"x": "number"}, output={"task": "multiclass_classification", "response": ["prediction"]}
    )
    label = [f"class {number}" for number in range(3000)] + ["often"] * 10
    rows = {"x": [1.0] * 3010, "label": label, "prediction": label}
    with opened(model, rows) as tables:
        metrics, cells, _ = PerformanceEvaluator(tables, model).compare_sides()
    names = {metric.class_name for metric in metrics if metric.class_name}
    assert (len(names), "often" in names) == (20, True)
    other = next(cell for cell in cells if cell.label == OTHER)
    assert (other.prediction, other.rows) == (OTHER, 2981)


def test_more_classes_than_can_be_measured(
    opened: Callable[..., Any], model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes, "LARGEST", 5)
    model = model_of(
        {"x": "number"}, output={"task": "multiclass_classification", "response": ["prediction"]}
    )
    rows = {"x": [1.0] * 6, "label": list("abcdef"), "prediction": list("abcdef")}
    with opened(model, rows) as tables:
        performance = PerformanceEvaluator(tables, model)
        metrics, cells, _ = performance.compare_sides()
        part = performance.measures(performance.labelled_rows(Side.WINDOW).take(np.arange(2)))
    assert not cells
    assert {one.note for one in metrics} == {"there are 6 classes, and 5 can be told apart"}
    assert {one.value for one in metrics} == {None}
    assert {"accuracy", "f1_macro"} < {one.name for one in metrics}
    assert part["accuracy", ""].rows == 2


CLASSES = ("a", "b", "c")


def with_vector(count: int, seed: int = 0) -> Columns:
    random = np.random.default_rng(seed)
    label = random.choice(CLASSES, count)
    weight = random.gamma(1.0, size=(count, 3)) + (np.array(CLASSES) == label[:, None])
    vector = weight / weight.sum(1, keepdims=True)
    return {
        "x": [1.0] * count,
        "label": label.tolist(),
        "prediction": np.array(CLASSES)[vector.argmax(1)].tolist(),
        "probabilities": vector.tolist(),
    }


def multiclass(**output: Any) -> dict[str, Any]:
    given = {"task": "multiclass_classification", "response": ["prediction", "probabilities"]}
    return {**given, "classes": CLASSES, **output}


@pytest.mark.parametrize("at_once", [1, 400, 10**6])
def test_a_vector_equals_scikit_learn(
    performance: Callable[..., Any],
    model_of: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
) -> None:
    monkeypatch.setattr(labelled_rows, "VECTOR_VALUES", at_once)
    model = model_of({"x": "number"}, output=multiclass())
    rows = with_vector(300)
    found = performance(model, rows)
    label, vector = rows["label"], np.array(rows["probabilities"])
    expected = {
        ("roc_auc", ""): sk.roc_auc_score(label, vector, multi_class="ovr"),
        ("roc_auc", "b"): sk.roc_auc_score(np.array(label) == "b", vector[:, 1]),
        ("log_loss", ""): sk.log_loss(label, vector),
        ("brier_score", ""): sk.brier_score_loss(label, vector),
    }
    assert {key: found[key].value for key in expected} == pytest.approx(expected, rel=1e-12)


def test_rows_whose_vector_does_not_fit(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output=multiclass())
    rows = with_vector(100)
    worse = {
        "x": [1.0] * 4,
        "label": ["a", "a", "a", "z"],
        "prediction": ["a"] * 4,
        "probabilities": [None, [0.5, 0.5], [float("nan"), 0.5, 0.5], [0.2, 0.3, 0.5]],
    }
    found = performance(model, {name: rows[name] + worse[name] for name in rows}, rows)
    note = "4 labelled rows without a probability of their class are left out"
    for name in ("roc_auc", "pr_auc", "log_loss", "brier_score", "calibration_error"):
        metric = found[name, ""]
        assert (metric.value, metric.rows, metric.note) == (metric.baseline, 100, note)
    assert found["accuracy", ""].rows == 104


def test_two_classes_with_a_vector_have_a_probability(
    performance: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    output = multiclass(task="binary_classification", classes=("no", "yes"), positive_class="yes")
    rows = scored(200)
    rows["probabilities"] = [[1 - one, one] for one in rows["probability"]]
    found = performance(model_of({"x": "number"}, output=output), rows)
    expected = performance(model_of({"x": "number"}, output=binary(positive_class="yes")), scored(200))
    assert found == expected


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_a_slice_is_measured_like_its_rows_alone(
    opened: Callable[..., Any], performance: Callable[..., Any], model_of: Callable[..., Any], kind: str
) -> None:
    numbers = np.random.default_rng(0).normal(size=(2, 200)).tolist()
    output, rows = {
        "binary": (binary(positive_class="yes"), scored(200)),
        "multiclass": (multiclass(), with_vector(200)),
        "regression": (
            {"task": "regression", "response": ["prediction"]},
            {"x": [1.0] * 200, "label": numbers[0], "prediction": numbers[1]},
        ),
    }[kind]
    model = model_of({"x": "number"}, output=output)
    chosen = np.arange(200) % 3 == 0
    with opened(model, rows) as tables:
        measured = PerformanceEvaluator(tables, model)
        whole = measured.labelled_rows(Side.WINDOW)
        # Labelled rows stand in the order of their file.
        labelled = chosen[[label is not None for label in rows["label"]]]
        one = measured.measures(whole.take(labelled))
        two = measured.measures(whole.take(np.flatnonzero(labelled)).take(np.arange(labelled.sum())))
    alone = {
        name: [v for v, taken in zip(values, chosen, strict=True) if taken] for name, values in rows.items()
    }
    expected = performance(model, alone)
    assert one == two
    assert {key: measure.value for key, measure in one.items()} == {
        key: metric.value for key, metric in expected.items() if not key[0].endswith(BEST_CONSTANT)
    }
