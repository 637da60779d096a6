"""Every form of a condition."""

from __future__ import annotations

import pytest
from daywatch.config.model.plan import parse_condition
from daywatch.judge.conditions import holds
from daywatch.results import Metric


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        (">= 0.8", 0.8, True),
        (">= 0.8", 0.7999999, False),
        ("<= 0.7", 0.7, True),
        ("<= 0.7", 0.71, False),
        ("> 5 %", 0.05, False),
        ("> 5 %", 0.0501, True),
        ("< -1", -1.5, True),
        ("< -1", -1.0, False),
    ],
)
def test_absolute(text: str, value: float, met: bool) -> None:
    assert holds(parse_condition(text), Metric(name="m", value=value)) is met


@pytest.mark.parametrize(
    ("text", "baseline", "value", "met"),
    [
        ("falls by 10 %", 0.9, 0.81, True),
        ("falls by 10 %", 0.9, 0.8101, False),
        ("falls by 10 %", 0.9, 1.8, False),
        ("falls by 10 %", -10, -11, True),
        ("falls by 10 %", -10, -10.9, False),
        ("falls by 10 %", -10, -5, False),
        ("falls by 10 %", 0, -1e-9, True),
        ("falls by 10 %", 0, 0, False),
        ("falls by 10 %", 0, 5, False),
        ("rises by 50 %", 4, 6, True),
        ("rises by 50 %", 4, 5.9, False),
        ("rises by 50 %", -4, -2, True),
        ("rises by 50 %", 0, 0.001, True),
        ("rises by 50 %", 0, -1, False),
        ("changes by 10 %", 100, 89, True),
        ("changes by 10 %", 100, 111, True),
        ("changes by 10 %", 100, 109, False),
        ("changes by 10 %", 0, 0, False),
        ("falls by 0.5", 1, 0.5, True),
        ("falls by 0.1", 0.9, 0.8, True),
        ("falls by 0.1", 0.9, 0.80001, False),
        ("falls by 0.5", -1, -1.5, True),
        ("rises by 0.5", 0, 0.5, True),
        ("changes by 2", 5, 3, True),
        ("changes by 2", 5, 6, False),
    ],
)
def test_against_the_baseline(text: str, baseline: float, value: float, met: bool) -> None:
    assert holds(parse_condition(text), Metric(name="m", value=value, baseline=baseline)) is met


def test_what_is_missing_is_neither_met_nor_not() -> None:
    assert holds(parse_condition("> 1"), Metric(name="m")) is None
    assert holds(parse_condition("falls by 1"), Metric(name="m", value=1)) is None
    assert holds(parse_condition("falls by 1"), Metric(name="m", baseline=1)) is None
    assert holds(parse_condition("> 1"), Metric(name="m", value=2)) is True  # needs no baseline
