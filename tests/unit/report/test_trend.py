"""The metric whose trend a report shows."""

from __future__ import annotations

import pytest
from daywatch.report.trend import headline_metric
from daywatch.results import RuleOutcome, State, Verdict
from models import model


def test_a_rule_on_slices_gives_no_headline() -> None:
    rules = (
        RuleOutcome(
            rule="r", metric="accuracy", slice="country=DE", state=State.RED, reason="because", short="b"
        ),
    )
    verdict = Verdict(state=State.RED, reasons=("because",), short="b", rules=rules)
    on_slice = {"metric": "accuracy", "slice": "any", "red": "< 0.5"}
    on_window = {"metric": "roc_auc", "red": "< 0.5"}
    plan = model(slices=[{"by": "country"}], plan__rules=[on_slice, on_window]).plan
    assert headline_metric(plan, verdict) == "roc_auc"


@pytest.mark.parametrize(
    ("rules", "headline"),
    [
        ([{"metric": "rows", "red": "< 1"}, {"metric": "f1", "red": "< 1"}], "f1"),
        (
            [{"metric": "drift_score", "column": "amount", "red": "> 1"}, {"metric": "rows", "red": "< 1"}],
            "rows",
        ),
        ([{"metric": "drift_score", "column": "amount", "red": "> 1"}], ""),
    ],
)
def test_the_headline(rules: list[dict[str, str]], headline: str) -> None:
    green = Verdict(state=State.GREEN, reasons=("r",), short="s", rules=())

    assert headline_metric(model(plan__rules=rules).plan, green) == headline


@pytest.mark.parametrize(
    ("blamed", "state", "headline"),
    [
        ([("latency_p95", "", State.RED), ("f1", "", State.GREEN)], State.RED, "latency_p95"),
        ([("latency_p95", "", State.AMBER), ("f1", "", State.RED)], State.RED, "f1"),
        ([("latency_p95", "", State.RED), ("f1", "", State.RED)], State.RED, "f1"),
        ([("drift_score", "amount", State.RED)], State.RED, "accuracy"),
        ([("latency_p95", "", State.GREY)], State.GREY, "accuracy"),
    ],
)
def test_the_headline_is_what_made_it_bad(
    blamed: list[tuple[str, str, State]], state: State, headline: str
) -> None:
    outcomes = tuple(
        RuleOutcome(rule="r", metric=metric, column=column, state=found, reason="r", short="s")
        for metric, column, found in blamed
    )
    verdict = Verdict(state=state, reasons=("r",), short="s", rules=outcomes)

    plan = model(plan__rules=[{"metric": "accuracy", "red": "< 1"}]).plan
    assert headline_metric(plan, verdict) == headline
