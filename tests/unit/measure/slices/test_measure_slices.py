"""All numbers of slices, compared with pandas, scikit-learn and Evidently on the rows of the slice alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from daywatch.config.metrics import METRICS
from daywatch.formatting import percent
from daywatch.results import FindingCode, Metric
from evidently.legacy.calculations.stattests import jensenshannon_stat_test, wasserstein_stat_test
from evidently.legacy.core import ColumnType
from measured_files import make_model, write_parquet
from sklearn import metrics as sklearn

Columns = dict[str, list[Any]]
Measure = Callable[..., Any]

FEATURES = {
    "delay": "number",
    "hour": "integer",
    "carrier": "category",
    "origin": "category",
    "remark": "text",
}
METHODS = {"numeric": {"method": "wasserstein"}, "categorical": {"method": "jensenshannon"}}
SLICES = [
    {"by": "origin", "top": 3},
    {"by": ["origin", "carrier"], "top": 4},
    {"name": "long", "where": "delay > 0.5"},
]


def frame(count: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Rows whose predictions are worse at JFK by ``shift``."""
    random = np.random.default_rng(seed)
    origin = random.choice(["JFK", "EWR", "LGA", "SWF", "HPN"], count, p=[0.3, 0.3, 0.2, 0.15, 0.05])
    jfk = origin == "JFK"
    label = random.random(count) < 0.4
    probability = np.clip(0.25 + 0.5 * label + random.normal(0, 0.2, count), 0, 1)
    probability = np.where(jfk & (random.random(count) < shift), 1 - probability, probability)
    found = pd.DataFrame(
        {
            "delay": random.normal(0, 1, count) + shift * jfk,
            "hour": random.integers(0, 24, count).astype(float),
            "carrier": random.choice(["B6", "UA", "DL"], count),
            "origin": origin,
            "remark": "fog",
            "probability": probability,
            "prediction": np.where(probability > 0.5, "1", "0"),
            "label": np.where(label, "1", "0"),
        }
    )
    found.loc[random.random(count) < 0.1 + 0.2 * shift * jfk, "hour"] = np.nan
    found.loc[random.random(count) < 0.05, "carrier"] = None
    found.loc[random.random(count) < 0.05, "label"] = None
    return found


def columns(data: pd.DataFrame) -> Columns:
    return {name: [None if pd.isna(value) else value for value in data[name]] for name in data}


BASELINE, WINDOW = frame(6000, 0), frame(3000, 1, shift=0.5)


