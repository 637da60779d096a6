"""The contract of a trainer: a function of the project that trains a version of a model."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.abc import SourceLoader
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.config.base import nearest
from daywatch.config.loading.load import problem_at
from daywatch.errors import ConfigurationError, SetupError

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

_PLACE = ("retraining", "trainer")


@dataclass(frozen=True)
class TrainingRequest:
    """What a trainer receives.

    Attributes:
        model: Configuration of the model.
        training: Canonical Parquet to train on: labelled inferences, by time.
        held_back: Canonical Parquet of the rows to answer, of the last windows; without labels.
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
        answers: Parquet in that folder with the new model's answer for each row of ``held_back``, in the same
            order: ``prediction``, and as far as the model gives them ``probability`` and ``probabilities``.
    """

    artifact: Path
    description: str
    answers: Path


Trainer = Callable[[TrainingRequest], TrainedModel]


def load_trainer(model: MonitoredModel, path: Path) -> Trainer:
    """Import the model's trainer.

    Args:
        model: Its configuration.
        path: Its file, for errors.

    Raises:
        SetupError: The model has none.
        ConfigurationError: There is no such function, or its module cannot be imported.
    """
    if model.retraining is None:
        msg = f"The model {model.model!r} has no trainer: add 'retraining' to {path}."
        raise SetupError(msg)
    check_trainer(model, path)
    module, _, name = model.retraining.trainer.partition(":")
    try:
        trainer: Trainer = getattr(importlib.import_module(module), name)
    except Exception as error:
        message = f"the module {module!r} cannot be imported, {type(error).__name__}: {error}"
        raise ConfigurationError((problem_at(path, _PLACE, message),)) from error
    return trainer


def check_trainer(model: MonitoredModel, path: Path) -> None:
    """Check that the model's trainer exists, without the cost of its import.

    Args:
        model: Its configuration.
        path: Its file, for errors.

    Raises:
        ConfigurationError: There is no such module, or no such function in it.
    """
    if model.retraining is None:
        return
    module, _, name = model.retraining.trainer.partition(":")
    try:
        problem = _missing(module, name)
    except Exception as error:
        problem = f"the module {module!r} cannot be found, {type(error).__name__}: {error}"
    if problem:
        raise ConfigurationError((problem_at(path, _PLACE, problem),))


@lru_cache(maxsize=256)
def _missing(module: str, name: str) -> str:
    """Return what is missing of a function, by the text of its module; empty if nothing is."""
    spec = importlib.util.find_spec(module)
    if spec is None:
        return f"there is no module {module!r} on the Python path"
    if not isinstance(spec.loader, SourceLoader):
        return ""
    names, complete = _names(ast.parse(spec.loader.get_source(module) or ""))
    if name in names or not complete:
        return ""
    return f"the module {module!r} has no function {name!r}{nearest(name, names)}"


def _names(tree: ast.Module) -> tuple[set[str], bool]:
    """Return the names that a module's text defines anywhere, and whether these are all that it has."""
    names: set[str] = set()
    complete = True
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
            complete = complete and node.name != "*"
    return names, complete and "__getattr__" not in names
