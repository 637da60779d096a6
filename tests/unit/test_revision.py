"""The fingerprint of all that a verdict depends on."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from daywatch.revision import LENGTH, revision_of
from models import model

SAME: dict[str, Any] = {"evidence": "e", "baseline_id": "b", "suite": "s"}


def revision(**changes: Any) -> str:
    return revision_of(model(**changes), **SAME)


@pytest.mark.parametrize("part", ["evidence", "baseline_id", "suite"])
def test_each_part_counts(part: str) -> None:
    assert revision_of(model(), **{**SAME, part: "other"}) != revision()


@pytest.mark.parametrize(
    "changes",
    [
        {"plan__minimum": {"rows": 21, "labels": 10}},
        {"plan__rules": [{"metric": "rows", "red": "< 1"}]},
        {"output__positive_class": "0"},
        {"drift__numeric": {"method": "wasserstein"}},
        {"drift__profiles": {"over": [7]}},
        {"features": [{"name": "amount", "type": "number"}]},
        {"labels__delay_days": 5},
        {"operations": {"slow_ms": 100}},
        {"capture_health": {"volume_fall": 0.4}},
    ],
)
def test_what_decides_counts(changes: dict[str, Any]) -> None:
    assert revision(**changes) != revision()


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": "others"},
        {"contacts": ["x@y.z"]},
        {"tier": 1},
        {"schedule__cron": "0 7 * * *"},
        {"description": "other words"},
    ],
)
def test_what_only_names_people_and_times_does_not(changes: dict[str, Any]) -> None:
    assert revision(**changes) == revision()


def test_it_is_the_same_in_every_process() -> None:
    script = (
        "from models import model; from daywatch.revision import revision_of;"
        "print(revision_of(model(), 'e', 'b', 's'))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert found == {revision()}
    assert len(revision()) == LENGTH
