"""The gate of other DAGs: which verdicts let them go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from bad_days import AUC, named, outcome, record_day
from daywatch.orchestration.gate import require_verdict
from daywatch.results import State
from daywatch.warehouse.database import transaction
from models import write_model
from places import Place

DAY = "2024-03-03"
CONTEXT = {"dag_run": SimpleNamespace(partition_key=DAY)}


@pytest.fixture
def judged(place: Callable[..., Place], monkeypatch: pytest.MonkeyPatch) -> Callable[[State], None]:
    """Return a function that records a verdict on the day, in the warehouse of Airflow's connections."""
    here = place().deployment
    warehouse = {"conn_type": "sqlite", "host": here.warehouse_url.removeprefix("sqlite:///")}
    monkeypatch.setenv("AIRFLOW_CONN_DAYWATCH_WAREHOUSE", json.dumps(warehouse))
    monkeypatch.setenv("DAYWATCH_MODELS", str(here.models))
    monkeypatch.setenv("DAYWATCH_DATA_URI", here.data_uri)
    monkeypatch.setenv("DAYWATCH_ARTIFACTS_URI", here.artifacts_uri)

    def record(state: State) -> None:
        with transaction(here.warehouse_url) as connection:
            record_day(connection, DAY, outcome(AUC, state, "the reason"), model=named())

    return record


@pytest.mark.parametrize(
    ("options", "passing"),
    [
        ({}, {"GREEN", "AMBER"}),
        ({"allow_grey": True}, {"GREEN", "GREY", "AMBER"}),
        ({"not_worse_than": "GREEN"}, {"GREEN"}),
        ({"not_worse_than": "RED"}, {"GREEN", "AMBER", "RED"}),
        ({"not_worse_than": "GREEN", "allow_grey": True}, {"GREEN", "GREY"}),
    ],
)
def test_missing_evidence_passes_only_where_the_gate_allows_it(
    judged: Callable[[State], None], options: dict[str, Any], passing: set[str]
) -> None:
    gate = require_verdict("shop", **options)
    assert not gate.poke(CONTEXT).is_done, "nothing is judged yet"
    for state in State:
        judged(state)
        if state in passing:
            assert gate.poke(CONTEXT).xcom_value["state"] == state
        else:
            with pytest.raises(AirflowFailException, match=rf"^shop is {state} on {DAY}, .*: the reason$"):
                gate.poke(CONTEXT)


def test_grey_is_no_worst_state() -> None:
    with pytest.raises(ValueError, match="one of GREEN, AMBER, RED, but received 'GREY'"):
        require_verdict("shop", not_worse_than="GREY")


def test_a_silent_day_has_no_verdict_to_wait_for(
    judged: Callable[[State], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_model(tmp_path / "silent", schedule__silent="weekends")
    monkeypatch.setenv("DAYWATCH_MODELS", str(tmp_path / "silent"))
    with pytest.raises(AirflowSkipException, match=r"^shop is silent on 2024-03-03 \(Sunday\)"):
        require_verdict("shop").poke(CONTEXT)
    assert not require_verdict("shop", window="2024-03-04").poke(CONTEXT).is_done
    judged(State.GREEN)
    assert require_verdict("shop").poke(CONTEXT).is_done, "a verdict that is there counts"
