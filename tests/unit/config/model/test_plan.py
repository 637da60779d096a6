"""Conditions and rules of the plan."""

from __future__ import annotations

from typing import Any

import pytest
from daywatch.config.model.plan import Condition, Rule, parse_condition


@pytest.mark.parametrize(
    ("text", "comparison", "bound", "percent", "relative"),
    [
        (">= 0.8", ">=", 0.8, False, False),
        ("<=0.7", "<=", 0.7, False, False),
        ("  > 5 %  ", ">", 0.05, False, False),
        ("< -1.5e-3", "<", -0.0015, False, False),
        ("> 20%", ">", 0.2, False, False),
        ("falls by 10 %", "falls", 0.1, True, True),
        ("rises by 0.05", "rises", 0.05, False, True),
        ("changes by  3", "changes", 3.0, False, True),
    ],
)
def test_conditions(text: str, comparison: str, bound: float, percent: bool, relative: bool) -> None:
    condition = parse_condition(text)

    assert (condition.comparison, condition.bound, condition.percent) == (comparison, bound, percent)
    assert condition.relative is relative
    assert condition.text == text.strip()


@pytest.mark.parametrize(
    "text",
    ["0.8", "= 0.8", ">= ", ">= x", "falls 10 %", "falls by -1", "> 1 2", "drops by 1", "", ">> 1", "> .5"],
)
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a condition such as '>= 0.8'.* got "):
        parse_condition(text)


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
