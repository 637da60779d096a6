"""The metric whose trend a report shows."""

from __future__ import annotations

import pytest
from daywatch.report.trend import bad_run, headline_metric, metric_of_window
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome, Verdict
from daywatch.warehouse.history import JudgedWindow
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
        ([("latency_p95", "", State.RED), ("f1", "", State.RED)], State.RED, "latency_p95"),
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


def judged(*states: str) -> list[JudgedWindow]:
    return [
        JudgedWindow(
            model="m",
            window=f"2024-03-{day:02}",
            state=State(state),
            short="",
            reasons=(),
            rows=1,
            labelled=1,
            metrics={},
            revision="r",
        )
        for day, state in enumerate(states, 1)
    ]


@pytest.mark.parametrize(
    ("states", "first"),
    [
        ((), None),
        (("GREEN",), None),
        (("GREY",), None),
        (("GREEN", "GREY", "GREY"), None),
        (("RED",), "2024-03-01"),
        (("GREEN", "RED", "AMBER", "RED"), "2024-03-02"),
        (("GREY", "AMBER", "GREY"), "2024-03-02"),
        (("RED", "GREEN", "RED"), "2024-03-03"),
    ],
)
def test_the_windows_that_a_model_recovers_from(states: tuple[str, ...], first: str | None) -> None:
    run = bad_run(judged(*states))

    assert (run[0].window if run else None) == first
    assert bool(run) == (first is not None)


@pytest.mark.parametrize(("name", "found"), [("prediction_drift", 0.3), ("drift_score", None), ("rows", 9)])
def test_the_value_of_the_window(name: str, found: float | None) -> None:
    metrics = (
        Metric(name="prediction_drift", column="prediction", value=0.3),
        Metric(name="drift_score", column="a", value=0.1),
        Metric(name="rows", value=9),
        Metric(name="rows", slice="a=b", value=2),
    )
    metric = metric_of_window(metrics, name)

    assert (metric.value if metric else None) == found
