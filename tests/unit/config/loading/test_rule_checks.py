"""Rules that could never be RED or AMBER are refused; those that can are not."""

from __future__ import annotations

from typing import Any

import pytest
from daywatch.config.loading.rule_checks import rule_errors
from daywatch.config.model.rule import Rule
from models import model

REGRESSION = {"output": {"task": "regression", "response": ["prediction"]}}

REFUSED: tuple[tuple[dict[str, Any], dict[str, Any], str, str], ...] = (
    # rule, changes of the model, key, message
    ({"metric": "rows", "amber": "< 10", "red": "< 20"}, {}, "amber", "the rule is never AMBER"),
    ({"metric": "rows", "amber": "< 10", "red": "<= 10"}, {}, "amber", "the rule is never AMBER"),
    (
        {"metric": "error_share", "amber": "> 5 %", "red": "> 1 %"},
        {},
        "amber",
        "'> 5 %' is met only where red, '> 1 %'",
    ),
    ({"metric": "rows", "amber": "falls by 20 %", "red": "falls by 10 %"}, {}, "amber", "never AMBER"),
    ({"metric": "rows", "amber": "falls by 20 %", "red": "changes by 10 %"}, {}, "amber", "never AMBER"),
    ({"metric": "roc_auc", "green": ">= 0.7", "red": "< 0.8"}, {}, "green", "some meet both"),
    ({"metric": "roc_auc", "red": "< 0"}, {}, "red", "'< 0' is never met: roc_auc is from 0 to 1"),
    ({"metric": "null_share", "column": "amount", "red": "> 5"}, {}, "red", "null_share is from 0 to 1"),
    ({"metric": "rows", "amber": "< 0", "red": "< -1"}, {}, "red", "rows is at least 0"),
    ({"metric": "false_positive_rate", "red": "> 1"}, {}, "red", "false_positive_rate is from 0 to 1"),
    ({"metric": "f2_best_constant_classifier", "red": "> 1"}, {}, "red", "is from 0 to 1"),
    ({"metric": "r2", "red": "> 1"}, REGRESSION, "red", "r2 is at most 1"),
    ({"metric": "drift_score", "column": "amount", "red": "> 1.5"}, {}, "red", "drift_score is from 0 to 1"),
    ({"metric": "quarantined_share", "red": "rises by 2"}, {}, "red", "'rises by 2' is never met"),
    (
        {"metric": "accuracy", "red": "< 0.5"},
        {"labels": None},
        "metric",
        "accuracy needs labels: add the section",
    ),
    ({"metric": "target_drift", "red": "> 0.5"}, {"labels": None}, "metric", "target_drift needs labels"),
    ({"metric": "labelled_share", "red": "< 0.5"}, {"labels": None}, "metric", "labelled_share needs labels"),
)

ACCEPTED: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"metric": "rows", "amber": "< 20", "red": "< 10"}, {}),
    ({"metric": "rows", "amber": "<= 10", "red": "< 10"}, {}),
    ({"metric": "rows", "amber": "falls by 10 %", "red": "falls by 20 %"}, {}),
    ({"metric": "rows", "amber": "falls by 30 %", "red": "rises by 10 %"}, {}),
    ({"metric": "rows", "amber": "falls by 30 %", "red": "< 10"}, {}),
    ({"metric": "rows", "amber": "> 1000", "red": "< 10"}, {}),
    ({"metric": "roc_auc", "green": ">= 0.8", "red": "< 0.8"}, {}),
    ({"metric": "roc_auc", "green": ">= 0.8", "red": "<= 0.7"}, {}),
    ({"metric": "me", "amber": "< -1", "red": "< -2"}, REGRESSION),
    ({"metric": "mape", "red": "> 3"}, REGRESSION),
    ({"metric": "drift_score", "column": "country", "red": "> 1.5"}, {}),
    ({"metric": "drift_score", "column": "amount", "over": 7, "red": "> 1.5"}, {}),
    ({"metric": "drift_score", "column": "amount", "red": "< 0.01"}, {}),
    ({"metric": "volume_change", "red": "< -0.5"}, {}),
    ({"metric": "prediction_drift", "red": "> 2"}, {}),
    ({"metric": "rows", "red": "< 1"}, {"labels": None}),
)


@pytest.mark.parametrize(("rule", "changes", "key", "message"), REFUSED)
def test_a_rule_that_is_blind_is_refused(
    rule: dict[str, Any], changes: dict[str, Any], key: str, message: str
) -> None:
    errors = dict(rule_errors(model(**changes), Rule.model_validate(rule)))

    assert message in errors[key]


@pytest.mark.parametrize(("rule", "changes"), ACCEPTED)
def test_a_rule_that_sees_is_accepted(rule: dict[str, Any], changes: dict[str, Any]) -> None:
    assert list(rule_errors(model(**changes), Rule.model_validate(rule))) == []
