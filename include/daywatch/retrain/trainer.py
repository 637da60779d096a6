"""The contract of a trainer: a function of the project that trains a version of a model."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.errors import ConfigurationError, Problem, SetupError

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel


@dataclass(frozen=True)
class TrainingRequest:
    """What a trainer receives.

    Attributes:
        model: Configuration of the model.
        training: Canonical Parquet to train on: labelled inferences, by time.
        held_back: Canonical Parquet to evaluate on, later than all of ``training``.
        folder: Folder to write the trained model to.
    """

    model: MonitoredModel
    training: Path
    held_back: Path
    folder: Path


@dataclass(frozen=True)
class TrainedModel:
    """What a trainer returns.

    Attributes:
        artifact: File of the trained model, inside the request's folder.
        description: What was trained, in a sentence.
        metrics: Evaluation on the held-back rows by name, of the new model and, as ``<name>_serving``, of
            the predictions that the endpoint made for the same rows.
    """

    artifact: Path
    description: str
    metrics: dict[str, float]


Trainer = Callable[[TrainingRequest], TrainedModel]


def load_trainer(model: MonitoredModel) -> Trainer:
    """Import the model's trainer.

    Raises:
        SetupError: The model has none.
        ConfigurationError: There is no such function.
    """
    if model.retraining is None:
        msg = f"The model {model.model!r} has no trainer: add 'retraining' to include/models/{model.model}.yaml."
        raise SetupError(msg)
    module, _, name = model.retraining.trainer.partition(":")
    try:
        trainer: Trainer = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        message = f"expected 'package.module:function' that can be imported, but {error}"
        problem = Problem(f"include/models/{model.model}.yaml", 0, "retraining.trainer", message)
        raise ConfigurationError((problem,)) from error
    return trainer