def subset(data: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of a slice, by pandas."""
    if name == "long":
        return data[data.delay > 0.5]
    if name == "origin=(other)":
        return data[~data.origin.isin(["JFK", "EWR", "LGA"])]
    for part in name.split(" & "):
        column, value = part.split("=")
        data = data[data[column] == value]
    return data


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from daywatch.measure.window import measure_window

    model = make_model(FEATURES, slices=SLICES, drift=METHODS)
    folder = tmp_path_factory.mktemp("sliced")
    files = [
        write_parquet(folder / f"{name}.parquet", model, columns(data))
        for name, data in (("baseline", BASELINE), ("window", WINDOW))
    ]
    return measure_window(files[0], files[1], model, folder)


def of(measured: Any, slice_: str, name: str, column: str | None = None) -> Metric:
    (found,) = [
        one
        for one in measured.measurement.metrics
        if one.slice == slice_ and one.name == name and column in (None, one.column)
    ]
    return found


NAMED = ["origin=JFK", "origin=LGA", "origin=(other)", "origin=JFK & carrier=UA", "long"]


@pytest.mark.parametrize("name", NAMED)
def test_volume_and_missing_values_are_those_of_pandas(measured: Any, name: str) -> None:
    now, before = subset(WINDOW, name), subset(BASELINE, name)
    assert (of(measured, name, "rows").value, of(measured, name, "rows").baseline) == (len(now), len(before))
    share = of(measured, name, "rows_share")
    assert (share.value, share.baseline) == (len(now) / 3000, len(before) / 6000)
    labelled = of(measured, name, "labelled")
    assert (labelled.value, labelled.baseline) == (now.label.notna().sum(), before.label.notna().sum())
    assert of(measured, name, "labelled_share").value == now.label.notna().mean()
    nulls = of(measured, name, "null_share", "hour")
    assert nulls.value == pytest.approx(now.hour.isna().mean(), abs=1e-12)
    assert nulls.baseline == pytest.approx(before.hour.isna().mean(), abs=1e-12)
    assert (nulls.rows, nulls.baseline_rows) == (len(now), len(before))
    assert nulls.alert is bool(now.hour.isna().mean() > before.hour.isna().mean() + 0.05)


@pytest.mark.parametrize("name", NAMED)
def test_drift_is_evidentlys_on_the_rows_of_the_slice(measured: Any, name: str) -> None:
    now, before = subset(WINDOW, name), subset(BASELINE, name)
    tests = {
        "delay": (wasserstein_stat_test, ColumnType.Numerical),
        "hour": (wasserstein_stat_test, ColumnType.Numerical),
        "carrier": (jensenshannon_stat_test, ColumnType.Categorical),
        "probability": (wasserstein_stat_test, ColumnType.Numerical),
        "label": (jensenshannon_stat_test, ColumnType.Categorical),
    }
    drifted = 0
    for column, (test, kind) in tests.items():
        expected = test(before[column].dropna(), now[column].dropna(), kind, test.default_threshold)
        metric = {"probability": "prediction_drift", "label": "target_drift"}.get(column, "drift_score")
        found = of(measured, name, metric, column)
        assert found.value == pytest.approx(expected.drift_score, abs=1e-9)
        assert found.alert is bool(expected.drifted)
        assert (found.rows, found.baseline_rows) == (len(now), len(before))
        drifted += metric == "drift_score" and bool(expected.drifted)
    if name != "origin=(other)" and "origin" in name:
        drifted += bool(of(measured, name, "drift_score", "origin").alert)
        assert of(measured, name, "drifted_columns").value == drifted


@pytest.mark.parametrize("name", NAMED)
def test_performance_is_scikit_learns_on_the_rows_of_the_slice(measured: Any, name: str) -> None:
    scores: dict[str, Callable[[pd.DataFrame], float]] = {
        "accuracy": lambda one: sklearn.accuracy_score(one.label, one.prediction),
        "f1": lambda one: sklearn.f1_score(one.label, one.prediction, pos_label="1"),
        "roc_auc": lambda one: sklearn.roc_auc_score(one.label == "1", one.probability),
        "log_loss": lambda one: sklearn.log_loss(one.label == "1", one.probability),
    }
    now, before = (subset(data, name).dropna(subset=["label"]) for data in (WINDOW, BASELINE))
    for metric, score in scores.items():
        found = of(measured, name, metric)
        assert found.value == pytest.approx(score(now), abs=1e-9)
        assert found.baseline == pytest.approx(score(before), abs=1e-9)
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.value < found.high
    assert (of(measured, name, "accuracy").rows, of(measured, name, "accuracy").baseline_rows) == (
        len(now),
        len(before),
    )
    wrong = WINDOW.dropna(subset=["label"])
    share = of(measured, name, "prediction_error_share")
    assert share.value == pytest.approx(
        (now.label != now.prediction).sum() / (wrong.label != wrong.prediction).sum(), abs=1e-12
    )


def test_the_worst_slice_is_named_with_its_part(measured: Any) -> None:
    (finding,) = [one for one in measured.measurement.findings if one.code is FindingCode.WORST_SLICE]
    bad = measured.measurement.bad_slices
    labelled = WINDOW.dropna(subset=["label"])
    jfk = labelled.origin == "JFK"
    wrong = labelled.label != labelled.prediction
    assert bad[0].slice == "origin=JFK"
    assert bad[0].rows == jfk.sum()
    assert bad[0].rows_share == pytest.approx(jfk.mean())
    assert bad[0].error_share == pytest.approx((wrong & jfk).sum() / wrong.sum())
    assert not [one for one in bad if "EWR" in one.slice or "LGA" in one.slice]
    assert "worst slice origin=JFK: " in finding.detail
    without = sklearn.accuracy_score(labelled.label[~jfk], labelled.prediction[~jfk])
    assert f"without it Accuracy is {without:.3f}" in finding.detail
    assert finding.count == jfk.sum()


def test_metrics_are_known_once_each_and_say_why_they_lack_a_value(measured: Any) -> None:
    sliced = [one for one in measured.measurement.metrics if one.slice]
    keys = [(one.slice, one.name, one.column, one.class_name) for one in sliced]
    assert len(set(keys)) == len(keys)
    assert {one.name for one in sliced} <= set(METRICS)
    assert all(one.value is not None or one.note for one in sliced)
    assert not [one for one in sliced if one.column == "remark" and one.name == "drift_score"]
    assert not [one for one in sliced if one.class_name]


def test_slices_change_nothing_else(measure: Measure, model_of: Callable[..., Any]) -> None:
    small = (columns(BASELINE.head(500)), columns(WINDOW.head(400)))
    without = measure(model_of(FEATURES, drift=METHODS), *small).measurement
    with_slices = measure(model_of(FEATURES, drift=METHODS, slices=SLICES), *small).measurement
    assert tuple(one for one in with_slices.metrics if not one.slice) == without.metrics


def test_the_same_rows_give_the_same_bytes(measure: Measure, model_of: Callable[..., Any]) -> None:
    model = model_of(FEATURES, drift=METHODS, slices=SLICES)
    small = (columns(BASELINE.head(500)), columns(WINDOW.head(400)))
    first, second = (measure(model, *small).measurement.model_dump_json() for _ in range(2))
    assert first == second


def test_a_slice_below_the_minimum_is_not_measured(measure: Measure, model_of: Callable[..., Any]) -> None:
    slices = [{"by": "origin", "top": 3}, {"name": "few", "where": "origin = 'HPN'", "minimum_rows": 5}]
    found = measure(
        model_of(FEATURES, drift=METHODS, slices=slices), columns(BASELINE), columns(WINDOW.head(250))
    )
    names = {one.name for one in found.measurement.metrics if one.slice == "origin=LGA"}
    assert names == {"rows", "rows_share", "labelled", "labelled_share"}
    rows = int((WINDOW.head(250).origin == "LGA").sum())
    assert of(found, "origin=LGA", "rows").note == (
        f"not measured: {rows} rows in the window, fewer than the minimum of 100"
    )
    assert of(found, "few", "drift_score", "delay").value is not None
    assert "labelled rows in the window, fewer than the minimum of 50" in of(found, "few", "labelled").note
    assert not [one for one in found.measurement.metrics if one.slice == "few" and one.name == "accuracy"]


@pytest.mark.parametrize(("wrong", "counts"), [(1.0, True), (0.9, False)])
def test_a_slice_below_the_minimum_counts_where_every_prediction_is_wrong(
    measure: Measure, model_of: Callable[..., Any], wrong: float, counts: bool
) -> None:
    window = frame(900, 5)
    few = (window.origin == "HPN") & window.label.notna()
    turned = few & (np.random.default_rng(1).random(len(window)) < wrong)
    window["prediction"] = np.where(few, window.label, window.prediction)
    window["prediction"] = np.where(turned, np.where(window.label == "1", "0", "1"), window.prediction)
    model = model_of(FEATURES, drift=METHODS, slices=[{"by": "origin", "top": 5}])
    found = measure(model, columns(BASELINE), columns(window))
    assert 30 < few.sum() < 50
    labelled = of(found, "origin=HPN", "labelled")
    assert bool(labelled.note) is not counts
    bad = [one.slice for one in found.measurement.bad_slices]
    if counts:
        assert of(found, "origin=HPN", "accuracy").value == 0
        assert labelled.threshold == few.sum()
        assert bad[:1] == ["origin=HPN"]
    else:
        assert "origin=HPN" not in bad


def test_a_slice_that_the_baseline_has_too_little_of(measure: Measure, model_of: Callable[..., Any]) -> None:
    new = WINDOW.assign(origin=np.where(WINDOW.origin == "JFK", "TEB", WINDOW.origin))
    baseline = BASELINE[BASELINE.origin.isin(["EWR", "LGA"])]
    slices = [{"by": "origin", "top": 2}]
    found = measure(model_of(FEATURES, drift=METHODS, slices=slices), columns(baseline), columns(new))
    assert of(found, "origin=(other)", "rows").baseline == 0
    assert of(found, "origin=(other)", "rows").note == (
        "drift is not measured: 0 rows in the baseline, fewer than the minimum of 100"
    )
    accuracy = of(found, "origin=(other)", "accuracy")
    assert accuracy.value is not None
    assert accuracy.baseline is None
    assert not [one for one in found.measurement.metrics if one.slice == "origin=(missing)"]


@pytest.mark.parametrize(
    ("baseline", "window"),
    [
        (BASELINE.head(300), WINDOW.head(0)),
        (BASELINE.head(300), WINDOW.head(1)),
        (BASELINE.head(300).assign(origin=None), WINDOW.head(200)),
        (BASELINE.head(300), WINDOW.head(200).assign(origin=None)),
        (BASELINE.head(300), WINDOW.head(200).drop(columns="origin")),
        (BASELINE.head(300), WINDOW.head(200).assign(label=None)),
        (BASELINE.head(300), WINDOW.head(200).assign(prediction=None, probability=np.nan)),
        (BASELINE.head(300), WINDOW.head(200).assign(delay=np.nan)),
        (BASELINE.head(300), WINDOW.head(200).assign(delay=np.inf)),
    ],
    ids=[
        "empty",
        "one row",
        "baseline null",
        "null",
        "missing",
        "no label",
        "no answer",
        "all-null",
        "infinite",
    ],
)
def test_bad_days_are_measured_all_the_same(
    measure: Measure, model_of: Callable[..., Any], baseline: pd.DataFrame, window: pd.DataFrame
) -> None:
    model = model_of(
        FEATURES, slices=[dict(one, minimum_rows=10, minimum_labels=1) for one in SLICES], drift=METHODS
    )
    found = measure(model, columns(baseline), columns(window))
    sliced = [one for one in found.measurement.metrics if one.slice]
    assert sliced
    assert all(one.value is not None or one.note for one in sliced)


def test_a_regression_tells_slices_by_their_absolute_error(
    measure: Measure, model_of: Callable[..., Any]
) -> None:
    random = np.random.default_rng(3)

    def side(count: int, more: float) -> pd.DataFrame:
        origin = random.choice(["JFK", "EWR", "LGA"], count)
        label = random.normal(10, 3, count)
        error = random.normal(0, 1, count) * np.where(origin == "LGA", more, 1.0)
        return pd.DataFrame({"origin": origin, "label": label, "prediction": label + error})

    baseline, window = side(3000, 1.0), side(2000, 3.0)
    model = model_of(
        {"origin": "category"},
        output={"task": "regression", "response": ["prediction"]},
        slices=[{"by": "origin"}],
    )
    found = measure(model, columns(baseline), columns(window))
    (bad,) = found.measurement.bad_slices
    size = (window.label - window.prediction).abs()
    lga = window.origin == "LGA"
    assert (bad.slice, bad.metric) == ("origin=LGA", "mae")
    assert bad.error_share == pytest.approx(size[lga].sum() / size.sum())
    assert bad.value == pytest.approx(size[lga].mean())
    fall = (size[~lga].mean() - size.mean()) / (
        (baseline.label - baseline.prediction).abs().mean() - size.mean()
    )
    (finding,) = [one for one in found.measurement.findings if one.code is FindingCode.WORST_SLICE]
    assert f"{percent(fall)} of its change" in finding.detail


def test_classes_in_slices_are_those_that_a_rule_names(
    measure: Measure, model_of: Callable[..., Any]
) -> None:
    random = np.random.default_rng(4)
    words = np.array(["a", "b", "c"])
    data = pd.DataFrame({"origin": random.choice(["JFK", "EWR"], 900), "label": random.choice(words, 900)})
    data["prediction"] = np.where(random.random(900) < 0.7, data.label, random.choice(words, 900))
    action = {"do": "look", "who": "team", "within_hours": 24}
    rule = {"metric": "recall", "class_name": "b", "slice": "origin=JFK", "red": "< 0.1"}
    model = model_of(
        {"origin": "category"},
        output={"task": "multiclass_classification", "response": ["prediction"]},
        slices=[{"by": "origin"}],
        plan={"rules": [rule], "actions": dict.fromkeys(("amber", "red", "grey"), action)},
    )
    found = measure(model, columns(data), columns(data))
    named = [one for one in found.measurement.metrics if one.slice and one.class_name]
    assert {(one.slice, one.name, one.class_name) for one in named} == {
        ("origin=JFK", "recall", "b"),
        ("origin=EWR", "recall", "b"),
    }
    jfk = data[data.origin == "JFK"]
    expected = sklearn.recall_score(jfk.label, jfk.prediction, labels=["b"], average=None)[0]
    assert of(found, "origin=JFK", "recall").value == pytest.approx(expected)
    assert found.measurement.bad_slices == ()
