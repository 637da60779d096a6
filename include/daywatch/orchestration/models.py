"""The models for which a DAG file makes DAGs."""

from __future__ import annotations

import os

from airflow.sdk import get_parsing_context

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import load_model, model_files
from daywatch.config.loading.namespaces import levels
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError


def models_to_parse() -> list[MonitoredModel]:
    """Return all models with a valid configuration; in a task, only the model of the task.

    ``dags/configuration_errors.py`` reports the errors of the other models as an import error, so that one wrong
    file does not stop 499 good models.

    Raises:
        SetupError: A variable of the deployment cannot be used.
    """
    wanted = get_parsing_context().dag_id
    models = []
    for path in model_files(read_settings(os.environ).models):
        if wanted and not wanted.endswith(f"__{path.stem}"):
            continue
        try:
            models.append(load_model(path))
        except ConfigurationError:
            continue
    return models


def tags(model: MonitoredModel, kind: str) -> list[str]:
    """Return the tags of a model's DAG.

    Args:
        model: The model, whose name, owner, tier and namespaces become tags.
        kind: What the DAG does, such as ``monitor``.
    """
    return [
        kind,
        f"model:{model.model}",
        f"owner:{model.owner}",
        f"tier:{model.tier}",
        *(f"ns:{level}" for level in levels(model.namespace)),
    ]
