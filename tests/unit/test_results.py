"""What the stages hand to each other: small, frozen, JSON without NaN."""

from __future__ import annotations

import itertools
import json
import math
import operator

import pytest
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome, Verdict
from pydantic import ValidationError


def test_states_are_ordered_from_best_to_worst() -> None:
    """Not by the alphabet, by which AMBER comes first and RED last but one."""
    expected = [State.GREEN, State.GREY, State.AMBER, State.RED]

    for states in itertools.permutations(State):
        assert sorted(states) == expected
        assert (min(states), max(states)) == (State.GREEN, State.RED)
    for (i, one), (j, other) in itertools.product(enumerate(expected), repeat=2):
        assert (one < other, one <= other, one > other, one >= other) == (i < j, i <= j, i > j, i >= j)
    assert [state.rank for state in expected] == [0, 1, 2, 3]


def test_a_state_has_no_order_with_a_text() -> None:
    """It still equals its text, which is how it is stored."""
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        for sides in ((State.RED, "GREEN"), ("GREEN", State.RED)):
            with pytest.raises(TypeError, match="only with a state, not with 'GREEN'"):
                compare(*sides)
    assert State.RED == "RED"
    assert {State.RED: 1}["RED"] == 1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_json_has_no_word_for_nan(value: float) -> None:
    metric = Metric(name="m", value=value, baseline=value, threshold=value)

    assert (metric.value, metric.baseline, metric.threshold) == (None, None, None)
    json.dumps(metric.model_dump(mode="json"), allow_nan=False)


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e-300, 1e308, -0.0, 2.0**53])
def test_numbers_survive_json(value: float) -> None:
    metric = Metric(name="m", value=value)

    assert Metric.model_validate_json(metric.model_dump_json()) == metric


def test_frozen_and_without_unknown_keys() -> None:
    metric = Metric(name="m")

    with pytest.raises(ValidationError, match="frozen"):
        metric.value = 1  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Metric(name="m", colour="red")  # type: ignore[call-arg]


def test_a_verdict_survives_json() -> None:
    rule = RuleOutcome(rule="r", metric="m", state=State.RED, reason="because \u2028 ö", short="b")
    verdict = Verdict(state=State.RED, reasons=(rule.reason,), short="b", rules=(rule,))

    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
