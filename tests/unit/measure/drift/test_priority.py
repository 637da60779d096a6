"""Drift times importance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.measured_columns import Column, Role
from daywatch.measure.drift.priority import ranked_columns
from daywatch.measure.drift.scoring import Score
from daywatch.results import Metric


def score(
    name: str, value: float | None, threshold: float = 0.1, method: str = "psi", drifted: bool = True
) -> Score:
    column = Column(name, ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE)
    return Score(column, value, threshold, method, method, None if value is None else drifted)


def correlation(name: str, baseline: float | None) -> Metric:
    return Metric(name="prediction_correlation", column=name, value=0.0, baseline=baseline)


def test_importance_of_the_yaml_comes_before_the_correlation(model_of: Callable[..., Any]) -> None:
    features = {
        "a": {"type": "number", "importance": 50},
        "b": {"type": "number", "importance": 200},
        "c": "number",
        "d": "text",
    }
    found = ranked_columns(
        [score("a", 0.2), score("b", 0.2), score("c", 0.2), score("d", 0.2)],
        model_of(features),
        [correlation("a", 0.9), correlation("c", -0.5)],
    )
    assert [(one.column, one.importance) for one in found] == [
        ("b", 1.0),
        ("c", 0.5),
        ("d", 0.5),
        ("a", 0.25),
    ]


def test_drifted_columns_come_first_whatever_their_importance(model_of: Callable[..., Any]) -> None:
    names = ["calm", "drifted", "unscored", "strong"]
    scores = [
        score("calm", 0.09, drifted=False),
        score("drifted", 0.11),
        score("unscored", None),
        score("strong", 0.4),
        Score(Column("label", ColumnKind.CATEGORICAL, "VARCHAR", Role.LABEL), 9.0, 0.1, "psi", "psi", True),
    ]
    correlations = [correlation("calm", 1.0), correlation("drifted", 0.5), correlation("strong", 0.5)]
    found = ranked_columns(scores, model_of(dict.fromkeys(names, "number")), correlations)
    assert [one.column for one in found] == ["strong", "drifted", "calm", "unscored"]
    assert found[0].priority == pytest.approx(2.0)


def test_without_any_evidence_all_are_equally_important(model_of: Callable[..., Any]) -> None:
    (only,) = ranked_columns([score("a", 0.2)], model_of({"a": "text"}), [])
    assert only.importance == 1.0
