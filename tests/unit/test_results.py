"""What the stages hand to each other: small, frozen, JSON without NaN."""

from __future__ import annotations

import json
import math

import pytest
from daywatch.results import Metric, RuleOutcome, State, Verdict
from pydantic import ValidationError


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
