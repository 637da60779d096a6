"""The trainer of the flights model: fits on the labelled inferences, evaluates on the later ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.retrain.trainer import TrainedModel, TrainingRequest

from daywatch_demo.flights.classifier import fit
from daywatch_demo.flights.data import FEATURES

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def train(request: TrainingRequest) -> TrainedModel:
    """Train the next version of the flights classifier."""
    import skops.io
    from sklearn.metrics import roc_auc_score

    training, held_back = _read(request.training), _read(request.held_back)
    classifier = fit(training[FEATURES], training["late"])
    probability = classifier.predict_proba(held_back[FEATURES])[:, 1]
    artifact = request.folder / "model.skops"
    skops.io.dump(classifier, artifact)
    metrics = {
        "roc_auc": float(roc_auc_score(held_back["late"], probability)),
        "roc_auc_serving": float(roc_auc_score(held_back["late"], held_back["probability"])),
    }
    first, last = training["inference_time"].min(), training["inference_time"].max()
    description = f"Gradient boosting on {len(training):,} flights from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
    return TrainedModel(artifact, description, metrics)


def _read(path: Path) -> pd.DataFrame:
    """Read labelled inferences, the label as 0 and 1."""
    import pandas as pd

    rows = pd.read_parquet(path)
    rows["late"] = rows["label"].astype(int)
    return rows
