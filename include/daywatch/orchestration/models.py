"""The DAGs of all models, made model by model: the error of one is no error of the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from airflow.sdk import DAG, get_parsing_context

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import load_model, model_files, shown_path
from daywatch.config.loading.namespaces import levels
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError, Problem

BuildDag = Callable[[MonitoredModel], DAG | None]

LONGEST_TAG = 100
"""Characters of a tag in Airflow's database."""


def dags_of_models(build: BuildDag) -> dict[str, DAG]:
    """Return the DAGs of all models by their ids; in a task, only that of the task.

    A model whose DAG cannot be made is left out, so that one wrong file does not stop 499 good models.
    ``dags/configuration_errors.py`` raises the errors: Airflow stops all DAGs of a file with an import error.

    Args:
        build: Makes the DAG of one model, None for a model that has no such DAG.

    Raises:
        SetupError: A variable of the deployment cannot be used.
        ConfigurationError: In a task, the file of the task's model has errors.
    """
    wanted = get_parsing_context().dag_id
    found = {}
    for path in _files(read_settings(os.environ).models)[0]:
        if wanted and not wanted.endswith(f"__{path.stem}"):
            continue
        dag, problems = _built(path, build)
        if wanted and problems:
            raise ConfigurationError(problems)
        if dag is not None:
            found[dag.dag_id] = dag
    return found


def dag_errors(builds: Iterable[BuildDag]) -> tuple[Problem, ...]:
    """Return why models have no DAGs, or not all of them: each error once, in the order of the files.

    Args:
        builds: What makes the DAGs of one model.

    Raises:
        SetupError: A variable of the deployment cannot be used.
    """
    files, problems = _files(read_settings(os.environ).models)
    for path in files:
        for build in builds:
            problems += _built(path, build)[1]
    return tuple(dict.fromkeys(problems))


def _files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Return the files of the models, and the error that there are none."""
    try:
        return model_files(folder), []
    except ConfigurationError as error:
        return [], list(error.problems)


def _built(path: Path, build: BuildDag) -> tuple[DAG | None, tuple[Problem, ...]]:
    """Return the DAG of a file, and why it cannot be made."""
    try:
        model = load_model(path)
    except ConfigurationError as error:
        return None, error.problems
    try:
        dag = build(model)
        if dag is not None:
            _check(dag)
    except ConfigurationError as error:
        return None, error.problems
    except Exception as error:
        message = f"the DAG of this model cannot be made, {type(error).__name__}: {error}"
        return None, (Problem(shown_path(path), 0, "", message),)
    return dag, ()


def _check(dag: DAG) -> None:
    """Check what Airflow would refuse later, together with all other DAGs of the same file.

    Raises:
        ValueError: A tag is too long for Airflow's database.
        Exception: Whatever Airflow raises for a DAG that is not valid.
    """
    dag.validate()
    long = [tag for tag in sorted(dag.tags) if len(tag) > LONGEST_TAG]
    if long:
        msg = f"expected tags of at most {LONGEST_TAG} characters, but {long[0]!r} has {len(long[0])}"
        raise ValueError(msg)


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
