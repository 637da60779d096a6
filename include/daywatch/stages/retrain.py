"""The retraining: train a version on the labelled inferences so far, evaluate it, and register it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.config.loading.load import find_model
from daywatch.engine.settings import scratch_folder
from daywatch.results import Record
from daywatch.retrain.decide import Outcome
from daywatch.retrain.trainer import TrainingRequest, load_trainer
from daywatch.retrain.training_set import collect
from daywatch.stages.workspace import StageClock
from daywatch.storage import open_storage
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import record_model
from daywatch.warehouse.retrainings import close_retraining
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment


class NewVersion(Record):
    """A trained version, before it is registered.

    Attributes:
        model: Name of the model.
        version: Name of the version, made of the window up to which it was trained.
        artifact_uri: Address of the trained model's file.
        description: What was trained, in a sentence.
        rows: Number of labelled inferences that it was trained and evaluated on.
        metrics: Evaluation on the held-back rows, by name.
    """

    model: str
    version: str
    artifact_uri: str
    description: str
    rows: int
    metrics: dict[str, float]


def train(model_name: str, window: Window, deployment: Deployment) -> NewVersion:
    """Train and evaluate a version on all labelled inferences up to a window, and store its files.

    Args:
        model_name: Name of the model.
        window: The last window whose inferences are used.
        deployment: Addresses and connections of artifacts and warehouse.

    Raises:
        SetupError: There is no trainer, or nothing to train on.
        ConfigurationError: The trainer cannot be imported.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("train", f"{model_name} {window}")
    model = find_model(model_name, deployment.models)
    trainer = load_trainer(model, deployment.models / f"{model_name}.yaml")
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    version = f"retrained-{window.key}"
    with scratch_folder(deployment.engine) as scratch:
        rows = collect(model_name, window, deployment, scratch)
        folder = scratch / "version"
        folder.mkdir()
        trained = trainer(TrainingRequest(model, rows.training, rows.held_back, folder))
        prefix = f"{model_name}/versions/{version}"
        address = artifacts.upload(trained.artifact, f"{prefix}/{trained.artifact.name}")
    evaluation = {"held_back_rows": rows.held_back_rows, **trained.metrics}
    artifacts.write(f"{prefix}/evaluation.json", json.dumps(evaluation, sort_keys=True, indent=1).encode())
    figures = ", ".join(f"{name} {value:.4g}" for name, value in sorted(evaluation.items()))
    clock.done(f"{version} on {rows.rows} labelled rows, {figures}")
    return NewVersion(
        model=model_name,
        version=version,
        artifact_uri=address,
        description=trained.description,
        rows=rows.rows,
        metrics=evaluation,
    )


def register(
    new: NewVersion, window: Window, deployment: Deployment, created_at: datetime, created_by: str
) -> None:
    """Store a version's metadata, and its name with the decisions that triggered its training.

    Training the same window again replaces the version's files, so its row is replaced too.

    Args:
        new: The trained version.
        window: The window whose verdict triggered the training.
        deployment: Addresses and connections of models and warehouse.
        created_at: Time at which the training was started.
        created_by: Id of the run that trained it.

    Raises:
        InfrastructureError: The warehouse did not answer.
    """
    model = find_model(new.model, deployment.models)
    first = model.baseline_window.start
    row = new.model_dump(exclude={"artifact_uri"}) | {
        "artifacts": {"model": new.artifact_uri},
        "trained_from": first,
        "trained_until": window.end,
        "created_at": created_at,
        "created_by": created_by,
    }
    with transaction(deployment.warehouse_url) as connection:
        record_model(connection, model)
        versions = tables.model_version
        same_version = (versions.c.model == new.model) & (versions.c.version == new.version)
        connection.execute(sa.delete(versions).where(same_version))
        connection.execute(sa.insert(versions).values(**row))
        values = {"version": new.version, "outcome": Outcome.TRAINED, "outcome_reason": new.description}
        close_retraining(connection, new.model, created_by, values)


def close(model: str, run_id: str, outcome: Outcome, reason: str, deployment: Deployment) -> None:
    """Store that a retraining led to no version.

    Args:
        model: Name of the model.
        run_id: Id of the retraining run.
        outcome: Whether a person rejected it or it failed.
        reason: Why, in a sentence.
        deployment: Address of the warehouse.

    Raises:
        InfrastructureError: The warehouse did not answer.
    """
    values = {"outcome": outcome, "outcome_reason": reason}
    with transaction(deployment.warehouse_url) as connection:
        close_retraining(connection, model, run_id, values)
