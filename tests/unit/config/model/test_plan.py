"""Rules of the plan."""

from __future__ import annotations

from typing import Any

import pytest
from daywatch.config.model.conditions import Condition
from daywatch.config.model.rule import Rule


@pytest.mark.parametrize("value", [0.8, True, ["> 1"], {"bound": 1}])
def test_what_is_not_even_text_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError, match="green"):
        Rule.model_validate({"metric": "rows", "green": value})


def test_a_rule_as_text() -> None:
    rule = Rule.model_validate(
        {"metric": "drift_score", "column": "a", "amber": "> 1 %", "red": "rises by 2"}
    )

    assert rule.text == "drift_score(a): amber > 1 %, red rises by 2"
    assert isinstance(rule.red, Condition)


@pytest.mark.parametrize(("beta", "metric"), [(0.5, "f0_5"), (2, "f2")])
def test_an_f_measure_by_its_beta(beta: float, metric: str) -> None:
    rule = Rule.model_validate({"metric": "fbeta", "beta": beta, "red": "< 0.5"})

    assert (rule.metric, rule.text) == (metric, f"{metric}: red < 0.5")
    assert Rule.model_validate(rule.model_dump()) == rule


@pytest.mark.parametrize(
    ("metric", "beta", "message"),
    [
        ("fbeta", None, "fbeta needs 'beta', 0.5 or 2, but received None"),
        ("fbeta", 3, "fbeta needs 'beta', 0.5 or 2, but received 3"),
        ("fbeta", 1, "with 1 it is the metric f1"),
        ("fbeta", "2", "fbeta needs 'beta', 0.5 or 2, but received '2'"),
        ("recall", 2, "'beta' is for the metric fbeta, but the metric is 'recall'"),
    ],
)
def test_a_beta_that_no_metric_has(metric: str, beta: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rule.model_validate({"metric": metric, "beta": beta, "red": "< 0.5"})


def test_a_quantile_by_its_share() -> None:
    rule = Rule.model_validate({"metric": "quantile", "q": 0.95, "column": "a", "red": "> 5"})

    assert (rule.metric, rule.text) == ("p95", "p95(a): red > 5")
    assert Rule.model_validate(rule.model_dump()) == rule


@pytest.mark.parametrize(
    ("metric", "q", "message"),
    [
        (
            "quantile",
            None,
            "quantile needs 'q', one of 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, but received",
        ),
        ("quantile", 0.9, "but received 0.9"),
        ("mean", 0.5, "'q' is for the metric quantile, but the metric is 'mean'"),
    ],
)
def test_a_quantile_that_no_profile_holds(metric: str, q: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rule.model_validate({"metric": metric, "q": q, "column": "a", "red": "> 5"})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"red": "outside the band"}, "needs the key 'band'"),
        ({"band": {"windows": 14}, "against": "previous"}, "leave out 'against' and 'over'"),
        (
            {"band": {"windows": 14}, "red": "falls by 5 %"},
            "with 'band', conditions are absolute or about the band",
        ),
        ({"windows": 3, "red": "falls by 5 %"}, "'windows' is for 'against': mean, median, same_weekday"),
        ({"windows": 3, "against": "previous", "red": "falls by 5 %"}, "'windows' is for 'against'"),
        ({"band": {"windows": 9}}, "greater than or equal to 10"),
    ],
)
def test_what_a_rule_compares_with_is_one_thing(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rule.model_validate({"metric": "mae", **rule})


def test_a_band_alone_is_amber_outside_of_it() -> None:
    rule = Rule.model_validate({"metric": "mae", "band": {"season": "weekday"}})

    assert rule.text == "mae in a band of 28 windows by weekday: amber outside the band"
    assert Rule.model_validate(rule.model_dump()) == rule
