"""The DAGs of all models, made model by model: the error of one is no error of the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from airflow.sdk import DAG, get_parsing_context

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import load_model, model_files, shown_path
from daywatch.config.loading.namespaces import levels
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError, Problem
from daywatch.orchestration.execution import check_executor

BuildDag = Callable[[MonitoredModel], DAG | None]

LONGEST_TAG = 100
"""Characters of a tag in Airflow's database."""


def dags_of_models(kinds: Mapping[str, BuildDag]) -> dict[str, DAG]:
    """Return the DAGs of all models by their ids; in a task, only that of the task.

    A DAG that cannot be made is left out, so that one wrong file does not stop 499 good models.
    ``dags/configuration_errors.py`` raises the errors: Airflow stops all DAGs of a file with an import error.

    Args:
        kinds: What makes the DAG of one model, by the first part of its id; None for a model that has no such DAG.

    Raises:
        SetupError: A variable of the deployment cannot be used.
        ConfigurationError: In a task, its DAG cannot be made.
    """
    folder = read_settings(os.environ).models
    wanted = get_parsing_context().dag_id
    if wanted:
        return _dag_of_task(wanted, folder, kinds)
    made = (_made(path, kinds.values(), check_executor)[0] for path in _files(folder)[0])
    return {dag.dag_id: dag for dags in made for dag in dags}


def dag_errors(kinds: Mapping[str, BuildDag]) -> tuple[Problem, ...]:
    """Return why models have no DAGs, or not all of them: each error once, in the order of the files.

    Args:
        kinds: What makes the DAGs of one model.

    Raises:
        SetupError: A variable of the deployment cannot be used.
    """
    files, problems = _files(read_settings(os.environ).models)
    for path in files:
        problems += _made(path, kinds.values(), check_executor)[1]
    return tuple(dict.fromkeys(problems))


def _dag_of_task(dag_id: str, folder: Path, kinds: Mapping[str, BuildDag]) -> dict[str, DAG]:
    """Return the DAG of a task by its id; no other model's file is read.

    Raises:
        ConfigurationError: The DAG cannot be made.
    """
    kind, _, name = dag_id.partition("__")
    path = folder / f"{name}.yaml"
    if kind not in kinds or not path.is_file():
        return {}
    # A task's container may have another executor in its environment than the scheduler.
    dags, problems = _made(path, [kinds[kind]], lambda _model, _path: None)
    if problems:
        raise ConfigurationError(problems)
    return {dag.dag_id: dag for dag in dags}


def _files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Return the files of the models, and the error that there are none."""
    try:
        return model_files(folder), []
    except ConfigurationError as error:
        return [], list(error.problems)


def _made(
    path: Path, builds: Iterable[BuildDag], check: Callable[[MonitoredModel, Path], None]
) -> tuple[list[DAG], tuple[Problem, ...]]:
    """Return the DAGs of a file, which is read once, and why others cannot be made."""
    try:
        model = load_model(path)
        check(model, path)
    except ConfigurationError as error:
        return [], error.problems
    dags: list[DAG] = []
    problems: list[Problem] = []
    for build in builds:
        try:
            dag = build(model)
            if dag is not None:
                _check(dag)
                dags.append(dag)
        except ConfigurationError as error:
            problems += error.problems
        except Exception as error:
            message = f"the DAG of this model cannot be made, {type(error).__name__}: {error}"
            problems.append(Problem(shown_path(path), 0, "", message))
    return dags, tuple(problems)


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
