"""The retraining: train a version on the labelled inferences so far, evaluate it, and register it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from daywatch.artifacts import VersionFolder
from daywatch.config.loading.load import find_model
from daywatch.engine.settings import scratch_folder
from daywatch.retrain.answers import write_answered
from daywatch.retrain.artifact import checksum
from daywatch.retrain.compare import Comparison, compare
from daywatch.retrain.evidence import Outcome
from daywatch.retrain.new_version import NewVersion
from daywatch.retrain.process import run_trainer
from daywatch.retrain.training_set import collect
from daywatch.stages.promote import promoted_baseline
from daywatch.stages.workspace import StageClock
from daywatch.storage import open_storage
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, record_model
from daywatch.warehouse.retrainings import close_retraining, registered_version
from daywatch.window import Window

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.warehouse.tables import Row


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
        answered = write_answered(rows.held_back, trained.answers, model, scratch)
        comparison = compare(rows.held_back, answered, model, scratch, rows.record.own_decisions)
        folder = VersionFolder(model_name, version)
        address = artifacts.upload(trained.artifact, folder.key(trained.artifact.name))
        artifacts.upload(answered, folder.held_back)
        new = NewVersion(
            model=model_name,
            version=version,
            artifact_uri=address,
            checksum=checksum(trained.artifact),
            description=trained.description,
            metrics=_metrics(comparison),
            training=rows.record,
            comparison=comparison,
        )
    evaluation = new.model_dump(mode="json", include={"comparison", "training", "checksum"})
    artifacts.write(folder.evaluation, json.dumps(evaluation, sort_keys=True, indent=1).encode())
    clock.done(f"{version} on {rows.record.training.rows} labelled rows, {comparison.reason}")
    return new


def _metrics(comparison: Comparison) -> dict[str, float]:
    found = {}
    for one in comparison.results:
        if not one.slice:
            values = {one.metric: one.challenger, f"{one.metric}_serving": one.champion}
            found.update({name: value for name, value in values.items() if value is not None})
    return found


def _of_row(row: Row) -> NewVersion:
    fields = {name: row[name] for name in NewVersion.model_fields if name in row}
    return NewVersion.model_validate({**fields, "artifact_uri": row["artifacts"]["model"]})


def register(
    new: NewVersion, window: Window, deployment: Deployment, created_at: datetime, created_by: str
) -> Outcome:
    """Store a version's metadata; promote it if it is better, and store the outcome with the decision.

    A version that is registered already stays as it is. Nothing is deployed: whoever deploys takes it from here.

    Args:
        new: The trained version.
        window: The window whose verdict triggered the training.
        deployment: Addresses and connections of models, artifacts and warehouse.
        created_at: Time of the training.
        created_by: Id of the run that trained it.

    Returns:
        Whether the version is promoted or the one in production is kept.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("register", f"{new.model} {window}")
    model = find_model(new.model, deployment.models)
    training, held_back = new.training.training, new.training.held_back
    first = training.first or held_back.first or window.first.isoformat()
    row = new.model_dump(mode="json", exclude={"artifact_uri"}) | {
        "artifacts": {"model": new.artifact_uri},
        "trained_from": model.schedule.between(first, first).start,
        "trained_until": window.end,
        "rows": training.rows,
        "created_at": created_at,
        "created_by": created_by,
    }
    with transaction(deployment.warehouse_url) as connection:
        record_model(connection, model)
        insert_if_new(connection, tables.model_version, row)
    outcome, reason = Outcome.KEPT, new.comparison.reason
    if new.comparison.promoted:
        refused = promoted_baseline(new, model, window, deployment, created_at)
        outcome = Outcome.KEPT if refused else Outcome.PROMOTED
        reason = refused or reason
    reason = f"{reason} {new.comparison.warning}".strip()
    values = {"version": new.version, "outcome": outcome, "outcome_reason": reason}
    with transaction(deployment.warehouse_url) as connection:
        record_model(connection, model)
        if outcome is Outcome.PROMOTED:
            _store_deployment(connection, new, model, created_at, created_by)
        close_retraining(connection, new.model, created_by, values)
    clock.done(f"{outcome}, {reason}")
    return outcome


def _store_deployment(
    connection: sa.Connection, new: NewVersion, model: MonitoredModel, at: datetime, by: str
) -> None:
    """Store that a version was handed over to whoever deploys it."""
    row: Row = {
        "model": new.model,
        "deployment_id": f"promoted-{new.version}",
        "version": new.version,
        "endpoint": getattr(model.capture, "endpoint", ""),
        "environment": {},
        "method": "handed over",
        "rollout_strategy": "",
        "created_at": at,
        "created_by": by,
    }
    insert_if_new(connection, tables.deployment, row)


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
