"""The tables that the demonstration prints."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from daywatch.config.loading.load import load_models
from daywatch.results import State
from daywatch.warehouse.history import JudgedWindow
from daywatch_demo.monitored import FLIGHTS, NEWARK, SERVICE, Monitored, retraining_lines
from rich.console import Console

MODELS = Path(__file__).parents[3] / "include" / "models"


def judged(metrics: dict[str, float | None]) -> JudgedWindow:
    return JudgedWindow(
        model="m",
        window="2013-02-11",
        state=State.RED,
        short="slow [bold]",
        reasons=("slow",),
        rows=1234,
        labelled=1200,
        metrics=metrics,
        revision="r",
    )


def shown(one: Monitored, metrics: dict[str, float | None]) -> list[list[str]]:
    """Return the words of each printed line."""
    console = Console(file=io.StringIO(), width=200)
    console.print(one.table([judged(metrics)]))
    assert isinstance(console.file, io.StringIO)
    return [line.split() for line in console.file.getvalue().splitlines() if line.strip()]


def test_the_table_of_the_endpoint() -> None:
    title, headings, row = shown(FLIGHTS, {"roc_auc": 0.6346, "drifted_columns": 4.0})

    assert title == ["flights,", "2013-02-01", "to", "2013-02-14"]
    assert headings == ["day", "rows", "labelled", "drifted", "ROC", "AUC", "verdict", "reason"]
    assert row == ["2013-02-11", "1,234", "1,200", "4", "0.635", "RED", "slow", "[bold]"]


def test_the_table_of_the_service() -> None:
    metrics = {"records": 1300.0, "error_share": 0.025, "timeout_share": 0.0, "latency_p95": 574.2}
    title, headings, row = shown(SERVICE, {**metrics, "roc_auc": 0.847})

    assert title == ["flights_service,", "2013-02-09", "to", "2013-02-12"]
    assert " ".join(headings) == "day requests failed timed out p95 (ms) ROC AUC verdict reason"
    assert row == ["2013-02-11", "1,300", "2.5%", "0.0%", "574", "0.847", "RED", "slow", "[bold]"]


def test_what_was_not_measured_is_empty() -> None:
    _, _, row = shown(SERVICE, {"records": 0.0, "latency_p95": None})

    assert row == ["2013-02-11", "0", "RED", "slow", "[bold]"]


@pytest.mark.parametrize("one", [FLIGHTS, NEWARK, SERVICE], ids=lambda one: one.name)
def test_the_days_and_the_retraining_are_those_of_the_models_yaml(one: Monitored) -> None:
    (model,) = [model for model in load_models(MODELS) if model.model == one.name]

    assert model.schedule.first_window <= one.first <= one.last
    assert model.plan.actions.red.retrain is one.retrains


def test_the_days_after_the_retraining_wait_for_it() -> None:
    assert NEWARK.backfilled_until == date(2013, 2, 24)
    assert NEWARK.days_after == (date(2013, 2, 26), date(2013, 2, 27), date(2013, 2, 28))
    assert (FLIGHTS.backfilled_until, FLIGHTS.days_after) == (FLIGHTS.last, ())


def decision(day: int, unmet: str = "", **changes: object) -> dict[str, Any]:
    conditions = [{"name": "asked", "met": True}, {"name": unmet or "cooldown", "met": not unmet}]
    row = {"model": "m", "window_start": date(2013, 2, day), "decision": "no", "reason": "Too early."}
    return {**row, "outcome": None, "conditions": conditions, **changes}


def test_the_lines_of_decisions_on_retraining() -> None:
    trained = decision(9, decision="yes", outcome="promoted", outcome_reason="On 9 rows.")
    waiting = [decision(day, "enough_labels") for day in (3, 4, 5)]

    assert retraining_lines([decision(2, "no_data_fault"), *waiting, trained, decision(10, "cooldown")]) == [
        "m 2013-02-02: no. Too early.",
        "m 2013-02-03 to 2013-02-05: no. Too few labelled rows since the last training.",
        "m 2013-02-09: yes. Too early. Promoted: On 9 rows.",
        "m 2013-02-10: no. Another retraining is near.",
    ]
