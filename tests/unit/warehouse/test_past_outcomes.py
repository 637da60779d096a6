"""The outcomes of rules in windows before, as the warehouse has them."""

from __future__ import annotations

from pathlib import Path

from daywatch.results import State
from daywatch.warehouse.database import transaction
from daywatch.warehouse.migrate import upgrade
from daywatch.warehouse.past_outcomes import past_outcomes
from daywatch.window import Window
from judgements import Judged, store
from models import local_deployment

RULE = "roc_auc as planned"


def test_as_many_as_needed_and_up_to_the_latest_that_is_not_grey(tmp_path: Path) -> None:
    deployment = local_deployment(tmp_path)
    upgrade(deployment.warehouse_url)
    states = (State.GREEN, State.RED, State.GREY, State.GREY, State.AMBER, State.AMBER)
    store(deployment, *(Judged(f"2024-03-0{day}", state) for day, state in enumerate(states, start=1)))

    def days(before: str, count: int) -> list[str]:
        with transaction(deployment.warehouse_url) as connection:
            found = past_outcomes(connection, "flights", Window.of_day(before), {RULE: count})
        return [one.window[-2:] for one in found]

    assert days("2024-03-07", 1) == ["06"]
    assert days("2024-03-07", 2) == ["06", "05"]
    assert days("2024-03-05", 1) == ["04", "03", "02"]
    assert days("2024-03-01", 1) == []
