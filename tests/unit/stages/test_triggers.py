"""What an incident triggers, and the verdict that a gate reads."""

from __future__ import annotations

from collections.abc import Callable

from bad_days import AUC, DRIFT, MISSING, named, outcome, record_day
from daywatch.config.deployment.deployment import Deployment
from daywatch.results import State
from daywatch.run import WindowRun
from daywatch.stages.triggers import incident_triggers
from daywatch.stages.verdict_of_window import stored_verdict
from daywatch.verdicts import RuleOutcome
from daywatch.warehouse.database import transaction
from daywatch.window import Window
from places import Place

RED, AMBER = State.RED, State.AMBER
ON = {"red": ["roll_back"], "amber": ["watch"], "change": ["ticket"]}


def record(deployment: Deployment, day: str, *outcomes: RuleOutcome) -> list[tuple[str, str]]:
    """Record a day, and return the DAGs and runs that it triggers."""
    with transaction(deployment.warehouse_url) as connection:
        record_day(connection, day, *outcomes, model=named())
    return triggers(deployment, day)


def triggers(deployment: Deployment, day: str) -> list[tuple[str, str]]:
    run = WindowRun(
        model="shop",
        start=Window.of_day(day).start.isoformat(),
        end=Window.of_day(day).end.isoformat(),
        revision="r",
        baseline_id="b",
    )
    found = incident_triggers(run, deployment)
    return sorted((one.dag, one.run_id.partition("-")[2]) for one in found)


def test_each_dag_is_triggered_once_an_incident(place: Callable[..., Place]) -> None:
    here = place(on=ON).deployment

    opened = record(here, "2024-03-03", outcome(DRIFT, AMBER))
    same = triggers(here, "2024-03-03")
    worse = record(here, "2024-03-04", outcome(DRIFT, RED))
    closed = record(here, "2024-03-05")
    after = record(here, "2024-03-06")

    amber, red = ("watch", "2024-03-03__amber"), ("roll_back", "2024-03-03__red")
    assert opened == same == [("ticket", "2024-03-03__opened"), amber]
    assert worse == [red, amber]
    assert closed == [("ticket", "2024-03-03__closed")]
    assert after == []


def test_an_incident_that_begins_earlier_now_keeps_its_runs(place: Callable[..., Place]) -> None:
    here = place(on=ON).deployment

    first = record(here, "2024-03-03", outcome(AUC, RED))
    record(here, "2024-03-02", outcome(AUC, RED))

    assert ("roll_back", "2024-03-03__red") in first
    assert triggers(here, "2024-03-03") == [("roll_back", "2024-03-03__red")]


def test_what_follows_from_another_incident_triggers_nothing(place: Callable[..., Place]) -> None:
    here = place(on={"red": ["roll_back"]}).deployment

    assert len(record(here, "2024-03-03", outcome(MISSING, RED), outcome(AUC, RED))) == 1


def test_the_verdict_of_a_gate_is_the_one_that_counts(place: Callable[..., Place]) -> None:
    here = place().deployment
    window = Window.of_day("2024-03-03")

    assert stored_verdict("shop", window, here) is None
    record(here, "2024-03-03", outcome(AUC, RED))
    found = stored_verdict("shop", window, here)
    record(here, "2024-03-03")

    assert found is not None
    assert (found["state"], found["window"], found["reasons"]) == ("RED", "2024-03-03", ["roc_auc  is RED"])
    assert stored_verdict("shop", window, here) | {"revision": ""} == {  # type: ignore[operator]
        "state": "GREEN",
        "window": "2024-03-03",
        "revision": "",
        "reasons": ["all is well"],
    }
