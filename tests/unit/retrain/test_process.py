"""A trainer's own process, and the file that comes of it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest
import trainers
from daywatch.errors import SetupError, TrainerError
from daywatch.retrain.answers import write_answered
from daywatch.retrain.artifact import check_format
from daywatch.retrain.process import run_trainer
from daywatch.retrain.trainer import TrainingRequest
from daywatch.retrain.training_set import Part, TrainingRecord, TrainingSet
from models import model, write_model


@pytest.fixture
def rows(tmp_path: Path) -> TrainingSet:
    """Two files with three labels each."""
    paths = [tmp_path / "training.parquet", tmp_path / "held_back.parquet"]
    with duckdb.connect() as connection:
        for path in paths:
            rows = "SELECT '1' AS label, '1' AS prediction, 0.5::DOUBLE AS probability FROM range(3)"
            connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    part = Part(rows=3, first=None, last=None)
    record = TrainingRecord(
        mode="expanding",
        fingerprint="f",
        training=part,
        held_back=part,
        held_back_windows=(),
        left_out=(),
        known_answers=0,
    )
    return TrainingSet(*paths, paths[1], record)


def run(tmp_path: Path, rows: TrainingSet, trainer: str, **settings: Any) -> Any:
    changes = {"retraining": {"trainer": f"trainers:{trainer}", **settings}}
    write_model(tmp_path / "models", **changes)
    return run_trainer(model(**changes), tmp_path / "models", rows, tmp_path)


def test_what_a_trainer_made(tmp_path: Path, rows: TrainingSet, caplog: pytest.LogCaptureFixture) -> None:
    trained = run(tmp_path, rows, "majority")

    assert (trained.artifact.name, trained.description) == ("majority.json", "Always 1.")
    assert trained.answers.is_file()


@pytest.mark.parametrize(
    ("trainer", "error", "message"),
    [
        (
            "failing",
            TrainerError,
            "trainers:failing failed with exit code 1: ValueError: no class in training.parquet",
        ),
        ("large", TrainerError, r"needs more than 2Gi of memory \(retraining.memory\): MemoryError"),
        ("pickled", SetupError, r"artifact model.bin is a pickle .* skops for scikit-learn, ONNX"),
        ("elsewhere", SetupError, "expected a file inside the request's folder"),
    ],
)
def test_a_trainer_that_fails(
    tmp_path: Path, rows: TrainingSet, trainer: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run(tmp_path, rows, trainer, memory="2Gi")


@pytest.mark.parametrize(
    ("trainer", "message"),
    [
        ("few", "answers are 1, expected one for each of the 3 held-back rows"),
        ("without_probability", "answers have no column probability: expected prediction, probability"),
        ("unsure", "answers have no value in 1 row: expected one for each row"),
    ],
)
def test_answers_that_cannot_be_compared(
    tmp_path: Path, rows: TrainingSet, trainer: str, message: str
) -> None:
    request = TrainingRequest(model(), rows.training, rows.requests, tmp_path)

    trained = getattr(trainers, trainer)(request)

    with pytest.raises(TrainerError, match=message):
        write_answered(rows.held_back, trained.answers, model(), tmp_path)


def test_a_trainer_that_takes_too_long_is_stopped_with_all_that_it_started(
    tmp_path: Path, rows: TrainingSet
) -> None:
    with pytest.raises(TrainerError, match=r"took more than 8.0e-04 hours .* and was stopped"):
        run(tmp_path, rows, "slow", hours=0.0008)

    commands = [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
    assert [one for one in commands if str(tmp_path) in one] == []


def test_a_pickle_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    with pytest.raises(SetupError, match=r"is a pickle \(archive/data.pkl\)"):
        check_format(path)
    path.write_bytes(b"\x08\x07onnx")
    check_format(path)
