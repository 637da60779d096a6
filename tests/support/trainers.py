"""Trainers for the tests, named in a model's YAML as ``trainers:<function>``."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import time
from pathlib import Path

import duckdb
from daywatch.retrain.trainer import TrainedModel, TrainingRequest


def majority(request: TrainingRequest) -> TrainedModel:
    """Learn the most frequent label, and give it to every row."""
    with duckdb.connect() as connection:
        training = connection.read_parquet(str(request.training))
        ((label,),) = training.aggregate("mode(label)").fetchall()
    artifact = request.folder / "majority.json"
    artifact.write_text(json.dumps({"label": label}), encoding="utf-8")
    return TrainedModel(artifact, f"Always {label}.", _answers(request, f"'{label}'", "0.5"))


def oracle(request: TrainingRequest) -> TrainedModel:
    """Answer the held-back rows as they came out: their labels are in a file next to the models' YAML."""
    artifact = request.folder / "oracle.json"
    artifact.write_text("{}", encoding="utf-8")
    label = (
        f"(SELECT label FROM '{os.environ['ORACLE']}' AS known WHERE known.event_id = rows.event_id LIMIT 1)"
    )
    probability = f"CASE {label} WHEN '1' THEN 0.9 ELSE 0.1 END + rows.row_in_record * 0.001 + hash(event_id) % 97 / 2000"
    return TrainedModel(artifact, "Knows it all.", _answers(request, label, probability))


def few(request: TrainingRequest) -> TrainedModel:
    """Answer fewer rows than asked."""
    trained = majority(request)
    path = request.folder / "few.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM '{trained.answers}' LIMIT 1) TO '{path}' (FORMAT parquet)")
    return TrainedModel(trained.artifact, "Too few.", path)


def without_probability(request: TrainingRequest) -> TrainedModel:
    """Answer without the probability that the model has."""
    artifact = request.folder / "model.json"
    artifact.write_text("{}", encoding="utf-8")
    return TrainedModel(artifact, "No probability.", _answers(request, "'1'", None))


def unsure(request: TrainingRequest) -> TrainedModel:
    """Answer some rows with nothing."""
    artifact = request.folder / "model.json"
    artifact.write_text("{}", encoding="utf-8")
    return TrainedModel(artifact, "Unsure.", _answers(request, "'1'", "nullif(row_number() OVER () % 2, 0)"))


def _answers(request: TrainingRequest, prediction: str, probability: str | None) -> Path:
    """Write an answer for each held-back row, from SQL on the row."""
    path = request.folder / "answers.parquet"
    selected = f"{prediction} AS prediction" + (f", {probability} AS probability" if probability else "")
    with duckdb.connect() as connection:
        query = f"SELECT {selected} FROM '{request.held_back}' AS rows"
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def failing(request: TrainingRequest) -> TrainedModel:
    """Fail as a trainer whose data it does not like."""
    msg = f"no class in {request.training.name}"
    raise ValueError(msg)


def slow(request: TrainingRequest) -> TrainedModel:
    """Never end, and start a process that does not either; its command names the folder."""
    subprocess.Popen(["sh", "-c", f"sleep 321; : {request.folder}"])
    time.sleep(321)
    raise AssertionError


def large(_: TrainingRequest) -> TrainedModel:
    """Take more memory than there is."""
    bytearray(1 << 40)
    raise AssertionError


def pickled(request: TrainingRequest) -> TrainedModel:
    """Write a file that runs code when it is read."""
    artifact = request.folder / "model.bin"
    artifact.write_bytes(pickle.dumps({"label": "1"}))
    return TrainedModel(artifact, "A pickle.", _answers(request, "'1'", "0.5"))


def elsewhere(request: TrainingRequest) -> TrainedModel:
    """Return a file outside the folder."""
    return TrainedModel(request.training, "The training file.", _answers(request, "'1'", "0.5"))
