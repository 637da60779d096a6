"""Faults of the data: what makes a baseline useless, and what a window has lost of its baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.measure.columns.counts import count_columns
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import open_tables
from daywatch.measure.performance.performance import PerformanceEvaluator
from daywatch.measure.sanity.chance import regression_chance
from daywatch.measure.sanity.findings import baseline_findings, is_refused, window_findings
from daywatch.profiles.profile import profile_rows
from daywatch.results import Finding, FindingCode
from measured_files import Columns, make_model, write_parquet

YES_NO = {"task": "binary_classification", "response": ["prediction"], "positive_class": "yes"}
THREE = {"task": "multiclass_classification", "response": ["prediction"]}
NUMBERS = {"task": "regression", "response": ["prediction"]}
SCORED = {"task": "binary_classification", "response": ["prediction", "probability"]}


def binary(rows: int = 60, wrong: int = 6, yes: str = "yes", no: str = "no") -> Columns:
    """Return rows of which every second one is positive, the first ones predicted wrongly."""
    labels = [yes if n % 2 else no for n in range(rows)]
    other = {yes: no, no: yes}
    predicted = [other[one] if n < wrong else one for n, one in enumerate(labels)]
    return {"colour": ["red", "blue"] * (rows // 2), "prediction": predicted, "label": labels}


def found_in(
    folder: Path, output: dict[str, Any], columns: Columns, names: Sequence[str] = (), **changes: Any
) -> tuple[list[Finding], MonitoredModel]:
    model = make_model({"colour": "category"}, output=output, **changes)
    rows = write_parquet(folder / "rows.parquet", model, columns)
    return baseline_findings(rows, model, profile_rows(rows, model), folder, names), model


SCORES = np.linspace(0.01, 0.99, 60).tolist()
BASELINES: dict[str, tuple[dict[str, Any], Columns, FindingCode | None, str]] = {
    "nothing": (YES_NO, binary(), None, ""),
    "two spellings": (
        YES_NO,
        {**binary(), "label": binary(yes="JA", no="NEIN")["label"]},
        FindingCode.NO_SHARED_CLASS,
        "predictions and labels share no class: predictions are 'no' (30), 'yes' (30), labels are 'JA' (30)",
    ),
    "another positive class": (
        {**YES_NO, "positive_class": "Yes"},
        binary(),
        FindingCode.NO_POSITIVE_CLASS,
        "no label is the positive class 'Yes' (output.positive_class): labels are 'no' (30), 'yes' (30), "
        "did you mean 'yes'?",
    ),
    "never predicted": (
        YES_NO,
        {**binary(), "prediction": ["no"] * 59 + ["maybe"]},
        FindingCode.NO_POSITIVE_CLASS,
        "no prediction is the positive class 'yes' (output.positive_class): predictions are 'no' (59), 'maybe' (1)",
    ),
    "a missing feature": (
        YES_NO,
        {**binary(), "colour": [None] * 60},
        FindingCode.FEATURE_MISSING,
        "colour is missing in every one of 60 rows; the captures have color, size, did you mean 'color'?",
    ),
    "a constant class": (
        THREE,
        {**binary(), "prediction": ["yes"] * 60},
        FindingCode.CONSTANT_PREDICTION,
        "all predictions are 'yes', and the labels differ: 'no' (30), 'yes' (30)",
    ),
    "a constant number": (
        NUMBERS,
        {**binary(), "prediction": [1.5] * 60, "label": SCORES},
        FindingCode.CONSTANT_PREDICTION,
        "all predictions are '1.5', and the labels differ",
    ),
    "flipped labels": (
        YES_NO,
        binary(wrong=54),
        FindingCode.WORSE_THAN_CHANCE,
        "Accuracy is 0.100 on 60 labelled rows, worse than chance (0.500): labels may be flipped",
    ),
    "flipped probabilities": (
        SCORED,
        {**binary(yes="1", no="0"), "label": ["1"] * 30 + ["0"] * 30, "probability": SCORES},
        FindingCode.WORSE_THAN_CHANCE,
        "ROC AUC is 0 on 60 labelled rows, worse than chance (0.500)",
    ),
    "a flipped number": (
        NUMBERS,
        {**binary(), "prediction": SCORES, "label": [-one for one in SCORES]},
        FindingCode.WORSE_THAN_CHANCE,
        "Correlation of predictions and labels is -1",
    ),
    "as good as chance": (YES_NO, binary(wrong=30), None, ""),
}


@pytest.mark.parametrize("name", BASELINES)
def test_what_makes_a_baseline_useless(name: str, tmp_path: Path) -> None:
    output, columns, code, sentence = BASELINES[name]

    found, _ = found_in(tmp_path, output, columns, ("color", "size"))

    assert {one.code for one in found} == ({code} if code else set())
    for one in found[:1]:
        assert one.detail.startswith(sentence), one.detail


def test_a_constant_prediction_that_nothing_contradicts_is_only_told(tmp_path: Path) -> None:
    constant = {"colour": ["red"] * 9, "prediction": [1.0] * 9}
    (told,), model = found_in(tmp_path, NUMBERS, constant)
    assert not is_refused(told, model)

    judged = {"metric": "prediction_drift", "red": "> 0.1"}
    plan = {"rules": [judged], "actions": model.plan.actions.model_dump()}
    (refused,), model = found_in(tmp_path, NUMBERS, constant, plan=plan)
    assert is_refused(refused, model)


def test_too_few_values_for_the_drift_method(tmp_path: Path) -> None:
    model = make_model({"x": {"type": "number", "drift": {"method": "es"}}}, output=NUMBERS)
    rows = write_parquet(tmp_path / "rows.parquet", model, {"x": [1.0, 2.0], "prediction": [1.0, 2.0]})

    (found,) = baseline_findings(rows, model, profile_rows(rows, model), tmp_path)

    assert found.code is FindingCode.TOO_FEW_VALUES
    assert found.detail == "x has 2 values, its drift method es needs 5"


def lost_in(folder: Path, output: dict[str, Any], baseline: Columns, window: Columns) -> list[Finding]:
    model = make_model({"colour": "category"}, output=output)
    files = [
        write_parquet(folder / f"{name}.parquet", model, one)
        for name, one in (("baseline", baseline), ("window", window))
    ]
    with open_tables(files[0], files[1], measured_columns(model), folder) as tables:
        evaluator = PerformanceEvaluator(tables, model)
        compared = evaluator.compare_sides()
        counts = count_columns(tables)
        return window_findings(tables, model, counts, evaluator, compared.metrics, compared.confusion)


RARE = {
    "colour": ["red"] * 200,
    "prediction": ["no"] * 198 + ["yes"] * 2,
    "label": ["no"] * 198 + ["yes"] * 2,
}
QUIET = {"colour": ["red"] * 200, "prediction": ["no"] * 200, "label": ["no"] * 200}
WINDOWS: dict[str, tuple[Columns, Columns, FindingCode | None]] = {
    "the same": (binary(), binary(40), None),
    "labels in another spelling": (
        binary(),
        {**binary(40), "label": binary(40, yes="YES", no="NO")["label"]},
        FindingCode.NO_SHARED_CLASS,
    ),
    "predictions in another spelling": (
        binary(),
        {**binary(40), "prediction": binary(40, yes="YES", no="NO")["prediction"]},
        FindingCode.NO_SHARED_CLASS,
    ),
    "one row, predicted wrongly": (
        binary(),
        {"colour": ["red"], "prediction": ["yes"], "label": ["no"]},
        None,
    ),
    "no positive label": (binary(), {**binary(40), "label": ["no"] * 40}, FindingCode.NO_POSITIVE_CLASS),
    "no positive label where they are rare": (RARE, QUIET, None),
    "labels not yet known": (binary(), {**binary(40), "label": [None] * 40}, None),
    "a lost feature": (binary(), {**binary(40), "colour": [None] * 40}, FindingCode.FEATURE_MISSING),
    "a feature missing in three rows": (
        binary(),
        {"colour": [None] * 3, "prediction": ["yes", "no", "yes"], "label": ["yes", "no", "yes"]},
        None,
    ),
    "flipped labels": (binary(), binary(40, wrong=36), FindingCode.WORSE_THAN_CHANCE),
    "nothing": (binary(), {"colour": [], "prediction": [], "label": []}, None),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_what_a_window_has_lost(name: str, tmp_path: Path) -> None:
    baseline, window, code = WINDOWS[name]

    found = lost_in(tmp_path, YES_NO, baseline, window)

    assert [one.code for one in found] == ([code] if code else [])


def test_a_stuck_model_is_a_fault(tmp_path: Path) -> None:
    varied = {**binary(), "prediction": SCORES, "label": SCORES}
    stuck = {**binary(), "prediction": [0.5] * 60, "label": SCORES}

    assert [one.code for one in lost_in(tmp_path, NUMBERS, varied, stuck)] == [
        FindingCode.CONSTANT_PREDICTION
    ]


def test_a_window_does_not_answer_for_its_baseline(tmp_path: Path) -> None:
    spelt = {**binary(), "label": binary(yes="JA", no="NEIN")["label"]}

    (found,) = lost_in(tmp_path, YES_NO, spelt, spelt)

    assert found.code is FindingCode.BASELINE_UNSOUND
    assert found.detail.startswith("in the baseline, predictions and labels share no class: ")


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1.0, 1.7e308])
def test_a_correlation_of_any_numbers(size: float) -> None:
    up = np.linspace(-1, 1, 50) * size
    chance = regression_chance(up, -up)

    assert chance is None or (math.isfinite(chance.value) and chance.is_worse)
    assert size < 1e-299 or chance is not None
    assert regression_chance(up, np.full(50, math.inf)) is None
