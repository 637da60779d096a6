"""The thresholds of a plan on quiet windows, and the change of the YAML that makes their alarms rare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from daywatch.config.loading.load import find_model
from daywatch.config.model.conditions import parse_condition
from daywatch.config.model.rule import Rule
from daywatch.results import State
from daywatch.review.calibration import calibrate_plan, rarely, thresholds_of
from daywatch.review.proposals import Threshold, proposed, rounded, yaml_difference
from daywatch.verdicts import RuleOutcome, Verdict
from models import NAME
from places import Place
from scipy.stats import norm

RANDOM = np.random.default_rng(8)


def verdicts(rule: Rule, values: list[float], baseline: float = 0.9) -> list[Verdict]:
    outcomes = [
        RuleOutcome(
            rule=rule.text,
            metric=rule.metric,
            value=value,
            baseline=baseline,
            state=State.GREEN,
            reason="r",
            short="s",
        )
        for value in values
    ]
    return [Verdict(state=State.GREEN, reasons=("r",), short="s", rules=(one,)) for one in outcomes]


def of(values: list[float], **rule: Any) -> dict[str, Threshold]:
    made = Rule.model_validate({"metric": "roc_auc", **rule})
    return {one.level: one for one in thresholds_of([made], verdicts(made, values), 1 / 60)}


def test_what_is_rare_is_the_normal_quantile_or_what_was_seen() -> None:
    values = RANDOM.normal(10, 2, 5000).tolist()
    assert rarely(values, 1 / 60) == pytest.approx(10 + 2 * norm.isf(1 / 60), rel=0.02)

    heavy = [*([1.0] * 95), *([9.0] * 5)]
    assert rarely(heavy, 1 / 60) == 9.0
    assert rarely([5.0] * 20, 1 / 60) == 5.0


def test_a_threshold_that_quiet_windows_meet_too_often() -> None:
    values = RANDOM.normal(0.8, 0.01, 60).tolist()

    found = of(values, amber="< 0.8", red="< 0.5")

    amber, red = found["amber"], found["red"]
    assert (amber.windows, amber.alarms) == (60, sum(one < 0.8 for one in values))
    condition = parse_condition(amber.proposed)
    assert condition.comparison == "<"
    assert sum(one < condition.bound for one in values) <= 1
    assert 0.75 < condition.bound < 0.79
    assert (red.alarms, red.proposed) == (0, "")
    assert red.rare.startswith("< 0.7")


def test_green_and_relative_conditions() -> None:
    values = RANDOM.normal(0.8, 0.01, 60).tolist()

    green = of(values, green=">= 0.8", red="< 0.2")["green"]
    assert green.alarms == sum(one < 0.8 for one in values)
    assert parse_condition(green.proposed).bound < min(values) + 0.01

    falls = of(values, amber="falls by 5 %")["amber"]
    assert falls.alarms == 60
    assert falls.proposed.startswith("falls by 1")
    assert falls.proposed.endswith(" %")


def test_a_change_within_chance_is_no_alarm() -> None:
    rule = Rule.model_validate({"metric": "roc_auc", "amber": "falls beyond chance"})
    values = [*([0.89] * 57), 0.7, 0.7, 0.7]
    judged = [
        one.model_copy(
            update={
                "rules": tuple(
                    each.model_copy(update={"state": State.AMBER if each.value == 0.7 else State.GREEN})
                    for each in one.rules
                )
            }
        )
        for one in verdicts(rule, values)
    ]

    (found,) = thresholds_of([rule], judged, 1 / 60)

    assert (found.windows, found.alarms) == (60, 3)
    condition = parse_condition(found.proposed)
    assert (condition.comparison, condition.beyond_chance, condition.percent) == ("falls", True, False)
    assert condition.bound == pytest.approx(0.2, abs=0.01)


def test_few_windows_propose_nothing() -> None:
    found = of([0.7] * 9, amber="< 0.8")["amber"]

    assert (found.alarms, found.windows, found.rare, found.proposed) == (9, 9, "", "")


@pytest.mark.parametrize(
    ("value", "up", "expected"),
    [
        (0.12345, True, 0.124),
        (0.12345, False, 0.123),
        (-0.12345, True, -0.123),
        (1234.0, True, 1240.0),
        (0, True, 0),
    ],
)
def test_three_digits_on_the_safe_side(value: float, up: bool, expected: float) -> None:
    assert rounded(value, up=up) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "bound", "expected"),
    [
        ("> 5 %", 0.123, "> 12.3 %"),
        (">= 0.8", 0.75, ">= 0.75"),
        ("falls by 5 % beyond chance", 0.08, "falls by 8 % beyond chance"),
        ("falls beyond chance", 0.08, "falls by 0.08 beyond chance"),
        ("< -1.5e-3", -0.002, "< -0.002"),
        ("falls by 0.05", 0.00001, "falls by 0.00001"),
    ],
)
def test_a_condition_with_another_bound(text: str, bound: float, expected: str) -> None:
    found = proposed(parse_condition(text), bound)

    assert found == expected
    assert parse_condition(found).bound == pytest.approx(bound)


YAML = """plan:
  rules:
    - {metric: recall, amber: "< 0.8"}
    - {metric: roc_auc, amber: "< 0.8", red: "< 0.7"}
    - metric: mae
      amber: rises by 5 %
    - {metric: accuracy, red: "< 0.8"}
"""


def test_the_difference_of_the_yaml() -> None:
    def one(target: str, level: str, condition: str, becomes: str) -> Threshold:
        return Threshold(
            target=target, level=level, condition=condition, windows=60, alarms=9, proposed=becomes
        )

    changes = [
        one("roc_auc", "amber", "< 0.8", "< 0.75"),
        one("mae against previous", "amber", "rises by 5 %", "rises by 12 %"),
        one("accuracy", "red", "< 0.8", ""),
        one("drift_score(amount)", "standard", "> 0.1", "> 0.2"),
    ]

    assert yaml_difference(YAML, "shop.yaml", changes).splitlines()[3:] == [
        " plan:",
        "   rules:",
        '     - {metric: recall, amber: "< 0.8"}',
        '-    - {metric: roc_auc, amber: "< 0.8", red: "< 0.7"}',
        '+    - {metric: roc_auc, amber: "< 0.75", red: "< 0.7"}',
        "     - metric: mae",
        "-      amber: rises by 5 %",
        "+      amber: rises by 12 %",
        '     - {metric: accuracy, red: "< 0.8"}',
    ]
    assert yaml_difference(YAML, "shop.yaml", changes[2:]) == ""


def test_the_thresholds_of_the_baseline_on_stored_windows(standard_day: Place) -> None:
    """The only day is RED for its amounts, so there is no quiet one to say anything."""
    found = calibrate_plan(
        find_model(NAME, standard_day.deployment.models), 90, 1 / 60, standard_day.deployment
    )

    assert (found.windows, found.quiet, found.thresholds) == (1, 0, ())


def test_quiet_windows_of_rules_that_people_wrote(history: Place) -> None:
    found = calibrate_plan(find_model(NAME, history.deployment.models), 90, 1 / 60, history.deployment)

    assert (found.windows, found.quiet) == (2, 2)
    auc = next(one for one in found.thresholds if one.target == "roc_auc")
    assert (auc.windows, auc.alarms, auc.proposed) == (1, 0, "")  # the other day has no labels
