"""Which models a DAG file makes DAGs of."""

from __future__ import annotations

import os

from airflow.sdk import get_parsing_context

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import load_model, model_files
from daywatch.config.loading.namespaces import levels
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError


def models_to_parse() -> list[MonitoredModel]:
    """Return all models whose configuration can be used; inside a task only the task's own.

    The mistakes of the others are told by ``dags/mistakes.py`` as an import error, so that one wrong file
    does not take 499 good models down with it.
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
    """Return the tags of a model's DAG: what it is, whose, how important, its namespace and those above."""
    return [
        kind,
        f"model:{model.model}",
        f"owner:{model.owner}",
        f"tier:{model.tier}",
        *(f"ns:{level}" for level in levels(model.namespace)),
    ]
