"""Every statistic, sentence and chart takes any double: denormals, ±1.8e308, infinities and NaN."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.config.drift_methods import APPLIES_TO, ColumnKind
from daywatch.config.model.columns import DriftMethod
from daywatch.judge.evidence import Evidence
from daywatch.judge.verdict import judge
from daywatch.measure.columns.association import correlation_ratio, pearson
from daywatch.measure.columns.measured_columns import Column, Role
from daywatch.measure.columns.pairs import SideValues
from daywatch.measure.drift.kernels import KERNELS
from daywatch.measure.drift.profile_distances import distances
from daywatch.measure.drift.scoring import score_values
from daywatch.measure.performance.regression import regression_measures
from daywatch.profiles.merge import merge_columns
from daywatch.profiles.numeric import _measured
from daywatch.profiles.profile import ColumnProfile, profile_rows
from daywatch.report.build import ReportSources, build_report
from daywatch.report.render import render
from daywatch.results import FindingCode, State
from daywatch.run import WindowRun
from daywatch.validation.outcome import Validation
from daywatch.warehouse.history import JudgedWindow
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from recorded import make_results

LARGEST = sys.float_info.max
EXTREMES = [LARGEST, -LARGEST, 1e308, 3.4e38, 1e200, -1e155, 5e-324, -2e-310, 1e-200, 0.0, -0.0, 1.0]
DOUBLES = st.one_of(st.sampled_from(EXTREMES), st.floats(), st.floats(-2, 2))
FINITE = st.one_of(
    st.sampled_from(EXTREMES), st.floats(allow_nan=False, allow_infinity=False), st.floats(-2, 2)
)
NUMERIC = sorted(name for name in KERNELS if ColumnKind.NUMERIC in APPLIES_TO[name])
COLUMN = Column("x", ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE)


@settings(deadline=None)
@given(st.lists(FINITE, min_size=1, max_size=60), st.lists(FINITE, min_size=1, max_size=60))
@example([LARGEST, LARGEST], [LARGEST, LARGEST])
@example([1.0, 2.0], [3.0, 4.0])
def test_drift_scores(baseline: list[float], window: list[float]) -> None:
    for method in NUMERIC:
        sides = (SideValues(np.array(values)) for values in (baseline, window))
        score = score_values(COLUMN, *sides, DriftMethod(method=method))
        assert (score.value is None) == bool(score.note)
        assert score.value is None or math.isfinite(score.value)
        assert score.evidentlys is None or math.isfinite(score.evidentlys)


@settings(deadline=None)
@given(st.lists(DOUBLES, min_size=1, max_size=60), st.lists(DOUBLES, min_size=1, max_size=60))
def test_profiles(baseline: list[float], window: list[float]) -> None:
    def profile(values: list[float], edges: tuple[float, ...] | None = None) -> ColumnProfile:
        return ColumnProfile(name="x", type="number", **_measured(np.array(values), len(values), edges))

    before = profile(baseline)
    after = [profile(part, before.edges) for part in (window, baseline)]
    for one in (before, *after, merge_columns(after)):
        if one.count:
            assert None not in (one.mean, one.std)
            assert one.min <= one.mean <= one.max  # type: ignore[operator]
    if before.count and merge_columns(after).count:
        distances(before, merge_columns(after))


@settings(deadline=None)
@given(st.lists(st.tuples(DOUBLES, DOUBLES), min_size=1, max_size=60))
def test_regression_and_correlations(rows: list[tuple[float, float]]) -> None:
    label, prediction = (np.array(side) for side in zip(*rows, strict=True))
    for measure in regression_measures(label, prediction).values():
        assert measure.value is None or math.isfinite(measure.value)
        assert measure.value is not None or measure.note
    kept = np.isfinite(label) & np.isfinite(prediction)
    with np.errstate(all="ignore"):
        for value in (
            pearson(label[kept], prediction[kept]),
            correlation_ratio((prediction[kept] > 0).astype(np.int8), label[kept]),
        ):
            assert value is None or -1.000001 <= value <= 1.000001


@pytest.mark.parametrize("value", [7.3, 7.0, 0.1, LARGEST, 5e-324])
@pytest.mark.parametrize("rows", [2, 3, 49])
def test_equal_labels_have_no_r2(value: float, rows: int) -> None:
    found = regression_measures(np.full(rows, value), np.linspace(0, 9, rows))["r2", ""]
    assert (found.value, found.note) == (None, "all labels are the same")


def test_one_largest_double_among_ordinary_labels_has_finite_errors() -> None:
    label, prediction = np.r_[np.zeros(199), LARGEST], np.ones(200)
    found = {name: one.value for (name, _), one in regression_measures(label, prediction).items()}
    assert found["mae"] == pytest.approx(LARGEST / 200)
    assert found["rmse"] == pytest.approx(LARGEST / math.sqrt(200))
    assert found["r2"] == pytest.approx(-1 / 199, rel=1e-9)


_ACTION = {"do": "look", "who": "team", "within_hours": 24}
_RULES = [
    {"metric": "mae", "amber": "rises by 10 %", "red": "rises by 50 %"},
    {"metric": "rmse", "red": "changes by 1"},
    {"metric": "r2", "red": "falls by 0.1"},
    {"metric": "drift_score", "column": "x", "red": ">= 0.1"},
    {"metric": "prediction_error_share", "slice": "low", "red": "> 90 %"},
]


def _columns(rows: int, seed: int, extremes: list[float]) -> dict[str, list[Any]]:
    """Return ordinary columns whose first values are extreme ones, each in another column."""
    random = np.random.default_rng(seed)
    columns = {name: random.normal(0, 1, rows).tolist() for name in ("x", "z", "prediction", "label")}
    for number, value in enumerate(extremes):
        columns[list(columns)[number % 4]][number] = value
    return columns


@settings(max_examples=3, deadline=None, phases=[Phase.generate])
@given(st.lists(DOUBLES, max_size=8), st.lists(DOUBLES, max_size=8))
def _whole_days(
    measure: Callable[..., Any], model: Any, folder: Path, before: list[float], day: list[float]
) -> None:
    baseline, window = _columns(90, 1, before), _columns(80, 2, day)
    measured = measure(model, baseline, window)
    base = profile_rows(folder / "baseline.parquet", model)
    profile = profile_rows(folder / "window.parquet", model, base)
    measurement = type(measured.measurement).model_validate_json(measured.measurement.model_dump_json())
    counts = make_results().counts.model_copy(update={"records": 80, "rows": 80, "labelled": 80})
    evidence = Evidence(counts, Validation(results=()), measurement, profile, base)
    verdict = judge(model.plan, evidence.metrics, counts)
    past = JudgedWindow(
        model="flights",
        window="2013-02-08",
        state=State.GREEN,
        short="s",
        reasons=("r",),
        rows=10,
        labelled=5,
        metrics={"mae": -LARGEST if day else 1.0, "rmse": LARGEST},
        revision="x",
    )
    report = build_report(
        ReportSources(
            run=WindowRun(
                model="flights",
                start="2013-02-09T00:00:00+00:00",
                end="2013-02-10T00:00:00+00:00",
                revision="r",
                baseline_id="b",
            ),
            model=model,
            evidence=evidence,
            verdict=verdict,
            before=[past],
            earlier_state=None,
            retraining=None,
            links=(),
        )
    )
    rendered = render(type(report).model_validate_json(report.model_dump_json()))
    assert max(map(len, rendered.text.splitlines())) < 200
    assert measured.html.exists()


def test_a_whole_day(tmp_path: Path, measure: Callable[..., Any], model_of: Callable[..., Any]) -> None:
    model = model_of(
        {"x": "number", "z": "number"},
        output={"task": "regression", "response": ["prediction"]},
        slices=[{"name": "low", "where": "x < 0.5"}],
        plan={
            "minimum": {"rows": 1, "labels": 1},
            "rules": _RULES,
            "actions": dict.fromkeys(("amber", "red", "grey"), _ACTION),
        },
    )
    _whole_days(measure, model, tmp_path)


def test_the_largest_double_is_named(measure: Callable[..., Any], model_of: Callable[..., Any]) -> None:
    model = model_of({"x": "number"}, output={"task": "regression", "response": ["prediction"]})
    ordinary = _columns(90, 1, [])
    measured = measure(model, ordinary, {**ordinary, "label": [LARGEST, *ordinary["label"][1:]]})
    (found,) = (one for one in measured.measurement.findings if one.code is FindingCode.EXTREME_VALUE)
    assert found.column == "label"
    assert found.detail == "1 of 90 values of the window is 1.8e+308; it decides means, errors and distances"
