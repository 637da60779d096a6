"""Rules that count only if they persist, that are judged together, or that are reviewed seldom."""

from __future__ import annotations

from typing import Any

import pytest
from counts import export_counts
from daywatch.config.model.plan import Plan
from daywatch.judge.verdict import judge
from daywatch.measure.service.past_windows import PastOutcome, PastWindows
from daywatch.results import Finding, FindingCode, Metric, State
from daywatch.verdicts import RuleOutcome, Verdict
from daywatch.window import Window
from models import content

GREEN, AMBER, RED, GREY = State.GREEN, State.AMBER, State.RED, State.GREY
FRIDAY, SUNDAY, LAST = "2024-03-15", "2024-03-17", "2024-03-31"
COUNTS = tuple(
    Metric(name=name, value=value)
    for name, value in (("records", 100), ("rows", 100), ("labelled", 100), ("labelled_share", 1.0))
)
AUC = {"metric": "roc_auc", "amber": "< 0.8", "red": "< 0.7"}
VALUES = {GREEN: 0.9, AMBER: 0.75, RED: 0.65, GREY: None}


def plan(**sections: Any) -> Plan:
    return Plan.model_validate(
        {**content()["plan"], "rules": [], "minimum": {"rows": 1, "labels": 1}, **sections}
    )


def judged(
    the_plan: Plan, day: str = FRIDAY, past: PastWindows | None = None, **values: float | None
) -> Verdict:
    metrics = [Metric(name=name, value=value) for name, value in values.items()]
    return judge(the_plan, [*COUNTS, *metrics], export_counts(), past=past, window=Window.of_day(day))


def before(the_plan: Plan, *states: tuple[State, State] | State) -> PastWindows:
    """The outcomes of the plan's only rule in the windows before, the latest first."""
    (text,) = the_plan.outcomes_needed
    pairs = [one if isinstance(one, tuple) else (one, one) for one in states]
    return PastWindows(
        outcomes=tuple(
            PastOutcome(window=f"2024-03-{14 - n}", rule=text, found=found, state=state)
            for n, (found, state) in enumerate(pairs)
        )
    )


@pytest.mark.parametrize(
    ("found", "earlier", "state"),
    [
        (AMBER, (), GREY),  # what is not known is not GREEN
        (AMBER, (GREEN,), GREY),
        (GREEN, (), GREEN),
        (GREEN, (AMBER,), GREEN),
        (AMBER, (GREEN, GREEN), GREEN),
        (AMBER, (AMBER, GREEN), AMBER),
        (AMBER, (GREEN, AMBER), AMBER),
        (AMBER, (GREEN, GREEN, AMBER), GREEN),  # only the last three count
        (RED, (AMBER, GREEN), AMBER),
        (RED, (RED, GREEN), RED),
        (RED, (GREEN, RED), RED),
        (GREEN, (AMBER, AMBER), AMBER),  # so it goes back
        (GREEN, (RED, AMBER), AMBER),
        (GREEN, (AMBER, GREEN), GREEN),
        (AMBER, (GREY, GREY), GREY),
        (AMBER, (GREY, AMBER), AMBER),
        (RED, (AMBER,), AMBER),
        (GREY, (RED, RED), GREY),
    ],
)
def test_two_of_three_windows(found: State, earlier: tuple[State, ...], state: State) -> None:
    the_plan = plan(rules=[{**AUC, "for": "2 of 3"}])

    (outcome,) = judged(the_plan, past=before(the_plan, *earlier), roc_auc=VALUES[found]).rules

    assert outcome.state is state
    assert (outcome.found or outcome.state) is found
    assert ("2 of 3 count" in outcome.reason) is (state is not found)


def test_what_an_earlier_window_found_counts_and_not_what_it_became() -> None:
    the_plan = plan(rules=[{**AUC, "for": "2 of 3"}])

    assert judged(the_plan, past=before(the_plan, (AMBER, GREEN)), roc_auc=0.75).state is AMBER
    assert judged(the_plan, past=before(the_plan, (GREEN, AMBER), GREEN), roc_auc=0.75).state is GREEN


def test_a_severe_breach_counts_at_once() -> None:
    the_plan = plan(rules=[{**AUC, "for": "2 of 3", "at_once": "< 0.6"}])

    (severe,) = judged(the_plan, roc_auc=0.5).rules
    assert severe.state is RED
    assert severe.reason.endswith("; at once, because it is < 0.6")
    assert judged(the_plan, roc_auc=0.65).state is GREY


@pytest.mark.parametrize(
    ("value", "earlier", "state"),
    [(0.82, AMBER, AMBER), (0.82, GREEN, GREEN), (0.86, AMBER, GREEN), (0.75, RED, RED), (0.65, AMBER, RED)],
)
def test_a_rule_recovers_later_than_it_fails(value: float, earlier: State, state: State) -> None:
    the_plan = plan(rules=[{**AUC, "recovers": "> 0.85"}])

    (outcome,) = judged(the_plan, past=before(the_plan, earlier), roc_auc=value).rules

    assert outcome.state is state
    if value == 0.82 and state is AMBER:
        assert outcome.reason.endswith("it recovers only > 0.85")


def test_a_window_without_evidence_lets_nothing_recover() -> None:
    the_plan = plan(rules=[{**AUC, "recovers": "> 0.85"}])

    def state(*earlier: State) -> State:
        return judged(the_plan, past=before(the_plan, *earlier), roc_auc=0.82).state

    assert state(GREY, GREY, RED) is RED
    assert state(GREY, GREEN, RED) is GREEN
    assert state(GREY) is GREEN


