"""The commands ``daywatch incidents``, as people call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from bad_days import AUC, MISSING, named, outcome, record_day
from daywatch.cli.app import app
from daywatch.cli.console import out
from daywatch.results import State
from daywatch.warehouse.database import transaction
from places import Place
from typer.testing import CliRunner


def test_list_acknowledge_and_show(place: Callable[..., Place], monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = place().deployment
    with transaction(deployment.warehouse_url) as connection:
        hostile = "amount is missing \x1b[31m\u202e[/red]"
        record_day(
            connection,
            "2024-03-03",
            outcome(MISSING, State.RED, hostile),
            outcome(AUC, State.RED),
            model=named(),
        )
    settings = {
        "DAYWATCH_DATA_URI": str(deployment.data_uri),
        "DAYWATCH_MODELS": str(deployment.models),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(
            {"conn_type": "sqlite", "host": deployment.warehouse_url.removeprefix("sqlite:///")}
        ),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(out, "width", 250)

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["incidents", *arguments])

    found = json.loads(call("list", "--format", "json").stdout)
    parent = next(one["incident_id"] for one in found if one["kind"] == "data")
    acknowledged = call("ack", parent, "--by", "ana", "--note", "asked the vendor")
    shown = call("list", "--model", "shop")
    timeline = json.loads(call("show", parent, "--format", "json").stdout)
    closed = call("close", parent, "--by", "ana")
    as_text = call("show", parent)
    unknown = call("ack", "0123456789ab-2024-03-03")

    assert {(one["kind"], *one["models"], one["parent_id"]) for one in found} == {
        ("data", "shop", ""),
        ("world", "shop", parent),
    }
    assert acknowledged.stdout.startswith(
        f"acknowledged: {parent} RED shop since 2024-03-03: amount is missing"
    )
    assert f"follows from {parent}" in shown.stdout
    assert "ana" in shown.stdout
    assert [(one["kind"], one["author"], one["note"]) for one in timeline["timeline"]] == [
        ("opened", "", ""),
        ("acknowledged", "ana", "asked the vendor"),
    ]
    assert closed.stdout.startswith(f"closed by hand: {parent} closed shop")
    assert "closed by hand" in as_text.stdout
    assert "\\x1b[31m\\u202e[/red]" in as_text.stdout
    assert (unknown.exit_code, "There is no incident" in unknown.stderr) == (4, True)
