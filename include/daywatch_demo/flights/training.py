"""The trainer of the flights model: fits on the labelled inferences, and answers the held-back ones."""

from __future__ import annotations

from daywatch.retrain.trainer import TrainedModel, TrainingRequest

from daywatch_demo.flights.classifier import fit
from daywatch_demo.flights.data import FEATURES


def train(request: TrainingRequest) -> TrainedModel:
    """Train the next version of the flights classifier."""
    import pandas as pd
    import skops.io

    training, held_back = (pd.read_parquet(path) for path in (request.training, request.held_back))
    classifier = fit(training[FEATURES], training["label"].astype(int))
    artifact = request.folder / "model.skops"
    skops.io.dump(classifier, artifact)
    probability = classifier.predict_proba(held_back[FEATURES])[:, 1]
    prediction = (probability >= 0.5).astype(int).astype(str)
    answers = request.folder / "answers.parquet"
    pd.DataFrame({"prediction": prediction, "probability": probability}).to_parquet(answers)
    first, last = training["inference_time"].min(), training["inference_time"].max()
    description = f"Gradient boosting on {len(training):,} flights from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
    return TrainedModel(artifact, description, answers)
