"""The chain of a stored verdict, from what is stored alone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from command import run_command
from daywatch.config.loading.load import find_model
from daywatch.errors import SetupError
from daywatch.measure.calibration.limits import Calibration
from daywatch.results import State
from daywatch.review.chain import chain_lines
from daywatch.review.excused import Excused
from daywatch.review.explain import Explanation, explain
from daywatch.window import Window
from models import NAME, local_deployment
from places import Place

DAY, LATER = "2024-03-03", "2024-03-04"


def _explained(place: Place, day: str = DAY) -> Explanation:
    model = find_model(NAME, place.deployment.models)
    return explain(model, Window.of_day(day), place.deployment)


def test_causes_come_first_and_thresholds_are_those_of_the_calibration(standard_day: Place) -> None:
    found = _explained(standard_day)

    assert (found.state, found.rules[0].metric, found.rules[0].column) == (
        State.RED,
        "out_of_range_share",
        "amount",
    )
    assert found.reasons[0] == found.causes[0].sentence
    assert found.reasons[0].startswith("amount looks multiplied by 100 ")
    states = [one.state for one in found.rules]
    assert states == sorted(states, key=["RED", "AMBER", "GREY", "GREEN"].index)
    assert found.evidence[0].startswith("60 records read from ")
    artifacts = Path(standard_day.deployment.artifacts_uri)
    calibration = Calibration.model_validate_json(
        (artifacts / NAME / "baselines" / found.baseline_id / "calibration.json").read_bytes()
    )
    drifts = [one for one in found.thresholds if one.metric in ("drift_score", "prediction_drift")]
    assert len(drifts) == 5
    for drift in drifts:
        column = drift.name.partition("(")[2].rstrip(")")
        limit = calibration.distance(column, drift.method)
        assert limit is not None
        assert drift.rows is not None
        assert (drift.threshold, drift.days) == (pytest.approx(limit.at(drift.rows)), limit.days)
    shares = {one.name: one for one in found.thresholds if one.metric == "null_share"}
    limit_of_share = calibration.share("null_share", "amount")
    assert limit_of_share is not None
    assert shares["null_share(amount)"].threshold == limit_of_share.at(60)


def test_what_is_grey_and_what_does_not_count_has_its_reason(history: Place) -> None:
    found = _explained(history, LATER)
    lines = chain_lines(found)

    (grey,) = (one for one in found.rules if one.state is State.GREY)
    assert grey.rule == "roc_auc: green >= 0.8, red <= 0.7"
    assert lines[lines.index("GREY, and why") + 1] == f"  {grey.rule}: {grey.reason}"
    beyond = {one.name for one in found.thresholds if one.beyond}
    assert {one.name for one in found.excused} == beyond
    assert all(one == Excused(name=one.name, why="no rule of the plan judges it") for one in found.excused)


def test_what_is_not_there_is_said(history: Place, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=f"The window 2024-03-05 of '{NAME}' was not judged"):
        _explained(history, "2024-03-05")
    artifacts = tmp_path / "artifacts"
    shutil.copytree(history.deployment.artifacts_uri, artifacts)
    (gone,) = artifacts.glob(f"{NAME}/windows/{DAY}/*/measurement.json")
    gone.unlink()
    deployment = local_deployment(tmp_path, warehouse_url=history.deployment.warehouse_url)
    with pytest.raises(SetupError, match="are no longer stored: run `daywatch run --model shop"):
        explain(find_model(NAME, history.deployment.models), Window.of_day(DAY), deployment)


def test_the_command_prints_what_the_runbook_shows(standard_day: Place) -> None:
    deployment = standard_day.deployment
    environment = {
        **os.environ,
        "DAYWATCH_DATA_URI": deployment.data_uri,
        "DAYWATCH_ARTIFACTS_URI": deployment.artifacts_uri,
        "DAYWATCH_MODELS": str(deployment.models),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(
            {"conn_type": "sqlite", "host": deployment.warehouse_url.removeprefix("sqlite:///")}
        ),
    }
    asked = ("explain", "--model", NAME, "--window", DAY)

    text = run_command(*asked, environment=environment)
    as_json = run_command(*asked, "--format", "json", environment=environment)

    assert text.returncode == 0, text.stderr
    found = json.loads(as_json.stdout)
    assert (found["state"], found["rules"][0]["topic"]) == ("RED", "data")
    runbook = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")
    causes = text.stdout.partition("follows from them\n")[2].partition("\n\n")[0]
    rules = text.stdout.partition("Rules, in the order of causes\n")[2].partition("\n\nGREY")[0]
    thresholds = text.stdout.partition("Thresholds\n")[2].splitlines()[:3]
    head = ["Causes, and what follows from them", causes, ""]
    shown = "\n".join([*head, "Rules, in the order of causes", rules, "", "Thresholds", *thresholds])
    assert f"```text\n{shown}\n```" in runbook, shown
