"""The stage as a whole: data of every kind gives numbers and findings, never a crash."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.config.metrics import METRICS
from daywatch.results import FindingCode, Metric

Measure = Callable[..., Any]
Columns = dict[str, list[Any]]

FEATURES = {"delay": "number", "hour": "integer", "late": "boolean", "carrier": "category", "remark": "text"}
NUMBERS = {"delay": "number", "hour": "integer"}
WORDS = ["storm", "fog", "gate", "crew", "fuel", "slot", "wind", "ice"]


def rows(count: int, seed: int = 0, shift: float = 0.0) -> Columns:
    """Return ordinary data for ``FEATURES`` and a binary model."""
    random = np.random.default_rng(seed)
    probability = random.random(count)
    return {
        "delay": random.normal(shift, 1, count).tolist(),
        "hour": random.integers(0, 24, count).tolist(),
        "late": (random.random(count) < 0.3).tolist(),
        "carrier": random.choice(["AA", "UA", "DL"], count).tolist(),
        "remark": [" ".join(random.choice(WORDS, 4)) for _ in range(count)],
        "prediction": np.where(probability > 0.5, "1", "0").tolist(),
        "probability": probability.tolist(),
        "label": np.where(random.random(count) < probability, "1", "0").tolist(),
    }


def of(measured: Any, name: str, column: str | None = None) -> Metric:
    """Return the one metric of that name (and column)."""
    (found,) = [
        metric
        for metric in measured.measurement.metrics
        if metric.name == name and column in (None, metric.column) and not metric.class_name
    ]
    return found


def codes(measured: Any, column: str) -> set[FindingCode]:
    """Return the codes of a column's findings."""
    return {finding.code for finding in measured.measurement.findings if finding.column == column}


def test_ordinary_window(measure: Measure, model_of: Callable[..., Any]) -> None:
    measured = measure(model_of(FEATURES), rows(300), rows(200, seed=1, shift=2.0))
    assert of(measured, "rows") == Metric(name="rows", value=200, baseline=300)
    assert of(measured, "labelled_share").value == 1
    assert of(measured, "drift_score", "delay").alert is True
    assert of(measured, "drift_score", "delay").method == "ks"
    assert of(measured, "drift_score", "carrier").alert is False
    assert of(measured, "prediction_drift").column == "probability"
    assert of(measured, "target_drift").column == "label"
    scored = [metric for metric in measured.measurement.metrics if metric.name == "drift_score"]
    assert of(measured, "drifted_columns").value == sum(bool(metric.alert) for metric in scored)
    assert of(measured, "drifted_share").value == of(measured, "drifted_columns").value / len(FEATURES)
    assert all(metric.name in METRICS for metric in measured.measurement.metrics)
    assert measured.measurement.findings == ()
    json.loads(measured.snapshot.read_text(), parse_constant=pytest.fail)


def test_every_metric_without_a_value_says_why(measure: Measure, model_of: Callable[..., Any]) -> None:
    empty = {name: [] for name in rows(1)}
    for window in (empty, rows(1), {**rows(5), "label": [None] * 5}):
        for metric in measure(model_of(FEATURES), rows(60), window).measurement.metrics:
            assert metric.value is not None or metric.note, metric


@pytest.mark.parametrize("task", ["binary_classification", "multiclass_classification", "regression"])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_windows_and_baselines(
    measure: Measure, model_of: Callable[..., Any], task: str, count: int
) -> None:
    model = model_of(FEATURES, output={"task": task, "response": ["prediction"]})

    def data(n: int) -> Columns:
        made = rows(n)
        made.pop("probability")
        if task == "regression":
            made["label"], made["prediction"] = made["delay"], [value * 2 for value in made["delay"]]
        return made

    assert of(measure(model, data(50), data(count)), "rows").value == count
    assert of(measure(model, data(count), data(50)), "rows").baseline == count


def test_empty_window_still_has_a_page(measure: Measure, model_of: Callable[..., Any]) -> None:
    measured = measure(model_of(FEATURES), rows(60), {name: [] for name in rows(1)})
    assert of(measured, "drifted_share").value is None
    assert "the window has no rows" in of(measured, "drift_score", "delay").note
    assert "the window has no rows" in measured.html.read_text()
    assert json.loads(measured.snapshot.read_text())["metric_results"] == {}


def test_no_labels_yet(measure: Measure, model_of: Callable[..., Any]) -> None:
    measured = measure(model_of(FEATURES), rows(60), {**rows(40), "label": [None] * 40})
    assert of(measured, "labelled").value == 0
    assert of(measured, "roc_auc").value is None
    assert of(measured, "roc_auc").baseline is not None
    assert of(measured, "target_drift").value is None
    assert of(measured, "drift_score", "delay").value is not None
    assert codes(measured, "label") == set()


