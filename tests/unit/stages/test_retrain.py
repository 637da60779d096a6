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
from daywatch.retrain.decide import Answer, Outcome, Request, RetrainingDecision
from daywatch.retrain.training_set import collect
from daywatch.run import WindowRun
from daywatch.stages.decide_retraining import decide_retraining
from daywatch.stages.export import export
from daywatch.stages.retrain import close, register, train
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import record_window
from daywatch.window import Window
from models import NAME, write_model
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


RED = Verdict(state=State.RED, reasons=("r",), short="r", rules=())
AT = datetime(2024, 3, 4, 6, tzinfo=UTC)


@pytest.fixture
def decide(judged: Place) -> Callable[..., RetrainingDecision]:
    """Return a function that decides on the first day at a revision with a verdict."""
    storage = open_storage(judged.deployment.artifacts_uri, judged.deployment)
    run, _ = export(NAME, WINDOW, judged.deployment)
    counts = storage.read(run.folder.export)

    def decided(revision: str, verdict: Verdict = RED, **request: Any) -> RetrainingDecision:
        run = WindowRun(model=NAME, first=DAY, last=DAY, revision=revision, baseline_id="b")
        storage.write(run.folder.verdict, verdict.model_dump_json().encode())
        storage.write(run.folder.export, counts)
        return decide_retraining(run, judged.deployment, Request(**{"at": AT, **request}))

    return decided


def test_the_decision_that_asked_for_it_names_the_version(
    judged: Place, decide: Callable[..., RetrainingDecision]
) -> None:
    """Also a later revision of the window: what was trained for it once is not trained again."""
    assert decide("r1").answer is Answer.YES
    assert decide("r1").answer is Answer.YES
    decide("r0", RED.model_copy(update={"state": State.GREEN}))
    new = train(NAME, WINDOW, judged.deployment)
    register(new, WINDOW, judged.deployment, AT, f"retrain__{NAME}__{DAY}")
    before = dump(judged.deployment.warehouse_url)["retraining"]
    assert decide("r1").answer is Answer.NO
    assert dump(judged.deployment.warehouse_url)["retraining"] == before
    assert decide("r2").answer is Answer.NO

    rows = {row["revision"]: row for row in dump(judged.deployment.warehouse_url)["retraining"]}
    assert {key: (row["decision"], row["version"], row["outcome"]) for key, row in rows.items()} == {
        "r0": ("no", None, None),
        "r1": ("yes", f"retrained-{DAY}", "trained"),
        "r2": ("no", f"retrained-{DAY}", None),
    }
    assert rows["r1"]["decided_at"] == AT.isoformat()
    assert {one["name"]: one["met"] for one in rows["r2"]["conditions"]}["first_time"] is False


def test_labels_count_until_a_training_has_used_them(
    judged: Place, decide: Callable[..., RetrainingDecision]
) -> None:
    def labels(revision: str) -> str:
        conditions = {one.name: one.reason for one in decide(revision).conditions}
        return conditions["enough_labels"].partition(" ")[0]

    assert (
        labels("r1") == "125"
    )  # the baseline's 120 and the 5 that are recorded of the day, none of the day after
    day_before = Window.of_day("2024-03-02")
    register(train(NAME, day_before, judged.deployment), day_before, judged.deployment, AT, "x")
    assert labels("r2") == "5"


def test_a_stored_decision_counts_again_and_a_person_may_ask_again(
    judged: Place, decide: Callable[..., RetrainingDecision]
) -> None:
    write_model(judged.deployment.models, retraining={"trainer": "trainers:majority"})
    ann = {"trigger": "person", "by": "ann", "run_id": "x"}

    verdicts = [decide("r1").answer, decide("r1", at=datetime(2030, 1, 1, tzinfo=UTC)).answer]
    persons = [decide("r1", **ann), decide("r1", **ann, force="the rows are few but right")]

    assert verdicts == [Answer.NO, Answer.NO]
    assert [one.answer for one in persons] == [Answer.NO, Answer.YES]
    assert "125 labelled rows since the last training, and 1,000 are needed" in persons[0].reason
    rows = [row for row in dump(judged.deployment.warehouse_url)["retraining"] if row["revision"] == "r1"]
    assert sorted((row["trigger"], row["decision"], row["decided_by"]) for row in rows) == [
        ("person", "yes", "ann"),
        ("verdict", "no", ""),
    ]

    close(NAME, "x", Outcome.REJECTED, "Rejected by bea.", judged.deployment)
    (row,) = [row for row in dump(judged.deployment.warehouse_url)["retraining"] if row["run_id"] == "x"]
    assert (row["outcome"], row["outcome_reason"]) == ("rejected", "Rejected by bea.")


def test_training_again_gives_the_same_version(judged: Place) -> None:
    first = train(NAME, NEXT, judged.deployment)
    shutil.rmtree(Path(first.artifact_uri).parent)

    assert train(NAME, NEXT, judged.deployment) == first
