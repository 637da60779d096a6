"""The plan's thresholds as heights."""

from __future__ import annotations

import pytest
from daywatch.config.model.rule import Rule
from daywatch.report.charts.thresholds import threshold_lines
from daywatch.results import State


@pytest.mark.parametrize(
    ("condition", "baseline", "heights"),
    [
        (">= 0.8", None, [0.8]),
        ("falls by 10 %", 0.9, [0.81]),
        ("falls by 0.05", 0.9, [0.85]),
        ("rises by 10 %", -2.0, [-1.8]),
        ("changes by 10 %", 1.0, [0.9, 1.1]),
        ("falls by 10 %", None, []),
    ],
)
def test_heights(condition: str, baseline: float | None, heights: list[float]) -> None:
    rule = Rule.model_validate({"metric": "roc_auc", "red": condition})
    lines = threshold_lines([rule], "roc_auc", baseline)
    assert [line.value for line in lines] == pytest.approx(heights)
    assert {line.text for line in lines} <= {condition}


def test_only_rules_of_the_whole_windows_metric() -> None:
    rules = [
        Rule.model_validate({"metric": "roc_auc", "slice": "any", "red": "<= 0.5"}),
        Rule.model_validate({"metric": "roc_auc", "green": ">= 0.8", "red": "<= 0.7"}),
        Rule.model_validate({"metric": "null_share", "column": "a", "red": "> 5 %"}),
        Rule.model_validate({"metric": "accuracy", "red": "< 0.5"}),
    ]
    lines = threshold_lines(rules, "roc_auc", 0.9)
    assert [(line.state, line.value) for line in lines] == [(State.GREEN, 0.8), (State.RED, 0.7)]
    assert threshold_lines(rules, "null_share", None) == ()
