"""The drill: faults of a small catalogue in copies of a day that the standard rules judged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from captures import day_of
from command import run_command
from daywatch.drill.monthly import drilled_models, latest_day
from daywatch.drill.run import drill
from daywatch.errors import SetupError
from daywatch.results import State
from daywatch.stages.build_baseline import build_baseline
from daywatch.warehouse.database import transaction
from daywatch.warehouse.drills import latest_drill
from daywatch.warehouse.migrate import upgrade
from daywatch.window import Window
from models import NAME
from places import Place, make_place
from rows import dump

BASELINE = tuple(f"2024-02-{day}" for day in (25, 26, 27, 28, 29))
DAY = "2024-03-03"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A GREEN day of a model with the standard rules, with its labels."""
    settings = {
        "plan": {"preset": "standard"},
        "drift": {"drawing_rows": 100},
        "baseline": {"first": BASELINE[0], "last": BASELINE[-1]},
        "retraining": None,
    }
    made = make_place(tmp_path_factory.mktemp("drill"), **settings)
    upgrade(made.deployment.warehouse_url)
    for day in (*BASELINE, DAY):
        made.endpoint.play(day_of(day, rows=200))
    build_baseline(NAME, made.deployment)
    made.run(DAY)
    return made


def files_of(place: Place) -> dict[str, bytes]:
    folder = Path(place.deployment.artifacts_uri)
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_command_says_what_was_found_and_blamed_and_writes_only_its_result(place: Place) -> None:
    deployment = place.deployment
    environment = {
        **os.environ,
        "DAYWATCH_DATA_URI": deployment.data_uri,
        "DAYWATCH_ARTIFACTS_URI": deployment.artifacts_uri,
        "DAYWATCH_MODELS": str(deployment.models),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(
            {"conn_type": "sqlite", "host": deployment.warehouse_url.removeprefix("sqlite:///")}
        ),
    }
    files, rows = files_of(place), dump(deployment.warehouse_url)
    faults = (
        "amount in hundredths",
        "labels flipped",
        "prediction stuck",
        "half of the rows",
        "renamed",
    )
    chosen = (part for fault in faults for part in ("--fault", fault))
    asked = ("drill", "--model", NAME, "--window", DAY, "--resamples", "1", *chosen, "--store")

    done = run_command(*asked, environment=environment)

    assert done.returncode == 0, done.stderr
    assert files_of(place) == files
    changed = {name for name, found in dump(deployment.warehouse_url).items() if found != rows[name]}
    assert changed == {"drill"}
    with transaction(deployment.warehouse_url) as connection:
        stored = latest_drill(connection, NAME)
    assert stored is not None
    assert (stored.window, stored.state) == (Window.of_day(DAY), State.GREEN)
    by_name = {one["fault"]: one for one in stored.detail["faults"]}
    assert stored.faults == len(by_name)
    assert (stored.found, stored.named) == tuple(
        sum(one[key] for one in by_name.values()) for key in ("found", "named")
    )
    cents = by_name["amount in hundredths"]
    assert (cents["found"], cents["named"], cents["kind"]) == (True, True, "data")
    assert cents["blamed"].startswith("amount looks multiplied by 100 ")
    for fault, kind in (
        ("labels flipped", "labels"),
        ("prediction stuck", "prediction"),
        ("half of the rows", "service"),
    ):
        assert (by_name[fault]["named"], by_name[fault]["kind"]) == (True, kind), by_name[fault]
    assert stored.named == stored.faults, [one for one in by_name.values() if not one["named"]]
    assert (stored.resamples, stored.false_alarms) == (1, 0)
    runbook = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")
    shown = done.stdout.rstrip()
    assert f"```text\n{shown}\n```" in runbook, shown


def test_the_monthly_drill_takes_the_latest_green_day(place: Place) -> None:
    assert drilled_models(place.deployment) == [NAME]
    assert latest_day(NAME, place.deployment) == Window.of_day(DAY)


def test_a_day_that_was_not_judged_is_said(place: Place) -> None:
    with pytest.raises(SetupError, match="The window 2024-03-09 of 'shop' was not judged"):
        drill(NAME, Window.of_day("2024-03-09"), place.deployment)
