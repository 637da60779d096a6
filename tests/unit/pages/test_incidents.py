"""The pages of incidents: the list, one with its timeline, and what people may do about it."""

from __future__ import annotations

import html
import re

import pytest
from bad_days import AUC, MISSING, named, outcome, record_day
from daywatch.config.deployment.deployment import Deployment
from daywatch.pages import access
from daywatch.results import State
from daywatch.warehouse.database import transaction
from fastapi import FastAPI
from models import NAME, write_model
from starlette.testclient import TestClient

HOSTILE = "<script>alert(1)</script>\u202e"
LIST = "/daywatch/-/incidents"
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture(autouse=True)
def _bad_days(app: FastAPI, deployment: Deployment) -> None:
    """Two models share a fault of their feed; one has a fall of its own that ended."""
    write_model(deployment.models, model="other")
    missing = outcome(MISSING, State.RED, f"amount is missing {HOSTILE}")
    with transaction(deployment.warehouse_url) as connection:
        record_day(connection, "2024-03-03", outcome(AUC, State.AMBER))
        record_day(connection, "2024-03-04")
        for day in ("2024-03-05", "2024-03-06"):
            record_day(connection, day, missing)
            record_day(connection, day, missing, model=named("other"))
    app.state.pages.dependency_overrides[access.readable_models] = lambda: frozenset({NAME, "other"})


def _ids(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/-/incidents/([0-9a-f]{12}-[\d-]{10})", page)))


def _words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def test_the_open_incidents_are_listed_and_the_closed_ones_on_demand(client: TestClient) -> None:
    opened, all_of_them = client.get(LIST).text, client.get(f"{LIST}?closed=true").text

    assert (len(_ids(opened)), len(_ids(all_of_them))) == (1, 2)
    assert "data: missing_values of amount RED other, shop shop-team 2024-03-05 2" in _words(opened)
    assert "closed shop" in _words(all_of_them)
    assert len(_ids(client.get(f"{LIST}?model=other").text)) == 1
    assert "No incident is open of secret." in _words(client.get(f"{LIST}?model=secret").text)
    for page in (opened, client.get("/daywatch/").text, client.get(f"/daywatch/{NAME}").text):
        assert _ids(opened)[0] in page
        assert "<script>alert" not in page


def test_people_act_on_an_incident_under_their_names(client: TestClient) -> None:
    address = f"{LIST}/{_ids(client.get(LIST).text)[0]}"

    done = client.post(f"{address}/acknowledge", headers=OWN, data={"note": HOSTILE})
    client.post(f"{address}/snooze", headers=OWN, data={"hours": "48"})
    page = client.get(address).text

    assert (done.status_code, done.headers["location"]) == (303, address)
    words = _words(page)
    assert "Acknowledged by ada." in words
    assert re.search(r"No mail until \d{4}-\d\d-\d\d", words)
    assert re.search(r"UTC acknowledged by ada <script>alert\(1\)</script>\\u202e", words)
    assert words.index("snoozed by ada") < words.index("acknowledged by ada <")  # the newest first
    assert "<script>alert" not in page
    client.post(f"{address}/close", headers=OWN, data={"note": "corrected upstream"})
    assert "closed by hand by ada corrected upstream" in _words(client.get(address).text)
    assert _ids(client.get(LIST).text) == []


def test_an_incident_is_acknowledged_and_snoozed_on_the_page_of_its_window(
    app: FastAPI, client: TestClient
) -> None:
    address = f"{LIST}/{_ids(client.get(LIST).text)[0]}"
    window = f"{NAME}/2024-03-05"

    page = client.get(f"/daywatch/{window}").text
    assert _ids(page) == [address.rpartition("/")[2]]
    assert _ids(client.get(f"/daywatch/{NAME}/2024-03-04").text) == []
    assert f'name="back" value="{window}"' in page
    done = client.post(f"{address}/acknowledge", headers=OWN, data={"back": window})
    client.post(f"{address}/snooze", headers=OWN, data={"back": window, "hours": "2"})

    assert (done.status_code, done.headers["location"]) == (303, f"/daywatch/{window}")
    assert "acknowledged by ada, no mail until" in _words(client.get(f"/daywatch/{window}").text)
    for elsewhere in ("//evil.example", "https://evil.example", "shop/2024-03-05/../..", "shop"):
        assert client.post(f"{address}/acknowledge", headers=OWN, data={"back": elsewhere}).status_code == 404
    app.state.pages.dependency_overrides[access.editor] = lambda: lambda model: model == NAME
    assert "Acknowledge or snooze" not in client.get(f"/daywatch/{window}").text  # it is of another model too


def test_an_incident_that_came_back_is_not_shown_over_the_days_between(
    client: TestClient, deployment: Deployment
) -> None:
    with transaction(deployment.warehouse_url) as connection:
        record_day(connection, "2024-03-07")
        record_day(connection, "2024-03-08")
        record_day(connection, "2024-03-09", outcome(MISSING, State.RED))

    page = client.get(f"/daywatch/{NAME}").text

    spans = re.findall(r'data-day="([\d-]+)" data-kind="incident" data-end="([\d-]+)"', page)
    assert spans == [
        ("2024-03-03", "2024-03-03"),
        ("2024-03-05", "2024-03-06"),
        ("2024-03-09", "2024-03-09"),
    ]


def test_an_act_needs_the_right_on_every_model_and_our_page(app: FastAPI, client: TestClient) -> None:
    address = f"{LIST}/{_ids(client.get(LIST).text)[0]}"
    overrides = app.state.pages.dependency_overrides

    assert client.post(f"{address}/acknowledge").status_code == 403
    overrides[access.editor] = lambda: lambda model: model == NAME
    assert client.post(f"{address}/acknowledge", headers=OWN).status_code == 403
    assert "What you do about it" not in client.get(address).text
    overrides[access.editor] = lambda: lambda _: True
    for data in ({"hours": "0"}, {"hours": "x"}, {"note": "x" * 4001}):
        assert client.post(f"{address}/snooze", headers=OWN, data=data).status_code == 404
    assert "Expected a comment" in client.post(f"{address}/comment", headers=OWN).text
    assert client.post(f"{address}/delete", headers=OWN).status_code == 404
    overrides[access.readable_models] = lambda: frozenset({"flights"})
    assert client.get(address).status_code == 404
    assert _ids(client.get(LIST).text) == []
    for unknown in (f"{'0' * 12}-2024-03-05", "..%2f..", "x"):
        assert client.get(f"{LIST}/{unknown}").status_code == 404
