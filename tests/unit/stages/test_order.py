"""Windows judged in any order: each ends as if all had been judged one after the other."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from captures import Inference, day_of
from daywatch.run import StageRun, WindowRun
from daywatch.stages.export import export
from daywatch.stages.judge import judge
from daywatch.stages.measure import measure
from daywatch.stages.record import record
from daywatch.stages.report import report
from daywatch.stages.validate import validate
from daywatch.window import Window
from models import NAME, local_deployment
from places import Place, make_baseline, make_place
from rows import dump

DAYS = [f"{date(2024, 3, 3) + timedelta(days=n)}" for n in range(11)]
RULES = [
    {"metric": "roc_auc", "amber": "falls by 5 %", "against": "previous"},
    {"metric": "accuracy", "red": "< 0.8", "for": "2 of 3"},
    {"metric": "records", "band": {"windows": 10}},
    {"metric": "mean", "column": "amount", "amber": "changes by 10 %", "against": "median"},
    {"metric": "volume_change", "red": "< -50 %", "recovers": "> -10 %"},
    {"metric": "drift_score", "column": "amount", "over": 2, "against": "moving", "red": ">= 0.3"},
    {"metric": "labelled_share", "red": "< 10 %"},
]
PLAN = {
    "plan__rules": RULES,
    "plan__minimum": {"rows": 5, "labels": 5, "label_share": 0.8},
    "drift__profiles": {"over": [2], "against": ["frozen", "moving"], "moving_days": 2},
}
REPORTED = DAYS[2]
"""The one with a report, which stands for all: each takes half a second."""

EVENTS = {"recorded_at", "reported_history"}
"""When things happened: not what they are."""


PATTERN = "gbgglbegbbg"
"""Which day is which: good, bad, of few labels, empty."""


def day(kind: str) -> list[Inference]:
    """Return the first day's inferences as a kind of day has them."""
    found = day_of(DAYS[0], rows={"e": 0, "l": 24}.get(kind, 40), wrong=0.3 if kind == "b" else 0.1)
    if kind == "l":
        return [replace(one, label=one.label if n % 3 == 0 else None) for n, one in enumerate(found)]
    return [replace(one, request=f"9{one.request}") if kind == "b" else one for one in found]


@pytest.fixture(scope="module")
def measured(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> tuple[Path, dict[str, tuple[WindowRun, StageRun]]]:
    """A folder whose days are measured, each as one of four kinds, and judged in no order yet."""
    folder = tmp_path_factory.mktemp("measured")
    shutil.copyfile(sqlite_template, folder / "warehouse.sqlite")
    place = make_place(folder, **PLAN)
    make_baseline(place)
    artifacts, kinds, runs = Path(place.deployment.artifacts_uri), {}, {}
    for kind in sorted(set(PATTERN)):
        shutil.rmtree(place.endpoint.folder)
        place.endpoint.play(day(kind))
        kinds[kind] = export(NAME, Window.of_day(DAYS[0]), place.deployment)
        for stage in (validate, measure):
            stage(kinds[kind][0], place.deployment)
    for kind, of_day in zip(PATTERN, DAYS, strict=True):
        run, stage_run = kinds[kind]
        window = Window.of_day(of_day)
        bounds = {"start": window.start.isoformat(), "end": window.end.isoformat()}
        runs[of_day] = run.model_copy(update=bounds), stage_run
        if of_day != DAYS[0]:
            shutil.copytree(artifacts / run.folder.prefix, artifacts / runs[of_day][0].folder.prefix)
    return folder, runs


@pytest.fixture
def place_of(tmp_path: Path, measured: tuple[Path, Any]) -> Callable[[str], Place]:
    """Return a function that copies the folder."""

    def copied(name: str) -> Place:
        shutil.copytree(measured[0], tmp_path / name)
        return Place(local_deployment(tmp_path / name), None)  # type: ignore[arg-type]

    return copied


def finish(place: Place, run: tuple[WindowRun, StageRun]) -> None:
    """Run the stages that look at other windows."""
    judge(run[0], place.deployment)
    record(run[0], [run[1]], place.deployment)
    if run[0].window.key == REPORTED:
        report(run[0], place.deployment)


def ended(place: Place) -> dict[str, Any]:
    """Return all rows and files that say what became of the days, without timestamps and places."""
    rows = dump(place.deployment.warehouse_url)
    root = place.deployment.artifacts_uri
    kept = {
        table: [
            {name: f"{value}".replace(root, "") for name, value in row.items() if name not in EVENTS}
            for row in found
        ]
        for table, found in rows.items()
        if table not in ("stage_run", "baseline")
    }
    files = {
        key: content
        for key, content in place.files().items()
        if key.endswith(("history.json", "verdict.json", "profile_drift.json"))
    }
    shown = {
        key: json.loads(content)["verdict"]
        for key, content in place.files().items()
        if key.endswith("report.json")
    }
    return {**kept, **files, **shown}


def test_the_order_of_windows_does_not_show(
    place_of: Callable[[str], Place], measured: tuple[Path, dict[str, tuple[WindowRun, StageRun]]]
) -> None:
    runs = measured[1]

    def judged(name: str, days: Sequence[str], at_once: int = 1) -> dict[str, Any]:
        place = place_of(name)
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(lambda of_day: finish(place, runs[of_day]), days))
        return ended(place)

    in_order = judged("in_order", DAYS)
    states = {row["state"] for row in in_order["verdict"]}
    assert states == {"GREEN", "AMBER", "RED", "GREY"}
    assert sum(
        row["found_state"] != row["state"] for row in in_order["rule_outcome"] if row["found_state"] != "None"
    )
    for name, other in (
        ("reversed", judged("reversed", DAYS[::-1])),
        ("four at a time", judged("at_once", random.Random(4).sample(DAYS, len(DAYS)), 4)),  # noqa: S311
    ):
        differs = [key for key, found in in_order.items() if other[key] != found]
        assert differs == [], name
        assert other.keys() == in_order.keys()
