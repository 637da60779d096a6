"""What travels between stages, and how a stage tells of itself."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from daywatch.run import WindowRun
from daywatch.stages.workspace import StageClock, open_workspace
from models import NAME, local_deployment, write_model

RUN = WindowRun(
    model=NAME,
    start="2024-03-03T00:00:00+00:00",
    end="2024-03-05T00:00:00+00:00",
    revision="r",
    baseline_id="b",
)


def test_a_run_is_small_json() -> None:
    text = json.dumps(RUN.model_dump(mode="json"), allow_nan=False)

    assert len(text) < 500
    assert WindowRun.model_validate_json(text) == RUN
    assert RUN.window.key == "2024-03-03_2024-03-04"
    assert RUN.folder.prefix == "shop/windows/2024-03-03_2024-03-04/r"
    assert RUN.baseline.prefix == "shop/baselines/b"


def test_the_scratch_folder_is_thrown_away(tmp_path: Path) -> None:
    deployment = local_deployment(tmp_path)
    write_model(deployment.models)

    with open_workspace(RUN, deployment) as workspace:
        workspace.artifacts.write("a", b"content")
        fetched = workspace.fetch("a", "name")
        assert fetched.read_bytes() == b"content"
        assert fetched.parent == workspace.scratch
        assert workspace.model.model == NAME

    assert not workspace.scratch.exists()


def test_a_stage_tells_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "daywatch"):
        account = StageClock("export", "shop 2024-03-03").done("3 records.", records=3)

    (record,) = caplog.records
    assert record.getMessage().startswith("export shop 2024-03-03: 3 records in 0.")
    assert (account.stage, account.counts) == ("export", {"records": 3.0})
    assert account.seconds >= 0
