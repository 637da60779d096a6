"""The retraining: train a version on the labelled inferences so far, evaluate it, and register it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from daywatch.config.loading.load import find_model
from daywatch.engine.settings import scratch_folder
from daywatch.results import Record
from daywatch.retrain.artifact import checksum
from daywatch.retrain.decide import Outcome
from daywatch.retrain.process import run_trainer
from daywatch.retrain.training_set import TrainingRecord, collect
from daywatch.stages.workspace import StageClock
from daywatch.storage import open_storage
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, record_model
from daywatch.warehouse.retrainings import close_retraining, registered_version
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.warehouse.tables import Row


class NewVersion(Record):
    """A trained version, before it is registered.

    Attributes:
        model: Name of the model.
        version: Name of the version, made of the window up to which it was trained and the rows' fingerprint.
        artifact_uri: Address of the trained model's file.
        checksum: SHA-256 of that file, hexadecimal.
        description: What was trained, in a sentence.
        metrics: Evaluation on the held-back rows, by name.
        training: What it was trained and evaluated on.
    """

    model: str
    version: str
    artifact_uri: str
    checksum: str
    description: str
    metrics: dict[str, float]
    training: TrainingRecord


def train(model_name: str, window: Window, deployment: Deployment) -> NewVersion:
    """Train and evaluate a version on the labelled inferences up to a window, and store its files.

    The same rows give the same version; one that is registered already is not trained again.

    Args:
        model_name: Name of the model.
        window: The last window whose inferences are used.
        deployment: Addresses and connections of artifacts and warehouse.

    Raises:
        SetupError: There is no trainer, or nothing to train on, or the trainer failed.
        ConfigurationError: The trainer does not exist.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("train", f"{model_name} {window}")
    model = find_model(model_name, deployment.models)
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with scratch_folder(deployment.engine) as scratch:
        rows = collect(model, window, deployment, scratch)
        version = f"retrained-{window.key}-{rows.record.fingerprint[:8]}"
        with transaction(deployment.warehouse_url) as connection:
            known = registered_version(connection, model_name, version)
        if known is not None:
            clock.done(f"{version} is registered already")
            return _of_row(known)
        trained = run_trainer(model, deployment.models, rows, scratch)
        prefix = f"{model_name}/versions/{version}"
        address = artifacts.upload(trained.artifact, f"{prefix}/{trained.artifact.name}")
        new = NewVersion(
            model=model_name,
            version=version,
            artifact_uri=address,
            checksum=checksum(trained.artifact),
            description=trained.description,
            metrics=trained.metrics,
            training=rows.record,
        )
    evaluation = new.model_dump(mode="json", include={"metrics", "training", "checksum"})
    artifacts.write(f"{prefix}/evaluation.json", json.dumps(evaluation, sort_keys=True, indent=1).encode())
    figures = ", ".join(f"{name} {value:.4g}" for name, value in sorted(trained.metrics.items()))
    clock.done(f"{version} on {rows.record.training.rows} labelled rows, {figures}")
    return new


def _of_row(row: Row) -> NewVersion:
    fields = {name: row[name] for name in NewVersion.model_fields if name in row}
    return NewVersion.model_validate({**fields, "artifact_uri": row["artifacts"]["model"]})


def register(
    new: NewVersion, window: Window, deployment: Deployment, created_at: datetime, created_by: str
) -> None:
    """Store a version's metadata, and its name with the decisions that triggered its training.

    A version that is registered already stays as it is.

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
    training, held_back = new.training.training, new.training.held_back
    first = training.first or held_back.first or window.first.isoformat()
    row = new.model_dump(mode="json", exclude={"artifact_uri"}) | {
        "artifacts": {"model": new.artifact_uri},
        "trained_from": Window.of_day(first).start,
        "trained_until": window.end,
        "rows": training.rows,
        "created_at": created_at,
        "created_by": created_by,
    }
    values = {"version": new.version, "outcome": Outcome.TRAINED, "outcome_reason": new.description}
    with transaction(deployment.warehouse_url) as connection:
        record_model(connection, model)
        insert_if_new(connection, tables.model_version, row)
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
