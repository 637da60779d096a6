"""Trainers for the tests, named in a model's YAML as ``trainers:<function>``."""

from __future__ import annotations

import json

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
