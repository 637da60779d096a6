"""Correlation of features with the prediction, now against the baseline."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.measure.column_pass import read_columns
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.prediction_correlation import (
    Correlation,
    PredictionCorrelation,
    correlation_findings,
    correlation_metrics,
)
from daywatch.measure.columns.tables import open_tables
from daywatch.results import FindingCode, Metric

FEATURES = {"delay": "number", "hour": "integer", "late": "boolean", "carrier": "category", "remark": "text"}
Columns = dict[str, list[Any]]


def rows(count: int, strength: float, seed: int = 0) -> Columns:
    random = np.random.default_rng(seed)
    probability = random.random(count)
    return {
        "delay": (strength * probability + random.normal(0, 0.3, count)).tolist(),
        "hour": random.integers(0, 24, count).tolist(),
        "late": (probability > random.random(count)).tolist(),
        "carrier": np.where(probability > 0.5, "AA", random.choice(["AA", "UA"], count)).tolist(),
        "remark": ["fog"] * count,
        "prediction": np.where(probability > 0.5, "1", "0").tolist(),
        "probability": probability.tolist(),
    }


@pytest.fixture
def correlated(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> Callable[..., list[PredictionCorrelation]]:
    def run(
        baseline: Columns, window: Columns, response: tuple[str, ...] = ("prediction", "probability")
    ) -> Any:
        model = model_of(FEATURES, output={"task": "binary_classification", "response": list(response)})
        files = parquet("a", model, baseline), parquet("b", model, window)
        with open_tables(*files, measured_columns(model), tmp_path) as tables:
            read = read_columns(tables, model).columns
            return [one.correlation for one in read if one.correlation]

    return run


def test_the_measure_is_that_of_the_two_kinds(correlated: Callable[..., Any]) -> None:
    found = {one.column: one for one in correlated(rows(300, 1.0), rows(200, 1.0, 1))}
    assert {name: one.method for name, one in found.items()} == {
        "delay": "pearson",
        "hour": "pearson",
        "late": "correlation_ratio",
        "carrier": "correlation_ratio",
    }
    window = rows(200, 1.0, 1)
    expected = np.corrcoef(window["delay"], window["probability"])[0, 1]
    assert found["delay"].window == Correlation(pytest.approx(expected, abs=1e-12), 200)
    assert found["delay"].baseline.rows == 300


def test_without_a_probability_the_predicted_classes_count(correlated: Callable[..., Any]) -> None:
    data = rows(300, 1.0)
    del data["probability"]
    found = {one.column: one.method for one in correlated(data, data, ("prediction",))}
    assert found == {
        "delay": "correlation_ratio",
        "hour": "correlation_ratio",
        "late": "cramers_v",
        "carrier": "cramers_v",
    }


def test_rows_with_gaps_in_either_column_are_left_out(correlated: Callable[..., Any]) -> None:
    data = rows(100, 1.0)
    holed = {**data, "delay": [None, math.inf, math.nan, *data["delay"][3:]]}
    holed["probability"] = [*data["probability"][:-5], *[None] * 5]
    (delay, *_), late = correlated(data, holed), correlated(data, holed)[2]
    expected = np.corrcoef(data["delay"][3:-5], data["probability"][3:-5])[0, 1]
    assert delay.window == Correlation(pytest.approx(expected, abs=1e-12), 92)
    assert late.window.rows == 95


def test_a_change_is_named_with_both_numbers(correlated: Callable[..., Any]) -> None:
    found = correlated(rows(500, 1.0), rows(500, -1.0, 1))
    (finding,) = correlation_findings(found)
    assert finding.code is FindingCode.PREDICTION_CORRELATION_CHANGED
    assert finding.detail.startswith(
        "the correlation of 1 column with the prediction changed from the baseline: delay 0."
    )
    assert " → -0." in finding.detail


@pytest.mark.parametrize(
    ("rows", "before", "now", "reported"),
    [(100_000, 0.5, 0.41, False), (100_000, 0.5, 0.39, True), (200, 0.5, 0.3, False), (200, 0.5, 0.1, True)],
)
def test_small_changes_and_those_of_chance_are_not_reported(
    rows: int, before: float, now: float, reported: bool
) -> None:
    one = PredictionCorrelation("x", "pearson", Correlation(now, rows), Correlation(before, rows))
    assert bool(correlation_findings([one])) is reported


def test_the_largest_three_are_named(correlated: Callable[..., Any]) -> None:
    ones = [
        PredictionCorrelation(f"x{n}", "pearson", Correlation(n / 10, 9999), Correlation(0.0, 9999))
        for n in range(2, 8)
    ]
    (finding,) = correlation_findings(ones)
    assert finding.detail.endswith("x7 0.00 → 0.70, x6 0.00 → 0.60, x5 0.00 → 0.50 and 3 more")


def test_metrics_carry_both_sides_and_say_why_there_is_none() -> None:
    ones = [
        PredictionCorrelation("x", "pearson", Correlation(0.25, 10), Correlation(0.5, 10)),
        PredictionCorrelation("c", "cramers_v", Correlation(None, 10), Correlation(0.5, 10)),
    ]
    assert correlation_metrics(ones) == [
        Metric(name="prediction_correlation", column="x", value=0.25, baseline=0.5, method="pearson"),
        Metric(
            name="prediction_correlation",
            column="c",
            baseline=0.5,
            method="cramers_v",
            note="not defined on the 10 rows of the window that have column and prediction",
        ),
    ]
