"""A new version from the labelled inferences so far."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from captures import day_of
from daywatch.errors import SetupError
from daywatch.results import State
from daywatch.retrain.decide import RetrainingDecision
from daywatch.retrain.training_set import collect
from daywatch.run import WindowRun
from daywatch.stages.decide_retraining import decide_retraining
from daywatch.stages.export import export
from daywatch.stages.retrain import register, train
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import record_window
from daywatch.window import Window
from models import NAME
from places import DAY, Place, make_baseline
from rows import dump

WINDOW = Window.of_day(DAY)
NEXT = Window.of_day("2024-03-04")


@pytest.fixture
def judged(place: Callable[..., Place], results: Callable[..., Any]) -> Place:
    """A place with a baseline of 120 labelled rows and two judged days of 60, one of them half labelled."""
    here = place()
    make_baseline(here)
    here.endpoint.play(day_of(DAY))
    here.endpoint.capture(day_of("2024-03-04"))
    here.endpoint.label(day_of("2024-03-04")[:30])
    for window in (WINDOW, NEXT):
        run, _ = export(NAME, window, here.deployment)
        judge(here, run, results)
    return here


def judge(here: Place, run: WindowRun, results: Callable[..., Any]) -> None:
    verdict = Verdict(state=State.RED, reasons=("r",), short="r", rules=())
    given = results(run.revision, run.first, verdict=verdict)
    with transaction(here.deployment.warehouse_url) as connection:
        record_window(connection, given)


def read(path: Path, query: str) -> Any:
    with duckdb.connect() as connection:
        return connection.execute(query.format(f"read_parquet('{path}')")).fetchall()


def test_baseline_and_judged_windows_split_by_time(judged: Place, tmp_path: Path) -> None:
    found = collect(NAME, NEXT, judged.deployment, tmp_path)

    assert (found.rows, found.held_back_rows) == (210, 42)
    ((until, labelled, rows),) = read(
        found.training, "SELECT max(inference_time), count(label), count(*) FROM {}"
    )
    ((since, later),) = read(found.held_back, "SELECT min(inference_time), count(*) FROM {}")
    assert until <= since
    assert (labelled, rows, later) == (168, 168, 42)


def test_only_what_is_known_up_to_the_window(judged: Place, tmp_path: Path) -> None:
    found = collect(NAME, WINDOW, judged.deployment, tmp_path)

    assert found.rows == 180
    ((last,),) = read(found.held_back, "SELECT max(inference_time)::DATE::VARCHAR FROM {}")
    assert last == DAY


def test_the_newest_revision_counts_and_no_inference_twice(
    judged: Place, tmp_path: Path, results: Callable[..., Any]
) -> None:
    judged.endpoint.label(day_of("2024-03-04"), name="rest")
    run, _ = export(NAME, NEXT, judged.deployment)
    judge(judged, run, results)
    window_in_baseline, _ = export(NAME, Window.of_day("2024-03-02"), judged.deployment)
    judge(judged, window_in_baseline, results)

    assert collect(NAME, NEXT, judged.deployment, tmp_path).rows == 240


def test_features_may_have_the_names_that_are_used_here(place: Callable[..., Place], tmp_path: Path) -> None:
    names = ["filename", "nth", "labelled", "read_parquet"]
    kinds = ("number", "integer", "boolean", "category")
    here = place(features=[{"name": n, "type": k} for n, k in zip(names, kinds, strict=True)])
    make_baseline(here)

    found = collect(NAME, WINDOW, here.deployment, tmp_path)

    ((columns),) = read(found.training, "SELECT count(filename), count(nth), count(labelled) FROM {}")
    assert found.rows == 120
    assert columns == (96, 96, 96)


def test_the_same_evidence_gives_the_same_bytes(judged: Place, tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        found = collect(NAME, NEXT, judged.deployment, tmp_path / name)
        contents.append((found.training.read_bytes(), found.held_back.read_bytes()))

    assert contents[0] == contents[1]


def test_nothing_to_train_on(place: Callable[..., Place], tmp_path: Path) -> None:
    here = place()

    with pytest.raises(
        SetupError, match="'shop' has no labelled inferences up to 2024-03-03: there is nothing to train"
    ):
        collect(NAME, WINDOW, here.deployment, tmp_path)


def test_a_version_is_trained_and_registered(judged: Place) -> None:
    url = judged.deployment.warehouse_url
    new = train(NAME, NEXT, judged.deployment)

    assert (new.version, new.rows) == ("retrained-2024-03-04", 210)
    assert new.metrics["held_back_rows"] == 42
    assert 0.3 < new.metrics["accuracy"] < 0.7
    folder = Path(new.artifact_uri).parent
    assert json.loads((folder / "evaluation.json").read_text()) == new.metrics
    assert json.loads(Path(new.artifact_uri).read_text())["label"] in "01"

    timestamp = datetime(2024, 3, 5, 6, tzinfo=UTC)
    register(new, NEXT, judged.deployment, timestamp, "a test")
    first = dump(url)
    register(new, NEXT, judged.deployment, timestamp, "a test")

    assert dump(url) == first
    ((version),) = first["model_version"]
    assert (version["created_by"], version["rows"], version["metrics"]) == ("a test", 210, new.metrics)
    assert version["trained_from"].startswith("2024-03-01")
    assert version["trained_until"].startswith("2024-03-05")

    register(new, NEXT, judged.deployment, datetime(2025, 1, 1, tzinfo=UTC), "somebody later")
    ((again),) = dump(url)["model_version"]
    assert again == {**version, "created_by": "somebody later", "created_at": again["created_at"]}


def test_the_decision_that_asked_for_it_names_the_version(judged: Place) -> None:
    """Also a later revision of the window: what was trained for it once is not trained again."""
    storage = open_storage(judged.deployment.artifacts_uri, judged.deployment)
    red = Verdict(state=State.RED, reasons=("r",), short="r", rules=())

    def decide(revision: str, verdict: Verdict) -> RetrainingDecision:
        run = WindowRun(model=NAME, first=DAY, last=DAY, revision=revision, baseline_id="b")
        storage.write(run.folder.verdict, verdict.model_dump_json().encode())
        return decide_retraining(run, judged.deployment)

    assert decide("r1", red).wanted
    assert decide("r1", red).wanted
    decide("r0", red.model_copy(update={"state": State.GREEN}))
    register(
        train(NAME, WINDOW, judged.deployment),
        WINDOW,
        judged.deployment,
        datetime(2024, 3, 4, tzinfo=UTC),
        "x",
    )
    before = dump(judged.deployment.warehouse_url)["retraining"]
    assert not decide("r1", red).wanted
    assert dump(judged.deployment.warehouse_url)["retraining"] == before
    assert not decide("r2", red).wanted

    rows = {row["revision"]: row for row in dump(judged.deployment.warehouse_url)["retraining"]}
    assert {key: (bool(row["wanted"]), row["version"]) for key, row in rows.items()} == {
        "r0": (False, None),
        "r1": (True, f"retrained-{DAY}"),
        "r2": (False, f"retrained-{DAY}"),
    }


def test_training_again_gives_the_same_version(judged: Place) -> None:
    first = train(NAME, NEXT, judged.deployment)
    shutil.rmtree(Path(first.artifact_uri).parent)

    assert train(NAME, NEXT, judged.deployment) == first
