"""How the demonstration lets Airflow judge its days, and what it says of days that are not judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from daywatch_demo import judging
from daywatch_demo.judging import backfill, judge_after_retraining
from daywatch_demo.monitored import NEWARK, SERVICE, Monitored
from daywatch_demo.stack.errors import StackError


class Runs:
    """An Airflow whose runs are in these states; days that are started succeed."""

    def __init__(self, **states: str) -> None:
        self.states = {key.removeprefix("d"): state for key, state in states.items()}
        self.done: list[str] = []

    def wait_for_dag(self, dag_id: str) -> None:
        pass

    def backfill(self, *_: Any, **__: Any) -> None:
        pass

    def trigger(self, dag_id: str, *, partition_key: str) -> None:
        day = partition_key.removeprefix("2013-02-")
        self.states[day] = "success"
        self.done.append(day)

    def watch_runs(self, dag_id: str, *_: object) -> list[dict[str, str]]:
        self.done.append(dag_id)
        return [{"state": "success", "dag_run_id": "run"}]

    def runs(self, dag_id: str) -> list[dict[str, str]]:
        return [
            {"partition_key": f"2013-02-{day}", "state": state, "dag_run_id": f"run-{day}"}
            for day, state in self.states.items()
        ]


def two_days() -> Monitored:
    return replace(SERVICE, first=SERVICE.last.replace(day=11), last=SERVICE.last.replace(day=12))


def silent(_: str) -> None:
    pass


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ({"d11": "success", "d12": "failed"}, "These runs failed: run-12"),
        ({"d11": "success", "d12": "running"}, "of 2 days were judged within 0 s"),
    ],
)
def test_a_day_that_is_not_judged_is_no_success(
    monkeypatch: pytest.MonkeyPatch, states: dict[str, str], message: str
) -> None:
    monkeypatch.setattr(judging, "RUN_SECONDS", 0 if "running" in states.values() else 5)

    with pytest.raises(StackError, match=message):
        backfill(Runs(**states), [two_days()], silent)  # type: ignore[arg-type]


def test_days_that_are_judged() -> None:
    backfill(Runs(d11="success", d12="success"), [two_days()], silent)  # type: ignore[arg-type]


def test_the_better_version_serves_before_the_days_after_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "PAUSE", 0)
    airflow = Runs()

    def deploy() -> str:
        airflow.done.append("deployed")
        return "it serves"

    judge_after_retraining(airflow, NEWARK, deploy, silent)  # type: ignore[arg-type]
    assert airflow.done == ["25", "retrain__flights_newark", "deployed", "26", "27", "28"]

    judge_after_retraining(airflow, NEWARK, deploy, silent)  # type: ignore[arg-type]
    assert airflow.done[6:] == ["retrain__flights_newark"]