BOTH = [AUC, {"metric": "drifted_share", "amber": "> 30 %", "red": "> 60 %"}]


@pytest.mark.parametrize(
    ("auc", "drifted", "every", "one"),
    [
        (0.9, 0.1, GREEN, GREEN),
        (0.75, 0.1, GREEN, AMBER),
        (0.75, 0.4, AMBER, AMBER),
        (0.65, 0.4, AMBER, RED),
        (0.65, 0.7, RED, RED),
        (None, 0.7, GREY, RED),
        (None, 0.1, GREEN, GREY),
    ],
)
def test_all_and_any(auc: float | None, drifted: float, every: State, one: State) -> None:
    values = {"roc_auc": auc, "drifted_share": drifted}

    assert judged(plan(together=[{"name": "both", "all_of": BOTH}]), **values).state is every
    assert judged(plan(together=[{"name": "either", "any_of": BOTH}]), **values).state is one


def test_rules_together_have_one_reason_and_may_persist() -> None:
    the_plan = plan(together=[{"name": "costly drift", "all_of": BOTH, "for": "2 of 2"}])
    values = {"roc_auc": 0.75, "drifted_share": 0.4}

    (alone,) = judged(the_plan, **values).rules
    (again,) = judged(the_plan, past=before(the_plan, AMBER), **values).rules

    assert (alone.state, again.state) == (GREY, AMBER)
    assert again.reason == (
        "costly drift: ROC AUC is 0.750: amber < 0.8 and Share of drifted columns is 40.0 %: amber > 30 %"
    )
    assert again.rule == (
        "costly drift: all of (roc_auc: amber < 0.8, red < 0.7; drifted_share: amber > 30 %, red > 60 %), for 2 of 2"
    )


def test_a_weekly_rule_is_judged_on_sundays() -> None:
    weekly = plan(rules=[{**AUC, "every": "week"}, {"metric": "drifted_share", "red": "> 60 %"}])
    alone = plan(rules=[{**AUC, "every": "month"}])

    def metrics(day: str) -> list[str]:
        return [one.metric for one in judged(weekly, day, roc_auc=0.65, drifted_share=0.1).rules]

    assert metrics(SUNDAY) == ["roc_auc", "drifted_share"]
    assert metrics(FRIDAY) == ["drifted_share"]
    assert judged(alone, LAST, roc_auc=0.65).state is RED
    nothing = judged(alone, FRIDAY, roc_auc=0.65)
    assert (nothing.state, nothing.short) == (GREY, "no rule is due")


def test_faults_of_the_data_are_judged_on_days_on_which_the_plan_s_rule_is_not_due() -> None:
    the_plan = plan(rules=[{"metric": "data_faults", "amber": "> 0", "every": "week"}, AUC])
    fault = Finding(code=FindingCode.NO_SHARED_CLASS, column="label", detail="no class is shared")
    metrics = [*COUNTS, Metric(name="roc_auc", value=0.9)]

    def state(day: str) -> State:
        return judge(the_plan, metrics, export_counts(), findings=[fault], window=Window.of_day(day)).state

    assert (state(FRIDAY), state(SUNDAY)) == (RED, AMBER)


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"rules": [{**AUC, "for": "3 of 2"}]}, "such as '2 of 3', at most 31, but received '3 of 2'"),
        ({"rules": [{**AUC, "for": "0 of 2"}]}, "such as '2 of 3'"),
        ({"rules": [{**AUC, "at_once": "< 0.5"}]}, "'at_once' is for a rule with 'for'"),
        ({"together": [{"name": "a", "all_of": [AUC]}]}, "expected at least two rules"),
        ({"together": [{"name": "a", "all_of": BOTH, "any_of": BOTH}]}, "either 'all_of' or 'any_of'"),
        (
            {"together": [{"name": "a", "all_of": [{**AUC, "for": "1 of 2"}, AUC]}]},
            "leave them out of the single ones",
        ),
    ],
)
def test_what_is_refused(sections: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan(**sections)


def test_a_rule_as_text_says_how_it_lasts() -> None:
    the_plan = plan(rules=[{**AUC, "for": "2 of 3", "every": "week", "at_once": "< 0.6"}])

    assert the_plan.rules[0].text == "roc_auc: amber < 0.8, red < 0.7, at once < 0.6, for 2 of 3, every week"
    assert Plan.model_validate(the_plan.model_dump()) == the_plan
    assert isinstance(judged(the_plan, SUNDAY, roc_auc=0.9).rules[0], RuleOutcome)


def test_a_holiday_excuses_the_volume_and_nothing_else() -> None:
    rules = [
        AUC,
        {"metric": "volume_change", "red": "< -50 %"},
        {"metric": "records", "red": "< 1000"},
        {"metric": "hours_without_captures", "red": "> 3"},
    ]
    values = {"volume_change": -0.9, "hours_without_captures": 12, "roc_auc": 0.9}
    assert judged(plan(rules=rules), **values).state is RED
    holiday = plan(rules=rules, holidays=[FRIDAY])
    assert judged(holiday, **values).state is GREEN
    assert judged(holiday, day=SUNDAY, **values).state is RED
    assert judged(holiday, **{**values, "roc_auc": 0.6}).state is RED


def test_the_standard_rules_say_that_a_holiday_is_excused() -> None:
    standard = {"preset": "standard", "rules": [], "minimum": {"rows": 1, "labels": 1}}
    usual = judged(plan(**standard), volume_change=-0.9)
    excused = judged(plan(**standard, holidays=[FRIDAY]), volume_change=-0.9)
    assert usual.state is RED
    assert excused.state < State.AMBER
    assert any("the volume of a holiday is excused" in one.reason for one in excused.rules)
