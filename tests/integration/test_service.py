"""The demonstration's second model on real flights, without servers: a slow version is not a bad model."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from daywatch.results import State
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.day import run_window
from daywatch.storage import open_storage
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_windows
from daywatch.warehouse.migrate import upgrade
from daywatch.window import Window
from daywatch_demo.flights.classifier import fit
from daywatch_demo.flights.data import flights_between
from daywatch_demo.flights.transactions import log_transactions
from daywatch_demo.monitored import SERVICE
from daywatch_demo.serving import CAPTURED_FROM, CAPTURED_UNTIL, TRAINED_FROM
from models import local_deployment
from rich.console import Console

MODELS = Path(__file__).parents[2] / "include" / "models"
DAYS = {
    "2013-02-10": (State.GREEN, "Latency p95 72.3 ms"),
    "2013-02-11": (State.RED, "Latency p95 485 ms (red rises by 100 %)"),
    "2013-02-12": (State.GREEN, "Latency p95 68.7 ms"),
}


@pytest.fixture
def printed(tmp_path: Path) -> str:
    """What the demonstration shows of the days."""
    deployment = local_deployment(tmp_path, models=MODELS)
    upgrade(deployment.warehouse_url)
    history = flights_between(TRAINED_FROM, CAPTURED_FROM)
    flights = flights_between(CAPTURED_FROM, CAPTURED_UNTIL)
    log_transactions(flights, fit(history, history["late"]), open_storage(deployment.data_uri, deployment))
    build_baseline(SERVICE.name, deployment)
    for day in DAYS:
        run_window(SERVICE.name, Window.of_day(day), deployment, lambda _: None)
    with transaction(deployment.warehouse_url) as connection:
        judged = judged_windows(connection, SERVICE.name)
    assert {one.window: (one.state, one.short) for one in judged} == DAYS
    console = Console(file=io.StringIO(), width=200)
    console.print(SERVICE.table(judged))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_is_that_of_the_readme(printed: str) -> None:
    readme = (MODELS.parents[1] / "README.md").read_text(encoding="utf-8")
    rows = [line.rstrip() for line in printed.splitlines() if line.strip().startswith("2013")]

    assert len(rows) == len(DAYS)
    assert [row for row in rows if f"\n{row}\n" not in readme] == []
