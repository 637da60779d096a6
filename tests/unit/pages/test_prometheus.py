"""The numbers for Prometheus: who gets them, and their format."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from daywatch.config.deployment.connections import Connection
from daywatch.config.deployment.deployment import Deployment
from daywatch.pages import access
from daywatch.results import State
from debian import unpacked
from fastapi import FastAPI, HTTPException
from judgements import Judged, store
from pydantic import SecretStr
from starlette.testclient import TestClient

ADDRESS = "/daywatch/metrics"
TOKEN = {"authorization": "Bearer geheim"}


@pytest.fixture(autouse=True)
def _with_token(app: FastAPI, deployment: Deployment) -> None:
    store(
        deployment,
        Judged("2013-02-08", State.RED),
        Judged("2013-02-09", State.RED, edition="first"),
        Judged("2013-02-09", State.AMBER, auc=0.75),
        Judged("2013-02-07", State.GREY, model="claims", auc=None),
    )
    secret = Connection(conn_type="http", password=SecretStr("geheim"))
    known = replace(deployment, connections=lambda name: secret if name == "daywatch_metrics" else None)
    app.state.pages.dependency_overrides[access.deployment] = lambda: known


def test_the_newest_numbers_of_each_model(client: TestClient) -> None:
    answer = client.get(ADDRESS, headers=TOKEN)

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    for line in (
        'daywatch_verdict{model="flights",state="AMBER"} 1.0',
        'daywatch_verdict{model="flights",state="RED"} 0.0',
        'daywatch_verdict{model="claims",state="GREY"} 1.0',
        'daywatch_window_end_timestamp_seconds{model="flights"} 1360454400.0',  # 2013-02-10 00:00 UTC
        'daywatch_metric{model="flights",metric="roc_auc"} 0.75',
        'daywatch_quarantined_ratio{model="claims"} 0.0',
    ):
        assert line in lines
    assert not any("claims" in line and "roc_auc" in line for line in lines)  # not measured: no series


def test_promtool_finds_no_fault(client: TestClient) -> None:
    promtool = unpacked("promtool", "prometheus")
    text = client.get(ADDRESS, headers=TOKEN).text

    checked = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_only_the_token_opens_it_and_it_opens_nothing_else(
    app: FastAPI, client: TestClient, deployment: Deployment
) -> None:
    def refuse() -> None:
        raise HTTPException(401)

    overrides = app.state.pages.dependency_overrides
    overrides[access.signed_in] = refuse  # nobody has signed in

    assert client.get(ADDRESS, headers=TOKEN).status_code == 200
    for wrong in (
        {},
        {"authorization": "Bearer x"},
        {"authorization": "geheim"},
        {"authorization": "Bearer ü"},
    ):
        answer = client.get(ADDRESS, headers={name: value.encode() for name, value in wrong.items()})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    browser = client.get(ADDRESS, headers={"accept": "text/html"})
    assert browser.status_code == 401  # the login would lead back to here, and so on
    assert client.get("/daywatch/", headers=TOKEN).status_code == 401
    overrides[access.deployment] = lambda: deployment
    assert client.get(ADDRESS, headers=TOKEN).status_code == 503  # without a connection there is no token
