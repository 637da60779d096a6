"""Rules on longer windows and other baselines: judged by stored profiles, GREY where evidence is missing."""

from __future__ import annotations

from typing import Any

import pytest
from counts import export_counts
from daywatch.config.model.plan import Plan
from daywatch.judge.verdict import judge
from daywatch.measure.drift.profile_drift import ProfileDrift
from daywatch.results import Against, Metric, State
from daywatch.verdicts import RuleOutcome
from models import content

GREEN, AMBER, RED, GREY = State.GREEN, State.AMBER, State.RED, State.GREY


def outcome(rule: dict[str, Any], *drifts: ProfileDrift) -> RuleOutcome:
    """Judge one rule on a day whose own evidence is whole."""
    data = content()["plan"]
    plan = Plan.model_validate({**data, "rules": [rule]})
    counts = {"records": 100, "rows": 100, "labelled": 100, "labelled_share": 1, "drifted_share": 1}
    metrics = [Metric(name=name, value=value) for name, value in counts.items()]
    return judge(plan, metrics, export_counts(), drifts).rules[0]


def drift(column: str = "amount", **facts: Any) -> ProfileDrift:
    given = {
        "over": 7,
        "against": Against.MOVING,
        "value": 0.3,
        "threshold": 0.1,
        "alert": True,
        "rows": 700,
        "baseline_rows": 2800,
        "filled": 690,
        "null_share": 0.2,
        "baseline_null_share": 0.1,
    }
    return ProfileDrift(column=column, **{**given, **facts})


SCORE = {"metric": "drift_score", "column": "amount", "over": 7, "against": "moving", "red": ">= 0.3"}


def test_a_score_is_compared_with_the_condition() -> None:
    found = outcome(SCORE, drift(over=28, value=0.0), drift(against=Against.FROZEN, value=0.0), drift())

    assert found.state is RED
    assert found.rule == "drift_score(amount) over 7 days against moving: red >= 0.3"
    assert found.reason == "Drift score of amount over 7 days against the days before is 0.300: red >= 0.3"
    assert (found.over, found.against, found.value) == (7, Against.MOVING, 0.3)
    assert outcome(SCORE, drift(value=0.29)).state is GREEN


@pytest.mark.parametrize(
    ("rule", "span"),
    [
        ({"over": 7}, (7, Against.FROZEN)),
        ({"against": "same_weekday"}, (1, Against.SAME_WEEKDAY)),
    ],
)
def test_what_is_left_out_is_a_day_and_the_frozen_baseline(
    rule: dict[str, Any], span: tuple[int, Against]
) -> None:
    found = outcome(
        {"metric": "drift_score", "column": "amount", "red": "> 0", **rule},
        drift(over=span[0], against=span[1]),
    )

    assert found.state is RED


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (
            {"value": None, "rows": None, "note": "the span: 1 of 7 days were not measured: 2024-03-02"},
            "the span: 1 of 7 days were not measured: 2024-03-02",
        ),
        ({"rows": 19}, "19 rows in the span, fewer than the plan's minimum of 20"),
        ({"baseline_rows": 3}, "3 rows in the days before, fewer than the plan's minimum of 20"),
        ({"value": None, "note": "the span has no value in 700 rows"}, "the span has no value in 700 rows"),
        ({"column": "items"}, "it was not measured"),
    ],
)
def test_missing_evidence_is_grey_with_its_reason(facts: dict[str, Any], reason: str) -> None:
    found = outcome(SCORE, drift(**facts))

    assert found.state is GREY
    assert found.reason == f"Drift score of amount over 7 days against the days before is unknown: {reason}"


def test_the_minimum_of_rows_itself_is_enough() -> None:
    assert outcome(SCORE, drift(rows=20, baseline_rows=20)).state is RED


def test_a_season_without_history_is_grey_though_the_day_itself_is_known() -> None:
    note = "the same month last year: 31 of 31 days were not measured: 2023-03-01 to 2023-03-31"
    rule = {"metric": "drifted_share", "against": "same_month", "red": "> 0"}

    found = outcome(
        rule,
        drift(over=1, against=Against.SAME_MONTH, value=None, rows=None, note=note),
        drift("probability", over=1, against=Against.SAME_MONTH),
    )

    assert found.state is GREY
    assert found.reason.endswith(f"is unknown: {note}")


def test_drifted_features_are_counted_without_answers() -> None:
    drifts = (
        drift("amount"),
        drift("items", value=0.01, alert=False),
        drift("note", value=None, alert=None, note="profiles do not show how texts differ"),
        drift("probability"),
        drift("label"),
    )

    share = {"metric": "drifted_share", "over": 7, "against": "moving", "amber": ">= 50 %"}
    assert outcome(share, *drifts).value == 0.5
    assert outcome({**share, "metric": "drifted_columns", "amber": "> 9"}, *drifts).value == 1


@pytest.mark.parametrize(
    ("columns", "expected"),
    [(("amount", "prediction"), 0.7), (("amount", "prediction", "probability"), 0.8)],
)
def test_prediction_drift_is_that_of_the_probability_where_there_is_one(
    columns: tuple[str, ...], expected: float
) -> None:
    values = {"amount": 0.1, "prediction": 0.7, "probability": 0.8}
    rule = {"metric": "prediction_drift", "over": 7, "against": "moving", "red": "> 0"}

    assert outcome(rule, *(drift(name, value=values[name]) for name in columns)).value == expected


def test_target_drift_needs_labels_in_the_span() -> None:
    rule = {"metric": "target_drift", "over": 7, "against": "moving", "red": "> 0"}

    assert outcome(rule, drift("label", filled=10)).state is RED
    few = outcome(rule, drift("label", filled=9))
    assert few.state is GREY
    assert few.reason.endswith("the span has 9 labelled rows, fewer than the plan's minimum of 10")


def test_missing_values_are_compared_with_the_spans_baseline() -> None:
    rule = {"metric": "null_share", "column": "amount", "over": 7, "against": "moving", "red": "rises by 0.1"}

    found = outcome(rule, drift())

    assert (found.state, found.value, found.baseline) == (RED, 0.2, 0.1)
    assert outcome(rule, drift(null_share=0.19)).state is GREEN


@pytest.mark.parametrize(
    ("drifts", "reason"),
    [
        ((), "it was not measured"),
        ((drift(slice="origin=JFK"),), "it was not measured"),
        ((drift(rows=19),), "19 rows in the span, fewer than the plan's minimum of 20"),
        ((drift(value=None, note="no value in 700 rows"),), "no value in 700 rows"),
    ],
)
def test_a_share_of_no_scored_column_is_grey_with_its_reason(
    drifts: tuple[ProfileDrift, ...], reason: str
) -> None:
    found = outcome({"metric": "drifted_share", "over": 7, "against": "moving", "amber": "> 0"}, *drifts)

    assert found.state is GREY
    assert found.reason.endswith(f"is unknown: {reason}")


def test_the_drift_of_a_slice_is_not_that_of_the_window() -> None:
    assert outcome(SCORE, drift(), drift(slice="origin=JFK", value=0.0)).state is RED


def test_a_span_without_any_label_has_too_few() -> None:
    rule = {"metric": "target_drift", "over": 7, "against": "moving", "red": "> 0"}

    assert outcome(rule, drift("label", filled=None)).state is GREY
