"""Incidents in the warehouse: the same whatever the order, with late evidence, and with what people did."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bad_days import AUC, DRIFT, MISSING, named, outcome, record_day
from daywatch.config.deployment.deployment import Deployment
from daywatch.errors import SetupError
from daywatch.incidents.acts import Doing, act_on
from daywatch.incidents.listing import find_incident, list_incidents, timeline
from daywatch.incidents.types import EventKind, StoredIncident
from daywatch.results import State
from daywatch.verdicts import RuleOutcome
from daywatch.warehouse.database import transaction
from daywatch.warehouse.incident_tables import incident, incident_event
from models import content

RED, AMBER, GREY, GREEN = State.RED, State.AMBER, State.GREY, State.GREEN
NOW = datetime(2024, 3, 20, 9, tzinfo=UTC)

STORY: dict[str, tuple[RuleOutcome, ...]] = {
    "2024-03-01": (),
    "2024-03-02": (outcome(MISSING, AMBER), outcome(AUC, RED)),
    "2024-03-03": (outcome(MISSING, RED), outcome(AUC, RED), outcome(DRIFT, AMBER)),
    "2024-03-04": (outcome(AUC, GREY), outcome(MISSING, GREEN)),
    "2024-03-05": (),
    "2024-03-06": (outcome(DRIFT, AMBER),),
}


def rows(url: str) -> list[Any]:
    """Return all rows of incidents and of their events."""
    with transaction(url) as connection:
        return [
            tuple(row)
            for table in (incident, incident_event)
            for row in connection.execute(sa.select(table).order_by(*table.primary_key))
        ]


def listed(url: str, **options: Any) -> dict[tuple[str, str], StoredIncident]:
    with transaction(url) as connection:
        return {(one.kind, one.column): one for one in list_incidents(connection, **options)}


@pytest.fixture
def do(url: str, tmp_path: Path) -> Callable[..., StoredIncident]:
    """Return the function that does what a person does."""
    for name in ("shop", "bank"):
        (tmp_path / f"{name}.yaml").write_text(json.dumps(content(model=name)), encoding="utf-8")
    deployment = Deployment("", "", url, models=tmp_path)

    def act(incident_id: str, kind: EventKind, **more: Any) -> StoredIncident:
        return act_on(deployment, incident_id, Doing(kind=kind, **{"author": "kim", "at": NOW, **more}))

    return act


def test_a_story_in_any_order_and_twice(url: str) -> None:
    with transaction(url) as connection:
        for day, outcomes in STORY.items():
            record_day(connection, day, *outcomes)
    in_order = rows(url)
    with transaction(url) as connection:
        for day, outcomes in STORY.items():
            record_day(connection, day, *outcomes)
    again = rows(url)
    shuffled = [list(STORY.items())[number] for number in (4, 1, 5, 0, 3, 2)]
    with transaction(url) as connection:
        for day, outcomes in shuffled:
            record_day(connection, day, *outcomes, model=named("bank"))
    other = [row for row in rows(url) if "bank" in row]

    assert len(in_order) == 3 + 8
    assert again == in_order
    assert len(other) == len(in_order)
    found = listed(url, closed=True, models=frozenset({"shop"}))
    missing, auc, drift = found["data", "amount"], found["world", ""], found["world", "country"]
    assert (missing.state, missing.windows, missing.is_open) == (RED, 2, False)
    assert (auc.windows, auc.is_open, auc.parent_id) == (2, False, missing.incident_id)
    assert (auc.closed_window, missing.closed_window) == (
        datetime(2024, 3, 5, tzinfo=UTC),
        datetime(2024, 3, 4, tzinfo=UTC),
    )
    assert (drift.is_open, drift.reopenings, drift.parent_id) == (True, 1, "")


def test_a_shared_fault_is_one_incident_over_the_models(url: str, do: Callable[..., StoredIncident]) -> None:
    with transaction(url) as connection:
        for name in ("shop", "bank"):
            record_day(connection, "2024-03-02", outcome(MISSING, RED), outcome(AUC, RED), model=named(name))
        record_day(connection, "2024-03-03", model=named("bank"))
        record_day(connection, "2024-03-02", outcome(MISSING, RED), model=named("far", feed="another"))
    with transaction(url) as connection:
        found = {(one.kind, one.models): one for one in list_incidents(connection)}
        shared = found["data", ("bank", "shop")]
        (over,) = connection.execute(
            sa.text("SELECT models, open_models FROM incident_over_models WHERE incident_id = :id"),
            {"id": shared.incident_id},
        ).all()
    acknowledged = do(shared.incident_id, EventKind.ACKNOWLEDGED, note="the vendor knows")

    assert set(found) == {("data", ("bank", "shop")), ("world", ("shop",)), ("data", ("far",))}
    assert tuple(over) == (2, 1)
    assert shared.is_open
    assert acknowledged.acknowledged_by == "kim"
    with transaction(url) as connection:
        by = connection.execute(
            sa.select(incident.c.model, incident.c.acknowledged_by).where(
                incident.c.incident_id == shared.incident_id
            )
        )
        assert {tuple(row) for row in by} == {("shop", "kim"), ("bank", "kim")}


def test_what_people_did_survives_an_earlier_day_and_new_evidence(
    url: str, do: Callable[..., StoredIncident]
) -> None:
    with transaction(url) as connection:
        record_day(connection, "2024-03-03", outcome(AUC, RED))
    (old,) = listed(url).values()
    do(old.incident_id, EventKind.ACKNOWLEDGED, note="looking")
    with transaction(url) as connection:
        record_day(connection, "2024-03-02", outcome(AUC, AMBER))
    (one,) = listed(url).values()
    with transaction(url) as connection:
        by_old_id = find_incident(connection, old.incident_id)
        events = [(event.kind, event.window, event.author) for event in timeline(connection, one)]

    assert old.incident_id.endswith("2024-03-03")
    assert one.incident_id.endswith("2024-03-02")
    assert (one.acknowledged_by, by_old_id) == ("kim", one)
    assert events == [
        ("opened", "2024-03-02", ""),
        ("worsened", "2024-03-03", ""),
        ("acknowledged", "2024-03-03", "kim"),
    ]

    with transaction(url) as connection:
        record_day(connection, "2024-03-03", edition="late labels")
        record_day(connection, "2024-03-02", edition="late labels")
    assert listed(url, closed=True) == {}
    with pytest.raises(SetupError, match="There is no incident .*judged again and are not bad any more"):
        do(one.incident_id, EventKind.COMMENTED, note="?")
    with transaction(url) as connection:
        record_day(connection, "2024-03-03", outcome(AUC, RED))
    assert [one.acknowledged_by for one in listed(url).values()] == ["kim"]


def test_snoozed_commented_and_closed(url: str, do: Callable[..., StoredIncident]) -> None:
    with transaction(url) as connection:
        record_day(connection, "2024-03-03", outcome(AUC, RED))
    (one,) = listed(url).values()
    until = NOW + timedelta(days=3)
    do(one.incident_id, EventKind.SNOOZED, until=until)
    do(one.incident_id, EventKind.COMMENTED, note="<b>hostile</b>", at=NOW + timedelta(hours=1))
    do(one.incident_id, EventKind.COMMENTED, note="<b>hostile</b>", at=NOW + timedelta(hours=1))
    closed = do(one.incident_id, EventKind.CLOSED_BY_HAND, at=NOW + timedelta(hours=2))
    with transaction(url) as connection:
        events = timeline(connection, closed)

    assert (closed.is_open, closed.snoozed_until) == (False, until)
    assert [event.kind for event in events] == ["opened", "snoozed", "commented", "closed_by_hand"]
    assert listed(url) == {}
    with transaction(url) as connection:
        record_day(connection, "2024-03-04", outcome(AUC, RED))
    assert [(one.is_open, one.reopenings) for one in listed(url).values()] == [(True, 1)]


TOO_LITTLE: list[tuple[dict[str, Any], str]] = [
    ({"author": " "}, "Expected the name of a person in one line, but received ' '"),
    ({"author": "kim\nlee"}, "Expected the name of a person in one line"),
    ({"note": "x" * 4001}, "at most 4000 characters, but this one has 4001"),
    ({"kind": EventKind.COMMENTED}, "Expected a comment, but received none"),
    ({"kind": EventKind.SNOOZED}, "Expected a time in the future"),
    ({"kind": EventKind.SNOOZED, "until": NOW}, "Expected a time in the future"),
    ({"incident_id": "xyz"}, "There is no incident 'xyz': expected an id such as"),
    ({"incident_id": "0123456789ab-2024-99-01"}, "expected an id such as"),
    ({"incident_id": "0123456789ab-2024-03-03"}, "There is no incident 0123456789ab-2024-03-03"),
]


def test_an_act_that_says_too_little(url: str, do: Callable[..., StoredIncident]) -> None:
    with transaction(url) as connection:
        record_day(connection, "2024-03-03", outcome(AUC, RED))
    (one,) = listed(url).values()
    before = rows(url)

    for change, sentence in TOO_LITTLE:
        given = {"incident_id": one.incident_id, "kind": EventKind.ACKNOWLEDGED, **change}
        with pytest.raises(SetupError, match=sentence):
            do(**given)
    assert rows(url) == before


def test_missing_evidence_counts_where_the_model_says_so(url: str) -> None:
    with transaction(url) as connection:
        for name, grey in (("shop", False), ("bank", True)):
            for day in ("2024-03-03", "2024-03-04"):
                record_day(connection, day, outcome(AUC, GREY), model=named(name, grey=grey))
    found = listed(url)

    assert {name: (one.models, one.state, one.windows) for name, one in found.items()} == {
        ("labels", "label"): (("bank",), GREY, 2)
    }
