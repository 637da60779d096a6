"""Rules of the plan."""

from __future__ import annotations

from typing import Any

import pytest
from daywatch.config.model.conditions import Condition
from daywatch.config.model.plan import Rule


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
