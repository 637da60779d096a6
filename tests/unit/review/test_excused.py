"""Numbers beyond their threshold that are no alert: each says why."""

from __future__ import annotations

import pytest
from daywatch.results import Finding, FindingCode, State
from daywatch.review.excused import Excused, excused_numbers
from daywatch.review.thresholds import Compared
from daywatch.verdicts import RuleOutcome, Topic


def _number(metric: str, column: str = "", *, beyond: bool = True) -> Compared:
    return Compared(
        name=f"{metric}({column})" if column else metric,
        metric=metric,
        value=2.0,
        baseline=None,
        threshold=1.0,
        rows=60,
        days=9,
        method="",
        beyond=beyond,
    )


def _rule(
    text: str, metric: str, column: str = "", state: State = State.GREEN, topic: str = "drift"
) -> RuleOutcome:
    return RuleOutcome(
        rule=text, metric=metric, column=column, state=state, reason="r", short="s", topic=Topic(topic)
    )


NONE_DRIFTED = _rule("standard: drifted_columns", "drifted_columns")
GONE = Finding(code=FindingCode.FEATURE_MISSING, column="x", detail="x is missing")


@pytest.mark.parametrize(
    ("number", "rules", "why"),
    [
        (_number("drift_score", "x"), [NONE_DRIFTED], "beyond its threshold in this window alone, and not"),
        (_number("target_drift", "label"), [NONE_DRIFTED], "in this window alone, or of too few labels"),
        (_number("drifted_share"), [NONE_DRIFTED], "no rule of the plan judges it"),
        (
            _number("drift_score", "x"),
            [_rule("roc_auc: red < 0.7", "roc_auc")],
            "no rule of the plan judges it",
        ),
        (
            _number("drift_score", "x"),
            [_rule("drift_score(x): red > 3", "drift_score", "x"), NONE_DRIFTED],
            "the plan's own rule is GREEN: drift_score(x): red > 3",
        ),
        (
            _number("null_share", "x"),
            [_rule("standard: roc_auc", "roc_auc", state=State.GREY, topic="performance")],
            "the window has too few rows",
        ),
        (_number("roc_auc"), [_rule("standard: roc_auc", "roc_auc", state=State.GREY), NONE_DRIFTED], "r"),
    ],
)
def test_a_number_that_does_not_count_says_why(number: Compared, rules: list[RuleOutcome], why: str) -> None:
    (found,) = excused_numbers([number], rules, [])

    assert found.name == number.name
    assert why in found.why


def test_an_alert_and_a_number_within_its_threshold_are_not_excused() -> None:
    alert = _rule("standard: drift_score(x)", "drift_score", "x", State.AMBER)
    numbers = [_number("drift_score", "x"), _number("drift_score", "y", beyond=False)]

    assert list(excused_numbers(numbers, [alert], [])) == []


def test_a_missing_feature_is_an_alert_of_its_own() -> None:
    assert list(excused_numbers([_number("null_share", "x")], [NONE_DRIFTED], [GONE])) == [
        Excused(name="null_share(x)", why="the feature is missing altogether, which is an alert of its own")
    ]
