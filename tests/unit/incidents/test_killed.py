"""Fifty kills of real processes while they open an incident and store what it triggers: one incident, one run."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from bad_days import AUC, MISSING, named, outcome, record_day
from daywatch.config.deployment.deployment import Deployment
from daywatch.results import State
from daywatch.run import WindowRun
from daywatch.stages.triggers import incident_triggers
from daywatch.warehouse.database import transaction
from daywatch.warehouse.incident_tables import alert_delivery, incident, incident_event
from places import Place

KILLS = 50
RUN = WindowRun(
    model="shop",
    start="2024-03-03T00:00:00+00:00",
    end="2024-03-04T00:00:00+00:00",
    revision="r",
    baseline_id="b",
)


def work(deployment: Deployment) -> None:
    """Record a RED day, and store what its incident triggers."""
    with transaction(deployment.warehouse_url) as connection:
        record_day(
            connection, "2024-03-03", outcome(MISSING, State.RED), outcome(AUC, State.RED), model=named()
        )
    incident_triggers(RUN, deployment)


def rows(deployment: Deployment) -> list[Any]:
    with transaction(deployment.warehouse_url) as connection:
        return [
            tuple(row)
            for table in (incident, incident_event, alert_delivery)
            for row in connection.execute(sa.select(table).order_by(*table.primary_key))
        ]


@pytest.mark.long
def test_fifty_kills_leave_one_incident_and_one_run(place: Callable[..., Place]) -> None:
    on = {"red": ["roll_back"]}
    undisturbed, here = place("undisturbed", on=on).deployment, place("killed", on=on).deployment
    started = time.monotonic()
    work(undisturbed)
    whole = time.monotonic() - started
    fork = multiprocessing.get_context("fork")

    killed, seen = 0, set()
    for number in range(KILLS):
        process = fork.Process(target=work, args=(here,))
        process.start()
        process.join(whole * 1.5 * number / KILLS)
        process.kill()
        process.join()
        killed += process.exitcode == -9
        seen.add(len(rows(here)))
    work(here)

    assert killed > KILLS / 4
    assert len(seen) > 1
    assert rows(here) == rows(undisturbed)
    assert sum("roll_back" in row for row in rows(here)) == 1
