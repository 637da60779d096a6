"""A fresh start: each page says what is missing and the command for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from daywatch.config.deployment.deployment import Deployment
from daywatch.pages import access
from daywatch.results import State
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from fastapi import FastAPI
from judgements import Judged, store
from models import NAME
from starlette.testclient import TestClient


def test_a_warehouse_without_tables_names_the_command(
    app: FastAPI, client: TestClient, tmp_path: Path
) -> None:
    empty = Deployment("", str(tmp_path), f"sqlite:///{tmp_path / 'empty.sqlite'}")
    app.state.pages.dependency_overrides[access.deployment] = lambda: empty

    for path in ("", "shop", "shop/2024-03-03", "shop/retraining", "-/incidents"):
        answer = client.get(f"/daywatch/{path}")
        assert answer.status_code == 503
        assert "run `daywatch warehouse upgrade`" in answer.text


def test_without_a_model_a_baseline_or_a_verdict_the_fleet_says_what_to_do(
    app: FastAPI, client: TestClient, deployment: Deployment
) -> None:
    app.state.pages.dependency_overrides[access.readable_models] = lambda: frozenset({NAME})

    first = client.get("/daywatch/").text
    with transaction(deployment.warehouse_url) as connection:
        now = datetime(2024, 3, 3, tzinfo=UTC)
        row = {"model": NAME, "baseline_id": "b", "window_start": now, "window_end": now, "rows": 1}
        connection.execute(tables.baseline.insert(), {**row, "labelled": 1, "artifacts": "", "sequence": 1})
    second = client.get("/daywatch/").text
    model, retraining = client.get(f"/daywatch/{NAME}"), client.get(f"/daywatch/{NAME}/retraining")
    app.state.pages.dependency_overrides[access.readable_models] = lambda: frozenset({"other"})
    unseen = client.get("/daywatch/").text
    (deployment.models / f"{NAME}.yaml").unlink()
    third = client.get("/daywatch/").text

    assert f"{NAME} has no baseline. <code>daywatch baseline --model {NAME}</code>" in first
    assert f"<code>daywatch run --model {NAME} --window &lt;day&gt;</code>" in second
    assert model.status_code == 404
    assert f"daywatch run --model {NAME}" in model.text
    assert "No decision was stored." in retraining.text
    assert "or none that you may see" in unseen
    assert "What is missing" not in unseen
    assert "No model has a YAML file yet. <code>daywatch init --help</code>" in third


def test_late_and_retired_models_are_shown_as_what_they_are(
    app: FastAPI, client: TestClient, deployment: Deployment
) -> None:
    app.state.pages.dependency_overrides[access.readable_models] = lambda: frozenset({NAME, "quiet"})
    store(
        deployment,
        Judged("2024-03-03", State.GREY, model=NAME),
        Judged("2024-03-05", State.GREEN, model="quiet"),
    )

    page = client.get("/daywatch/").text

    assert "1 judged for 2024-03-05, 1 late, 1 without enough evidence." in page
    assert '<strong class="tag">2 days late</strong>' in page
    assert '<strong class="tag">retired</strong>' in page
