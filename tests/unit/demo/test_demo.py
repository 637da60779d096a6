"""What the demonstration says of days that Airflow has not judged."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from daywatch_demo import demo
from daywatch_demo.demo import Demo
from daywatch_demo.monitored import SERVICE
from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.stack import Stack
from rich.console import Console


class Runs:
    """An Airflow whose runs are in these states."""

    def __init__(self, **states: str) -> None:
        self.states = {key.removeprefix("d"): state for key, state in states.items()}

    def wait_for_dag(self, dag_id: str) -> None:
        pass

    def backfill(self, *_: Any, **__: Any) -> None:
        pass

    def runs(self, dag_id: str) -> list[dict[str, str]]:
        return [
            {"partition_key": f"2013-02-{day}", "state": state, "dag_run_id": f"run-{day}"}
            for day, state in self.states.items()
        ]


def service(stack: Stack) -> Demo:
    days = replace(SERVICE, first=SERVICE.last.replace(day=11), last=SERVICE.last.replace(day=12))
    return Demo(stack, Console(file=io.StringIO(), width=80), (days,))


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ({"d11": "success", "d12": "failed"}, "These runs failed: run-12"),
        ({"d11": "success", "d12": "running"}, "of 2 days were judged within 0 s"),
    ],
)
def test_a_day_that_is_not_judged_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, states: dict[str, str], told: str
) -> None:
    monkeypatch.setattr(demo, "_RUN_SECONDS", 0 if "running" in states.values() else 5)

    with pytest.raises(StackError, match=told):
        service(Stack(tmp_path))._backfill(Runs(**states))  # type: ignore[arg-type]


def test_days_that_are_judged(tmp_path: Path) -> None:
    service(Stack(tmp_path))._backfill(Runs(d11="success", d12="success"))  # type: ignore[arg-type]
