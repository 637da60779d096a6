"""Trainers for the tests, named in a model's YAML as ``trainers:<function>``."""

from __future__ import annotations

import json
import pickle
import subprocess
import time

import duckdb
from daywatch.retrain.trainer import TrainedModel, TrainingRequest


def majority(request: TrainingRequest) -> TrainedModel:
    """Learn the most frequent label, and say how often it is right on the later rows."""
    with duckdb.connect() as connection:
        training = connection.read_parquet(str(request.training))
        later = connection.read_parquet(str(request.held_back))
        ((label,),) = training.aggregate("mode(label)").fetchall()
        ((right,),) = later.aggregate(f"avg((label = '{label}')::INT)").fetchall()
    artifact = request.folder / "majority.json"
    artifact.write_text(json.dumps({"label": label}), encoding="utf-8")
    return TrainedModel(artifact, f"Always {label}.", {"accuracy": right})


def failing(request: TrainingRequest) -> TrainedModel:
    """Fail as a trainer whose data it does not like."""
    msg = f"no class in {request.training.name}"
    raise ValueError(msg)


def slow(_: TrainingRequest) -> TrainedModel:
    """Never end, and start a process that does not either."""
    subprocess.Popen(["sleep", "321"])
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
    return TrainedModel(artifact, "A pickle.", {})


def elsewhere(request: TrainingRequest) -> TrainedModel:
    """Return a file outside the folder."""
    return TrainedModel(request.training, "The training file.", {})
