"""Baselines by model version: built together, chosen by the most records, compared version by version."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import models
import pytest
import sqlalchemy as sa
from captures import day_of
from command import run_command
from daywatch.config.loading.load import load_model
from daywatch.errors import ConfigurationError, SetupError
from daywatch.stages.build_baseline import build_baseline, build_version_baseline
from daywatch.warehouse import tables
from daywatch.warehouse.baselines import current_baseline, version_baselines
from daywatch.warehouse.database import transaction
from models import NAME
from places import DAY, Place
from sources import transaction as record_of
from sources import write_files

CAPTURE = {"source": "transaction_records", "prefix": "shop-log", "partition": "%Y/%m/%d"}
CHANGES: dict[str, Any] = {
    "capture": CAPTURE,
    "labels": None,
    "retraining": None,
    "plan__actions": None,
    "plan__rules": [{"metric": "rows", "red": "< 5"}],
    "baseline": {"first": "2024-03-01", "last": "2024-03-01"},
    "baselines": [{"versions": ["2", 3], "first": "2024-03-02", "last": "2024-03-02"}],
}


def write_log(place: Place, day: str, versions: list[str]) -> None:
    """Write a day's records, of which each third has the next version; version 2 answers 1 more often."""
    records = []
    for n, one in enumerate(day_of(day)):
        version = versions[n % len(versions)]
        answered = one if version == "1" else replace(one, response="1,0.9")
        records.append(record_of(answered, model_version=version))
    key = f"shop-log/{day.replace('-', '/')}/a.jsonl"
    write_files(Path(place.deployment.data_uri), {key: "\n".join(map(json.dumps, records)).encode()})


@pytest.fixture
def here(place: Callable[..., Place]) -> Place:
    made = place(**CHANGES)
    write_log(made, "2024-03-01", ["1"])
    write_log(made, "2024-03-02", ["2"])
    return made


def test_each_version_is_compared_with_its_own(here: Place) -> None:
    default = build_baseline(NAME, here.deployment)
    url = here.deployment.warehouse_url
    own = version_baselines(url, NAME)
    assert current_baseline(url, NAME) == default
    assert set(own) == {"2", "3"}
    assert own["2"] != default
    assert build_baseline(NAME, here.deployment) == default
    assert version_baselines(url, NAME) == own

    write_log(here, DAY, ["2", "2", "1", "4"])
    run, _ = here.run()

    assert run.baseline_id == own["2"]  # of the most records
    assert run.version_baselines == {"2": own["2"]}
    with transaction(url) as connection:
        stored = connection.execute(sa.select(tables.window_run.c.baseline_id)).scalar_one()
    assert stored == own["2"]
    export = json.loads(here.files()[run.folder.export])
    assert (export["versions"], export["version_baselines"]) == ({"2": 30, "1": 15, "4": 15}, {"2": own["2"]})
    measured = json.loads(here.files()[run.folder.measurement])
    found = [one["detail"] for one in measured["findings"] if one["code"] == "version_without_baseline"]
    assert [one.split(",")[0] for one in found] == ["version '1'", "version '4'"]
    assert f"compared with {own['2']}: name it under 'baselines'" in found[0]

    # p-values of a Kolmogorov-Smirnov test: version 1 has no baseline, and does not answer as version 2 does.
    drift = {one["slice"]: one["value"] for one in measured["metrics"] if one["name"] == "prediction_drift"}
    assert drift["version=2"] == 1.0
    assert drift["version=1"] < 0.01

    # With fewer records than version 1, version 2 is still compared with its own baseline, in which all is 1.
    write_log(here, "2024-03-04", ["1", "1", "2"])
    other, _ = here.run("2024-03-04")
    assert other.baseline_id == default
    measured = json.loads(here.files()[other.folder.measurement])
    drift = {one["slice"]: one["value"] for one in measured["metrics"] if one["name"] == "prediction_drift"}
    assert drift["version=2"] == 1.0
    assert other.revision != run.revision


@pytest.mark.parametrize(
    ("baselines", "where", "message"),
    [
        ([{"first": "2024-03-02", "last": "2024-03-02"}], "baselines[0].versions", "required"),
        (
            [{"versions": ["2"], "first": "2024-03-02", "last": "2024-03-02"}] * 2,
            "baselines",
            "expected one baseline for each version, but these have several: 2",
        ),
        (
            [{"versions": ["2"], "dataset": "a.csv", "columns": {"amout": 1}}],
            "baselines[0].columns",
            "expected names of features, but received 'amout'",
        ),
        ([{"versions": ["2"], "first": "2024-03-02"}], "baselines[0]", "expected 'first' and 'last'"),
    ],
)
def test_baselines_that_are_none(tmp_path: Path, baselines: Any, where: str, message: str) -> None:
    path = models.write_model(tmp_path, baselines=baselines)
    with pytest.raises(ConfigurationError) as caught:
        load_model(path)
    (problem,) = caught.value.problems
    assert problem.where == where
    assert message in problem.message


def _with_datasets(place: Callable[..., Place], **baseline: Any) -> Place:
    """Return a place with a data set for each of two versions."""
    here = place(**CHANGES | {"baselines": [], "baseline": baseline})
    for version, day in ((1, "2024-02-01"), (2, "2024-02-02")):
        rows = [f"{one.request},{one.label}" for one in day_of(day)]
        lines = "\n".join(["amount,items,member,country,bought", *rows])
        write_files(Path(here.deployment.data_uri), {f"train/v{version}.csv": lines.encode()})
    return here


def test_registering_a_version_with_a_data_set_makes_its_baseline(place: Callable[..., Place]) -> None:
    here = _with_datasets(place, dataset="train/v1.csv", label="bought")
    default, url = build_baseline(NAME, here.deployment), here.deployment.warehouse_url
    asked = ("versions", "add", "--model", NAME, "--version", "2")
    environment = {
        **os.environ,
        "DAYWATCH_DATA_URI": here.deployment.data_uri,
        "DAYWATCH_ARTIFACTS_URI": here.deployment.artifacts_uri,
        "DAYWATCH_MODELS": str(here.deployment.models),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(
            {"conn_type": "sqlite", "host": url.removeprefix("sqlite:///")}
        ),
    }

    done = run_command(*asked, "--dataset", "train/v2.csv", environment=environment)
    again = run_command(*asked, "--dataset", "train/v2.csv", environment=environment)

    own = version_baselines(url, NAME)
    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    assert done.stdout.splitlines()[-1] == f"train/v2.csv is its baseline, {own['2']}"
    assert again.stdout.splitlines()[0].endswith("was already registered; nothing changed")
    assert set(own) == {"2"}
    assert own["2"] != default == current_baseline(url, NAME)
    with pytest.raises(SetupError, match="train/v3.csv"):
        build_version_baseline(NAME, "3", "train/v3.csv", here.deployment)
    assert set(version_baselines(url, NAME)) == {"2"}


def test_days_do_not_say_how_a_data_set_is_read(place: Callable[..., Place]) -> None:
    here = _with_datasets(place, first="2024-03-01", last="2024-03-01")
    with pytest.raises(
        SetupError, match=r"name it with its columns under 'baselines' in the YAML, .*\['2'\]"
    ):
        build_version_baseline(NAME, "2", "train/v2.csv", here.deployment)