def test_one_class_only(measure: Measure, model_of: Callable[..., Any]) -> None:
    measured = measure(model_of(FEATURES), rows(60), {**rows(40), "label": ["0"] * 40})
    assert codes(measured, "label") == {FindingCode.ONE_CLASS, FindingCode.NO_POSITIVE_CLASS}
    for name in ("roc_auc", "pr_auc", "recall", "precision", "true_negatives", "log_loss", "brier_score"):
        assert of(measured, name).value is None
        assert of(measured, name).note == "no label is the positive class '1'"


BROKEN = {
    "missing": None,
    "all null": [None] * 40,
    "constant": [3.0] * 40,
    "one value": [1.0] + [None] * 39,
    "all NaN": [math.nan] * 40,
    "infinite": [math.inf, -math.inf, math.nan, *range(37)],
    "huge": [1e308, -1e308] * 20,
    "close to each other": [1e16, 1e16 + 2] * 20,
    "tiny": [5e-324, 0.0] * 20,
}
EXPECTED = {
    "missing": {FindingCode.FEATURE_MISSING},
    "all null": {FindingCode.FEATURE_MISSING},
    "constant": {FindingCode.COLUMN_CONSTANT},
    "all NaN": {FindingCode.NON_FINITE, FindingCode.COLUMN_CONSTANT},
    "infinite": {FindingCode.NON_FINITE},
    "huge": {FindingCode.EXTREME_VALUE},
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_number_in_the_window(measure: Measure, model_of: Callable[..., Any], broken: str) -> None:
    window = {**rows(40), "delay": BROKEN[broken]}
    if window["delay"] is None:
        del window["delay"]
    measured = measure(model_of(NUMBERS), rows(60), window)
    assert codes(measured, "delay") == EXPECTED.get(broken, set())
    score = of(measured, "drift_score", "delay")
    assert (score.value is None) == bool(score.note)
    assert of(measured, "drift_score", "hour").value is not None


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_number_in_the_baseline(measure: Measure, model_of: Callable[..., Any], broken: str) -> None:
    baseline = {**rows(40), "delay": BROKEN[broken]}
    if baseline["delay"] is None:
        del baseline["delay"]
    measured = measure(model_of(NUMBERS), baseline, rows(60))
    expected = {
        "missing": {FindingCode.COLUMN_NEW, FindingCode.BASELINE_UNSOUND},
        "all null": {FindingCode.BASELINE_UNUSABLE, FindingCode.BASELINE_UNSOUND},
        "all NaN": {FindingCode.BASELINE_UNUSABLE},
        "huge": {FindingCode.EXTREME_VALUE},
    }
    assert codes(measured, "delay") == expected.get(broken, set())


@pytest.mark.parametrize("broken", ["missing", "all null", "constant"])
@pytest.mark.parametrize("columns", [["late", "carrier", "remark"], ["prediction", "probability"], ["label"]])
def test_other_broken_columns(
    measure: Measure, model_of: Callable[..., Any], columns: list[str], broken: str
) -> None:
    bad = rows(40)
    for column in columns:
        bad[column] = [None] * 40 if broken == "all null" else [bad[column][0]] * 40
        if broken == "missing" and column in FEATURES:
            del bad[column]
    for baseline, window in ((rows(60), bad), (bad, rows(60))):
        assert of(measure(model_of(FEATURES), baseline, window), "drift_score", "delay").value is not None


@pytest.mark.parametrize("scale", [1.0, 1e308])
def test_regression_of_any_size(measure: Measure, model_of: Callable[..., Any], scale: float) -> None:
    from evidently.core.report import Snapshot

    model = model_of(NUMBERS, output={"task": "regression", "response": ["prediction"]})
    made = rows(40)
    values = {"label": [value * scale for value in made["probability"]], "prediction": [-scale] * 40}
    data = {"delay": made["delay"], "hour": made["hour"], **values}
    measured = measure(model, data, data)
    assert of(measured, "rmse").value is not None
    assert ("performance: not plotted, Evidently cannot plot it" in measured.html.read_text()) == (
        scale == 1e308
    )
    Snapshot.loads(measured.snapshot.read_text())


def test_classes_may_differ_from_those_of_the_baseline(
    measure: Measure, model_of: Callable[..., Any]
) -> None:
    model = model_of(NUMBERS, output={"task": "multiclass_classification", "response": ["prediction"]})
    made = {name: rows(40)[name] for name in NUMBERS}
    old = {"label": ["a", "b", "c", "d"] * 10, "prediction": ["a", "b", "c", "c"] * 10}
    new = {"label": ["a", "b", "x", "accuracy"] * 10, "prediction": ["a", "b", "c", "c"] * 10}
    measured = measure(model, {**made, **old}, {**made, **new})
    assert of(measured, "accuracy").value == 0.5
    assert "performance: not plotted" not in measured.html.read_text()


def test_missing_column_counts_as_wholly_null(measure: Measure, model_of: Callable[..., Any]) -> None:
    window = rows(40)
    del window["delay"]
    metric = of(measure(model_of(FEATURES), rows(60), window), "null_share", "delay")
    assert (metric.value, metric.note) == (1, "the window has no such column")


RETYPED = {
    "text where numbers were": ("delay", ["late", "1.5", None, "2"] * 10, 20),
    "numbers where text was": ("carrier", [1.5, 2.5, 1.5, None] * 10, 30),
    "fractions where integers were": ("hour", [1.5, 2.0, None, 7.0] * 10, 30),
}


@pytest.mark.parametrize("case", RETYPED)
@pytest.mark.parametrize("side", ["window", "baseline"])
def test_a_retyped_column_is_a_finding_and_the_rest_is_measured(
    measure: Measure, model_of: Callable[..., Any], case: str, side: str, tmp_path: Path
) -> None:
    import duckdb

    column, values, usable_mask = RETYPED[case]
    model = model_of({name: kind for name, kind in FEATURES.items() if name != "remark"})
    measure(model, rows(60), rows(40))  # writes both files
    path = tmp_path / ("window.parquet" if side == "window" else "baseline.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE t AS SELECT * REPLACE (v AS {column}) FROM (SELECT *, row_number() OVER () AS n"
            f" FROM '{path}') JOIN (SELECT unnest(?) AS v, generate_subscripts(?, 1) AS n) USING (n) ORDER BY n",
            (values, values),
        )
        connection.execute(f"COPY (SELECT * EXCLUDE (v, n) FROM t) TO '{path}' (FORMAT parquet)")
    from daywatch.measure.window import measure_window

    measured = measure_window(tmp_path / "baseline.parquet", tmp_path / "window.parquet", model, tmp_path)
    (retyped,) = [one for one in measured.measurement.findings if one.code is FindingCode.COLUMN_RETYPED]
    assert (retyped.column, retyped.count) == (column, 40)
    assert retyped.detail.startswith(f"the {side} holds it as ")
    nulls = of(measured, "null_share", column)
    assert (nulls.value if side == "window" else nulls.baseline) == 1 - usable_mask / 40
    assert of(measured, "drift_score", column).value is not None
    assert of(measured, "drift_score", "late").value is not None


def test_a_column_that_nobody_configured_is_a_finding(measure: Measure, model_of: Callable[..., Any]) -> None:
    window = {**rows(40), "surprise": [1.0] * 40, "known": ["x"] * 40}
    measured = measure(model_of(NUMBERS), {**rows(60), "known": ["y"] * 60}, window)
    new = {
        one.column: one.detail for one in measured.measurement.findings if one.code is FindingCode.COLUMN_NEW
    }
    assert new == {"surprise": "the model's configuration does not name it"}


def test_the_first_page_lists_columns_by_drift_times_importance(
    measure: Measure, model_of: Callable[..., Any]
) -> None:
    model = model_of(
        {
            "little": {"type": "number", "importance": 1},
            "much": {"type": "number", "importance": 9},
            "calm": {"type": "number", "importance": 100},
        },
    )
    answers = {name: rows(300)[name] for name in ("prediction", "probability", "label")}
    old = {name: rows(300, seed=n)["delay"] for n, name in enumerate(("little", "much", "calm"))}
    new = {
        "little": rows(300, shift=2.0)["delay"],
        "much": rows(300, seed=1, shift=1.0)["delay"],
        "calm": old["calm"],
    }
    page = measure(model, {**old, **answers}, {**new, **answers}).html.read_text()
    assert sorted(("much", "little", "calm"), key=lambda name: page.index(f'"column_name":"{name}"')) == [
        "much",
        "little",
        "calm",
    ]


def test_non_finite_values_are_counted_apart_from_nulls(
    measure: Measure, model_of: Callable[..., Any]
) -> None:
    window = {**rows(4), "delay": [math.inf, math.nan, None, 1.0]}
    measured = measure(model_of(FEATURES), rows(60), window)
    assert of(measured, "non_finite").value == 2
    assert of(measured, "null_share", "delay").value == 0.25


def test_names_of_columns_may_be_anything(measure: Measure, model_of: Callable[..., Any]) -> None:
    names = [
        'a "quoted" one',
        "dots.and spaces",
        "it's; DROP TABLE t --",
        "größe 温度",
        "<script>alert(1)</script>",
    ]
    model = model_of(dict.fromkeys(names, "number"))
    made = rows(50)
    columns = dict.fromkeys(names, made["delay"]) | {
        name: made[name] for name in ("prediction", "probability", "label")
    }
    measured = measure(model, columns, columns)
    assert all(of(measured, "drift_score", name).value is not None for name in names)
    assert "<script>alert" not in measured.html.read_text()


def test_hostile_values_are_never_markup(measure: Measure, model_of: Callable[..., Any]) -> None:
    hostile = [
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
    ]
    made = rows(90)
    made |= {"carrier": hostile * 30, "remark": [f"{text} {n}" for n, text in enumerate(hostile * 30)]}
    made |= {"prediction": hostile[:2] * 45, "label": (hostile[:2] * 45)[::-1]}
    model = model_of(
        FEATURES,
        output={
            "task": "binary_classification",
            "response": ["prediction", "probability"],
            "positive_class": hostile[0],
        },
    )
    measured = measure(model, {**made, "carrier": ["AA"] * 90}, made)
    page = measured.html.read_text()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    (new,) = [f for f in measured.measurement.findings if f.code is FindingCode.NEW_CATEGORY]
    assert "<script>alert(1)</script>" in new.detail  # a finding tells the truth; who shows it escapes it


def test_page_loads_nothing_and_holds_its_code(measure: Measure, model_of: Callable[..., Any]) -> None:
    page = measure(model_of(FEATURES), rows(60), rows(40)).html.read_text()
    assert "default-src 'none'" in page.replace("&#x27;", "'")
    assert "<script src" not in page
    assert "<link" not in page.split("<body>")[0]
    assert "drawDashboard=" in page or "drawDashboard =" in page
    assert len(page) < 6_000_000


def test_head_says_what_was_plotted(measure: Measure, model_of: Callable[..., Any]) -> None:
    model = model_of(FEATURES, drift={"drawing_rows": 100})
    page = measure(model, rows(300), rows(250)).html.read_text()
    assert (
        "Scores on all 250 rows of the window and 300 of the baseline; figures from samples of 100 and 100."
        in page
    )
    assert "plotted from 100 of them" in page


def test_scores_use_all_rows_whatever_is_sampled(measure: Measure, model_of: Callable[..., Any]) -> None:
    few = measure(model_of(FEATURES, drift={"drawing_rows": 100}), rows(300), rows(250, seed=1))
    many = measure(model_of(FEATURES), rows(300), rows(250, seed=1))
    assert few.measurement == many.measurement


def test_report_shows_the_scores_of_all_rows(measure: Measure, model_of: Callable[..., Any]) -> None:
    measured = measure(
        model_of(FEATURES, drift={"drawing_rows": 100}), rows(3000), rows(2500, seed=1, shift=0.3)
    )
    document = json.loads(measured.snapshot.read_text())
    shown = {
        result["metric_value_location"]["metric"]["params"]["column"]: result["value"]
        for result in document["metric_results"].values()
        if result["metric_value_location"]["metric"]["params"]["type"] == "evidently:metric_v2:ValueDrift"
    }
    for metric in measured.measurement.metrics:
        if metric.name in ("drift_score", "prediction_drift", "target_drift"):
            assert shown[metric.column] == metric.value


SCRIPT = """
import sys, hashlib, pathlib
from daywatch.config.model.model import MonitoredModel
from daywatch.measure.window import measure_window
folder = pathlib.Path(sys.argv[1])
model = MonitoredModel.model_validate_json((folder / "model.json").read_text())
scratch = pathlib.Path(sys.argv[2])
scratch.mkdir()
measured = measure_window(folder / "baseline.parquet", folder / "window.parquet", model, scratch)
for content in (measured.html.read_bytes(), measured.snapshot.read_bytes()):
    print(hashlib.sha256(content).hexdigest())
print(measured.measurement.model_dump_json())
"""


def test_same_files_give_the_same_bytes_in_another_process(
    measure: Measure, model_of: Callable[..., Any], tmp_path: Path
) -> None:
    model = model_of(
        FEATURES, drift={"categorical": {"method": "psi"}, "numeric": {"method": "empirical_mmd"}}
    )
    measure(model, rows(300), rows(200, seed=1))
    content = model.model_dump(mode="json")
    content["plan"]["rules"] = [{"metric": "rows", "red": "< 1"}]
    (tmp_path / "model.json").write_text(json.dumps(content))
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path), str(tmp_path / f"scratch{seed}")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 3


def test_importing_the_stage_imports_nothing_heavy() -> None:
    script = (
        "import sys, daywatch.measure.window, daywatch.config.drift_methods;"
        "heavy = ('pandas', 'numpy', 'scipy', 'sklearn', 'evidently', 'duckdb');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
