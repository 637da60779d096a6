"""A new version from the labelled inferences so far."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from captures import day_of
from daywatch.config.loading.load import find_model
from daywatch.errors import InfrastructureError, SetupError
from daywatch.results import State
from daywatch.retrain.decide import Answer, RetrainingDecision
from daywatch.retrain.evidence import Outcome, Request, Trigger
from daywatch.retrain.training_set import TrainingSet, collect
from daywatch.run import WindowRun
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.decide_retraining import decide_retraining, question
from daywatch.stages.export import export
from daywatch.stages.fetch_version import fetch_version
from daywatch.stages.retrain import close, register, train
from daywatch.storage import open_storage
from daywatch.verdicts import CauseKind, Verdict, VerdictCause
from daywatch.warehouse import tables
from daywatch.warehouse.baselines import current_baseline
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_run
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


CHANGED = VerdictCause(
    rank=1,
    kind=CauseKind.WORLD,
    name="n",
    fingerprint="f",
    state=State.RED,
    sentence="s",
    short="the world changed",
)


def judge(
    here: Place, run: WindowRun, results: Callable[..., Any], causes: tuple[VerdictCause, ...] = (CHANGED,)
) -> None:
    verdict = Verdict(state=State.RED, reasons=("r",), short="r", rules=(), causes=causes)
    given = results(run.revision, run.window.key, verdict=verdict)
    with transaction(here.deployment.warehouse_url) as connection:
        record_window(connection, given)


def read(path: Path, query: str) -> Any:
    with duckdb.connect() as connection:
        return connection.execute(query.format(f"read_parquet('{path}')")).fetchall()


def collected(here: Place, until: Window, scratch: Path) -> TrainingSet:
    return collect(find_model(NAME, here.deployment.models), until, here.deployment, scratch)


def numbers(found: TrainingSet) -> tuple[int, int]:
    """Return the rows to train on and those held back, as stored and as they are in the files."""
    stored = (found.record.training.rows, found.record.held_back.rows)
    assert stored == tuple(
        read(path, "SELECT count(label) FROM {}")[0][0] for path in (found.training, found.held_back)
    )
    return stored


def test_the_last_windows_are_held_back_and_all_before_is_trained_on(judged: Place, tmp_path: Path) -> None:
    found = collected(judged, NEXT, tmp_path)

    assert numbers(found) == (180, 30)
    assert found.record.model_dump(exclude={"fingerprint"}) == {
        "mode": "expanding",
        "training": {"rows": 180, "first": "2024-03-01", "last": DAY},
        "held_back": {"rows": 30, "first": "2024-03-04", "last": "2024-03-04"},
        "held_back_windows": ("2024-03-04",),
        "left_out": (),
        "known_answers": 0,
        "own_decisions": 0.0,
    }


def test_only_what_is_known_up_to_the_window(judged: Place, tmp_path: Path) -> None:
    found = collected(judged, WINDOW, tmp_path)

    assert numbers(found) == (120, 60)
    assert found.record.held_back_windows == (DAY,)


def test_a_sliding_window_forgets_what_was_before(judged: Place, tmp_path: Path) -> None:
    settings = {"trainer": "trainers:majority", "held_back_windows": 1, "mode": "sliding", "days": 2}
    write_model(judged.deployment.models, retraining=settings)

    found = collected(judged, NEXT, tmp_path)

    assert numbers(found) == (120, 30)
    assert (found.record.mode, found.record.training.first) == ("sliding", "2024-03-02")


@pytest.mark.parametrize(
    ("kind", "state", "left"),
    [
        (CauseKind.DATA, State.AMBER, True),
        (CauseKind.LABELS, State.RED, True),
        (CauseKind.WORLD, State.RED, False),
        (CauseKind.SERVICE, State.RED, False),
        (CauseKind.DATA, State.GREY, False),
    ],
)
def test_windows_with_faults_of_the_data_are_left_out(
    judged: Place,
    tmp_path: Path,
    results: Callable[..., Any],
    kind: CauseKind,
    state: State,
    left: bool,
) -> None:
    cause = VerdictCause(
        rank=1, kind=kind, name="n", fingerprint="f", state=state, sentence="s", short="amount is missing"
    )
    judged.endpoint.label(day_of(DAY), name="again")
    judged.endpoint.capture(day_of(DAY, rows=1), name="more")
    run, _ = export(NAME, WINDOW, judged.deployment)
    judge(judged, run, results, (cause,))

    found = collected(judged, NEXT, tmp_path)

    assert [(one.window, one.reason) for one in found.record.left_out] == [(DAY, "amount is missing")] * left
    assert found.record.training.last == ("2024-03-02" if left else DAY)


def test_windows_whose_causes_nobody_knows_are_left_out(
    judged: Place, tmp_path: Path, results: Callable[..., Any]
) -> None:
    """Such as those that were judged before causes were stored."""
    judged.endpoint.capture(day_of(DAY, rows=1), name="more")
    run, _ = export(NAME, WINDOW, judged.deployment)
    judge(judged, run, results, ())

    (left,) = collected(judged, NEXT, tmp_path).record.left_out

    reason = "judged RED by a Daywatch that stored no causes: judge it again"
    assert (left.window, left.reason) == (DAY, reason)


def test_the_newest_revision_counts_and_no_inference_twice(
    judged: Place, tmp_path: Path, results: Callable[..., Any]
) -> None:
    judged.endpoint.label(day_of("2024-03-04"), name="rest")
    run, _ = export(NAME, NEXT, judged.deployment)
    judge(judged, run, results)
    window_in_baseline, _ = export(NAME, Window.of_day("2024-03-02"), judged.deployment)
    judge(judged, window_in_baseline, results)

    assert numbers(collected(judged, NEXT, tmp_path)) == (180, 60)
    # The day in the baseline is held back, so its rows in the baseline are not trained on.
    assert numbers(collected(judged, Window.of_day("2024-03-02"), tmp_path)) == (60, 60)


def test_requests_with_known_answers_are_left_out(judged: Place, tmp_path: Path) -> None:
    ((amount, items, rows),) = read(
        collected(judged, NEXT, tmp_path).training,
        "SELECT amount, items, count(*) FROM {} GROUP BY ALL ORDER BY ALL LIMIT 1",
    )
    case = {"case": "storm", "features": {"amount": amount, "items": items}, "prediction": "1"}
    (judged.deployment.models / "cases.jsonl").write_text(json.dumps(case) + "\n")
    write_model(judged.deployment.models, known_answers={"file": "cases.jsonl"})

    found = collected(judged, NEXT, tmp_path)

    assert found.record.known_answers == rows > 0
    assert sum(numbers(found)) == 210 - rows


@pytest.mark.parametrize("exploration", ["member", None])
def test_the_share_of_labels_that_the_model_may_have_caused(
    judged: Place, tmp_path: Path, exploration: str | None
) -> None:
    write_model(
        judged.deployment.models,
        labels__depends_on_prediction=True,
        **({"labels__exploration": exploration} if exploration else {}),
    )

    found = collected(judged, NEXT, tmp_path)

    ((others,),) = read(found.training, "SELECT avg(if(member, 0, 1)) FROM {}")
    assert found.record.own_decisions == pytest.approx(others if exploration else 1)
    assert 0 < others < 1


def test_features_may_have_the_names_that_are_used_here(
    place: Callable[..., Place], tmp_path: Path, results: Callable[..., Any]
) -> None:
    names = ["filename", "nth", "labelled", "read_parquet"]
    kinds = ("number", "integer", "boolean", "category")
    here = place(features=[{"name": n, "type": k} for n, k in zip(names, kinds, strict=True)])
    make_baseline(here)
    here.endpoint.play(day_of(DAY))
    run, _ = export(NAME, WINDOW, here.deployment)
    judge(here, run, results)

    found = collected(here, WINDOW, tmp_path)

    ((columns),) = read(found.training, "SELECT count(filename), count(nth), count(labelled) FROM {}")
    assert columns == (120, 120, 120)


def test_the_same_evidence_gives_the_same_bytes(judged: Place, tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        found = collected(judged, NEXT, tmp_path / name)
        contents.append((found.training.read_bytes(), found.held_back.read_bytes(), found.record))

    assert contents[0] == contents[1]


def test_nothing_to_hold_back_or_to_train_on(judged: Place, tmp_path: Path) -> None:
    before = Window.of_day("2024-03-02")
    with pytest.raises(SetupError, match="'shop' has no labelled inferences to hold back up to 2024-03-02"):
        collected(judged, before, tmp_path)
    settings = {"trainer": "trainers:majority", "held_back_windows": 2, "mode": "sliding", "days": 1}
    write_model(judged.deployment.models, retraining=settings)
    (tmp_path / "b").mkdir()

    with transaction(judged.deployment.warehouse_url) as connection:
        connection.execute(sa.delete(tables.baseline))
    with pytest.raises(SetupError, match=r"to train on up to 2024-03-04: .* \(held_back_windows\)"):
        collected(judged, NEXT, tmp_path / "b")


def test_a_version_is_trained_and_registered_once(judged: Place, tmp_path: Path) -> None:
    url = judged.deployment.warehouse_url
    new = train(NAME, NEXT, judged.deployment)

    fingerprint = new.training.fingerprint
    assert new.version == f"retrained-2024-03-04-{fingerprint[:8]}"
    assert new.training.training.rows == 180
    assert 0.3 < new.metrics["accuracy"] < 0.7 < new.metrics["accuracy_serving"]
    assert not new.comparison.promoted
    artifact = Path(new.artifact_uri)
    evaluation = json.loads((artifact.parent / "evaluation.json").read_text())
    assert evaluation["comparison"] == new.comparison.model_dump(mode="json")
    assert evaluation["checksum"] == new.checksum
    assert evaluation["training"]["fingerprint"] == fingerprint
    assert json.loads(artifact.read_text())["label"] in "01"

    timestamp = datetime(2024, 3, 5, 6, tzinfo=UTC)
    register(new, NEXT, judged.deployment, timestamp, "a test")
    first = dump(url)
    register(new, NEXT, judged.deployment, datetime(2025, 1, 1, tzinfo=UTC), "somebody later")

    assert dump(url) == first
    ((version),) = first["model_version"]
    assert (version["created_by"], version["rows"], version["metrics"]) == ("a test", 180, new.metrics)
    assert version["trained_from"].startswith("2024-03-01")
    assert version["trained_until"].startswith("2024-03-05")
    assert version["training"] == new.training.model_dump(mode="json")

    written = artifact.stat().st_mtime_ns
    assert train(NAME, NEXT, judged.deployment) == new
    assert artifact.stat().st_mtime_ns == written

    fetched = fetch_version(NAME, new.version, tmp_path, judged.deployment)
    assert fetched.read_bytes() == artifact.read_bytes()
    before = fetched.read_bytes()
    artifact.write_text("another model")
    with pytest.raises(SetupError, match="is not the one that was registered: expected the SHA-256"):
        fetch_version(NAME, new.version, tmp_path, judged.deployment)
    # What was checked stays, and nothing that was not is left.
    files = [one for one in tmp_path.iterdir() if one.is_file()]
    assert (fetched.read_bytes(), files) == (before, [fetched])
    fetched.unlink()
    artifact.unlink()
    with pytest.raises(SetupError, match=r"majority.json is gone: train the version again"):
        fetch_version(NAME, new.version, tmp_path, judged.deployment)
    with pytest.raises(SetupError, match="The version 'v1' of 'shop' is not registered"):
        fetch_version(NAME, "v1", tmp_path, judged.deployment)


def with_labels_known(here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    """Let the trainer be one that knows the labels of the held-back rows."""
    promotion = {"minimum_rows": 20, **settings}
    retraining = {"trainer": "trainers:oracle", "held_back_windows": 1, "promotion": promotion}
    write_model(here.deployment.models, retraining=retraining)
    (tmp_path / "known").mkdir()
    known = collected(here, NEXT, tmp_path / "known").held_back
    monkeypatch.setenv("ORACLE", str(known))


def test_a_better_version_is_promoted_with_its_own_baseline(
    judged: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, run_id = judged.deployment.warehouse_url, f"retrain__{NAME}__2024-03-04"
    before = current_baseline(url, NAME, NEXT)
    with_labels_known(judged, tmp_path, monkeypatch)

    new = train(NAME, NEXT, judged.deployment)
    assert register(new, NEXT, judged.deployment, AT, run_id) is Outcome.PROMOTED
    first = dump(url)
    assert register(new, NEXT, judged.deployment, AT, run_id) is Outcome.PROMOTED

    assert dump(url) == first
    whole = new.comparison.results[0]
    assert (whole.metric, whole.slice, whole.rows) == ("roc_auc", "", 30)
    assert whole.challenger == 1 > (whole.champion or 0)
    assert 0 < (whole.low or 0) < (whole.improvement or 0) < (whole.high or 0)
    assert new.comparison.reason.startswith("ROC AUC 1, 0.839 before: improvement 0.161 (")
    (deployed,) = first["deployment"]
    assert (deployed["version"], deployed["method"]) == (new.version, "handed over")
    (baseline,) = [row for row in first["baseline"] if row["promoted_version"]]
    assert (baseline["baseline_id"], baseline["rows"]) == (new.version, 30)
    # Promoted in the morning of the 4th, the version serves whole windows from the 5th on.
    assert baseline["counts_from"].startswith("2024-03-05")
    windows = [NEXT, Window.of_day("2024-03-05"), Window.of_day("2024-03-06")]
    assert [current_baseline(url, NAME, window) for window in windows] == [before, new.version, new.version]

    judged.endpoint.play(day_of("2024-03-06"))
    run, verdict = judged.run("2024-03-06")
    assert run.baseline_id == new.version
    assert [rule.baseline for rule in verdict.rules if rule.metric == "roc_auc"] == [1]

    # A baseline that was built since then stays in use if the retraining's run is tried again.
    assert build_baseline(NAME, judged.deployment) == before
    assert register(new, NEXT, judged.deployment, AT, run_id) is Outcome.PROMOTED
    assert current_baseline(url, NAME, windows[-1]) == before


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"margin": 0.4}, "At least 0.400 is needed."),
        ({"minimum_rows": 31}, "on 30 held-back rows, and 31 rows are needed."),
    ],
)
def test_a_version_that_is_not_better_by_enough_is_kept_back(
    judged: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], reason: str
) -> None:
    with_labels_known(judged, tmp_path, monkeypatch, **settings)

    new = train(NAME, NEXT, judged.deployment)

    assert new.comparison.reason.endswith(reason)
    assert register(new, NEXT, judged.deployment, AT, "x") is Outcome.KEPT
    rows = dump(judged.deployment.warehouse_url)
    assert (rows["deployment"], [row["promoted_version"] for row in rows["baseline"]]) == ([], [None])


RED = Verdict(state=State.RED, reasons=("r",), short="r", rules=(), causes=(CHANGED,))
AT = datetime(2024, 3, 4, 6, tzinfo=UTC)


@pytest.fixture
def decide(judged: Place) -> Callable[..., RetrainingDecision]:
    """Return a function that decides on the first day at a revision with a verdict."""
    storage = open_storage(judged.deployment.artifacts_uri, judged.deployment)
    run, _ = export(NAME, WINDOW, judged.deployment)
    counts = storage.read(run.folder.export)

    def decided(revision: str, verdict: Verdict = RED, **request: Any) -> RetrainingDecision:
        run = WindowRun(
            model=NAME,
            start=Window.of_day(DAY).start.isoformat(),
            end=Window.of_day(DAY).end.isoformat(),
            revision=revision,
            baseline_id="b",
        )
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
        "r1": ("yes", new.version, "kept"),
        "r2": ("no", new.version, None),
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
    new = train(NAME, WINDOW, judged.deployment)
    register(new, Window.of_day("2024-03-02"), judged.deployment, AT, "x")
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


def test_a_refused_request_does_not_hide_the_training_that_runs(
    judged: Place, decide: Callable[..., RetrainingDecision]
) -> None:
    def by(name: str) -> Answer:
        return decide("r1", trigger="person", by=name, run_id=f"by-{name}", force="a reason").answer

    assert [by("ann"), by("bea"), by("cid")] == [Answer.YES, Answer.NO, Answer.NO]
    close(NAME, "by-ann", Outcome.KEPT, "Not better.", judged.deployment)

    (row,) = dump(judged.deployment.warehouse_url)["retraining"]
    assert (row["run_id"], row["decision"], row["outcome"]) == ("by-ann", "yes", "kept")
    assert by("dan") is Answer.YES


def test_a_stored_yes_does_not_outlast_a_ban(
    judged: Place, decide: Callable[..., RetrainingDecision]
) -> None:
    trainer = {"trainer": "trainers:majority", "minimum_labels": 1}
    write_model(judged.deployment.models, retraining=trainer)
    assert decide("r1").answer is Answer.YES

    write_model(judged.deployment.models, retraining={**trainer, "forbidden": "audit"})

    assert decide("r1").reason == "Retraining is forbidden (retraining.forbidden): audit."


def test_a_training_waits_for_the_report_only_where_a_person_reads_it(judged: Place) -> None:
    """Airflow runs the report at the same time, and a killed report comes minutes later."""
    storage = open_storage(judged.deployment.artifacts_uri, judged.deployment)
    with transaction(judged.deployment.warehouse_url) as connection:
        run = judged_run(connection, NAME, WINDOW)
    assert run is not None
    storage.write(run.folder.verdict, RED.model_dump_json().encode())

    by_hand = Request(trigger=Trigger.PERSON, at=AT, by="somebody", run_id="r2", force="a reason")
    write_model(judged.deployment.models, plan__actions__red__retrain="ask")

    looked = question(NAME, WINDOW, judged.deployment, by_hand, store=False)
    assert looked.decision.answer is Answer.YES
    assert dump(judged.deployment.warehouse_url)["retraining"] == []
    with pytest.raises(InfrastructureError, match=r"report\.txt is not written yet; a retry looks again"):
        question(NAME, WINDOW, judged.deployment, Request(at=AT))
    assert question(NAME, WINDOW, judged.deployment, by_hand).report == ""
    storage.write(run.folder.report_text, b"the report")
    assert question(NAME, WINDOW, judged.deployment, Request(at=AT)).report == "the report"
