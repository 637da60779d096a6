"""Which method and threshold a column gets, and what happens where there is no score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from daywatch.config.drift_methods import APPLIES_TO, P_VALUES, ROW_LIMITS, ColumnKind
from daywatch.config.model.columns import DriftMethod
from daywatch.measure.columns.measured_columns import Column, Role, measured_columns
from daywatch.measure.columns.pairs import SideValues
from daywatch.measure.drift.metrics import drift_metrics, drift_settings
from daywatch.measure.drift.scoring import Score, score_values
from daywatch.profiles.profile import profiled_columns

ACTION = {"do": "look", "who": "team", "within_hours": 24}
NUMBER = Column("x", ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE)
CATEGORY = Column("c", ColumnKind.CATEGORICAL, "VARCHAR", Role.FEATURE)


@pytest.mark.parametrize(
    ("own", "common", "expected"),
    [
        ({}, {}, (None, None)),
        ({}, {"method": "ks", "threshold": 0.01}, ("ks", 0.01)),
        ({"method": "psi"}, {"method": "ks", "threshold": 0.01}, ("psi", None)),
        ({"threshold": 0.2}, {"method": "ks", "threshold": 0.01}, ("ks", 0.2)),
        ({"method": "psi", "threshold": 0.2}, {"method": "ks"}, ("psi", 0.2)),
    ],
)
def test_own_settings_come_before_those_of_the_kind(
    model_of: Callable[..., Any], own: Any, common: Any, expected: Any
) -> None:
    model = model_of({"x": "number"}, drift={"numeric": common})
    feature = model.features[0].model_copy(update={"drift": DriftMethod(**own)})
    model = model.model_copy(update={"features": (feature,)})
    settings = drift_settings(model, measured_columns(model)[0])
    assert (settings.method, settings.threshold) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"response": ["prediction", "probability"]},
        {"response": ["probabilities"], "classes": ["0", "1"]},
    ],
)
def test_probabilities_are_measured_and_profiled_however_given(
    given: dict[str, Any], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"}, output={"task": "binary_classification", **given})
    names = ["x", "prediction", "probability", "label"]
    assert [column.name for column in measured_columns(model)] == names
    assert [column.name for column in profiled_columns(model)] == names


def test_prediction_and_label_follow_the_output(model_of: Callable[..., Any]) -> None:
    output = {
        "task": "binary_classification",
        "response": ["prediction", "probability"],
        "drift": {"method": "psi", "threshold": 0.3},
    }
    model = model_of({"x": "number"}, output=output)
    settings = {column.name: drift_settings(model, column) for column in measured_columns(model)}
    assert settings["probability"] == settings["label"] == DriftMethod(method="psi", threshold=0.3)
    assert settings["x"] == DriftMethod()


@pytest.mark.parametrize(
    ("column", "method", "reason"),
    [
        (CATEGORY, "ks", "isn't applicable to feature of type cat"),
        (NUMBER, "no_such_test", "No stattest found of name no_such_test"),
        (NUMBER, "es", "interquartile range"),
        (CATEGORY, "fisher_exact", "it compares two categories, and there are 3; choose chisquare"),
    ],
)
def test_no_score_has_a_reason(column: Column, method: str, reason: str) -> None:
    baseline, window = SideValues(np.array([1, 1, 1, 1, 2])), SideValues(np.array([1, 1, 1, 0]))
    score = score_values(column, baseline, window, DriftMethod(method=method))
    assert score.value is None
    assert score.drifted is None
    assert reason in score.note


@pytest.mark.parametrize("method", ROW_LIMITS)
def test_methods_that_grow_too_fast_are_refused_not_started(method: str) -> None:
    column = NUMBER if method == "empirical_mmd" else CATEGORY
    values = SideValues(np.arange(ROW_LIMITS[method]) % 2)
    score = score_values(column, values, values, DriftMethod(method=method))
    assert score.note == (
        f"{method} is not computed beyond {ROW_LIMITS[method]:,} rows, and there are {2 * values.size:,};"
        " choose another method"
    )


_CONSTANTS: dict[ColumnKind, Any] = {
    ColumnKind.NUMERIC: np.full(300, 0.1),
    ColumnKind.CATEGORICAL: np.zeros(300, dtype="int8"),
    ColumnKind.TEXT: np.array(["the same"] * 300, dtype=object),
}


@pytest.mark.parametrize(("method", "kind"), [(one, kind) for one in APPLIES_TO for kind in APPLIES_TO[one]])
def test_a_column_that_is_the_same_everywhere_has_not_drifted(method: str, kind: ColumnKind) -> None:
    values = _CONSTANTS[kind]
    column = Column("x", kind, "DOUBLE", Role.FEATURE)
    for threshold in (None, 0.0):
        settings = DriftMethod(method=method, threshold=threshold)
        score = score_values(column, SideValues(values), SideValues(values[:40]), settings)
        assert (score.drifted, score.note) == (False, "")
        assert score.value == (1.0 if method in P_VALUES else 0.5 if kind is ColumnKind.TEXT else 0.0)


def test_evidentlys_own_number_is_a_metric_where_the_score_leaves_it(model_of: Callable[..., Any]) -> None:
    rules = [{"metric": "evidently_drift_score", "column": "named", "red": "< 0.01"}]
    model = model_of({"left": "category", "kept": "category", "named": "category"})
    plan = type(model.plan).model_validate(
        {"rules": rules, "actions": dict.fromkeys(("amber", "red", "grey"), ACTION)}
    )
    model = model.model_copy(update={"plan": plan})
    columns = measured_columns(model)
    several, new = SideValues(np.arange(600) % 3), SideValues(np.r_[np.arange(197) % 3, 3])
    window = {"left": new}
    methods = {"kept": DriftMethod(method="psi")}
    settings = DriftMethod(method="chisquare")
    scores = [
        score_values(
            column,
            several,
            window.get(column.name, SideValues(several.array[:200])),
            methods.get(column.name, settings),
        )
        for column in columns
        if column.name not in ("label", "probability", "prediction")
    ]
    scores += [Score(column) for column in columns if column.role in (Role.PREDICTION, Role.LABEL)]
    own = {one.column: one for one in drift_metrics(scores, model) if one.name == "evidently_drift_score"}
    assert set(own) == {"left", "named"}
    assert (own["left"].value, own["left"].method) == (0.0, "chisquare")
    assert own["named"].value == scores[2].evidentlys
    assert scores[0].drifted is False


def test_scoring_leaves_the_global_generator_as_it_was() -> None:
    values, others = SideValues(np.arange(50.0)), SideValues(np.arange(3.0, 53.0))
    np.random.seed(7)
    expected = np.random.random()
    np.random.seed(7)
    score_values(NUMBER, values, others, DriftMethod(method="empirical_mmd"))
    assert np.random.random() == expected


def test_share_is_over_the_columns_that_could_be_scored(model_of: Callable[..., Any]) -> None:
    def feature(name: str, drifted: bool | None) -> Score:
        column = Column(name, ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE)
        return Score(column, None if drifted is None else 0.5, 0.1, "psi", "PSI", drifted)

    answer = [
        Score(Column(role, ColumnKind.NUMERIC, "DOUBLE", role), 0.0) for role in (Role.PREDICTION, Role.LABEL)
    ]
    scores = [feature("a", True), feature("b", False), feature("c", None), *answer]
    metrics = {metric.name: metric for metric in drift_metrics(scores, model_of({"a": "number"}))}
    assert metrics["drifted_columns"].value == 1
    assert metrics["drifted_share"].value == 0.5
    assert metrics["drifted_share"].alert is True  # Evidently: drifted from the share on
    assert metrics["drifted_share"].note == "1 of 3 columns could not be scored"
