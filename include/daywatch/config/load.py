"""Read the models' YAML files; every mistake of a file at once, with file, line and what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from daywatch.config.checks import cross_checks, nearest
from daywatch.config.model import MonitoredModel
from daywatch.errors import ConfigurationError, Problem


def load_model(path: Path) -> MonitoredModel:
    """Read one model's configuration.

    Args:
        path: ``include/models/<model>.yaml``.

    Raises:
        ConfigurationError: With all mistakes of the file.
    """
    name = _shown(path)
    tree = _parse(path, name)
    if not isinstance(tree, Mapping):
        raise ConfigurationError((Problem(name, 1, "", "expected a mapping of keys such as 'model: flights'"),))
    try:
        model = MonitoredModel.model_validate(tree)
    except ValidationError as error:
        problems = [_problem(detail, tree, name) for detail in error.errors(include_url=False)]
        raise ConfigurationError(_in_file_order(problems)) from None
    mistakes = cross_checks(model, path.stem)
    problems = [Problem(name, _line(tree, where), _dotted(where), message) for where, message in mistakes]
    if problems:
        raise ConfigurationError(_in_file_order(problems))
    return model


def load_models(folder: Path) -> tuple[MonitoredModel, ...]:
    """Read all models of a folder, by file name.

    Raises:
        ConfigurationError: With all mistakes of all files.
    """
    models: list[MonitoredModel] = []
    problems: list[Problem] = []
    for path in model_files(folder):
        try:
            models.append(load_model(path))
        except ConfigurationError as error:
            problems += error.problems
    if problems:
        raise ConfigurationError(tuple(problems))
    return tuple(models)


def model_files(folder: Path) -> list[Path]:
    """Return the YAML files of a folder, by name."""
    return sorted(folder.glob("*.yaml"))


def find_model(name: str, folder: Path) -> MonitoredModel:
    """Read the configuration of one model by its name.

    Raises:
        ConfigurationError: There is no such file, or it has mistakes.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        names = [file.stem for file in model_files(folder)]
        message = f"there is no model {name!r}{nearest(name, names)}; models here: {', '.join(names) or 'none'}"
        raise ConfigurationError((Problem(_shown(path), 0, "", message),))
    return load_model(path)


def _parse(path: Path, name: str) -> Any:
    """Parse YAML with line numbers kept; a doubled key is a mistake."""
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        text = re.sub(r"\s+", " ", str(error.problem or error.context or "cannot be parsed")).strip()
        message = f"this is not valid YAML: {text}"
        raise ConfigurationError((Problem(name, mark.line + 1 if mark else 0, "", message),)) from None
    except (YAMLError, UnicodeDecodeError) as error:
        text = re.sub(r"\s+", " ", str(error)).strip()
        raise ConfigurationError((Problem(name, 0, "", f"this is not valid YAML: {text}"),)) from None


def _problem(detail: Any, tree: Any, name: str) -> Problem:
    """Turn one of pydantic's errors into a sentence with its line."""
    where = tuple(part for part in detail["loc"] if not str(part).startswith("function-"))
    message = detail["msg"]
    if detail["type"] == "extra_forbidden":
        keys = list(_model_at(where[:-1]).model_fields)
        message = f"unknown key{nearest(str(where[-1]), keys)}; accepted here: {', '.join(keys)}"
    elif detail["type"] in ("enum", "literal_error"):
        accepted = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
        given = str(detail["input"])
        message = f"expected one of {', '.join(accepted)} but received {given!r}{nearest(given, accepted)}"
    elif detail["type"] == "missing":
        message = "this key is required but missing"
    elif detail["type"] == "value_error":
        message = str(detail["ctx"]["error"])
    else:
        message = f"{message[0].lower()}{message[1:]}, but received {detail['input']!r:.120}"
    return Problem(name, _line(tree, where), _dotted(where), message)


def _line(tree: Any, where: tuple[str | int, ...]) -> int:
    """Return the 1-based line of the deepest part of a path that stands in the file."""
    line = 0
    for part in where:
        if not hasattr(tree, "lc") or not isinstance(tree, Mapping | list):
            break
        if isinstance(tree, Mapping):
            if part not in tree:
                break
            line = tree.lc.key(part)[0] + 1
        else:
            if not isinstance(part, int) or part >= len(tree):
                break
            line = tree.lc.item(part)[0] + 1
        tree = tree[part]
    return line or 1


def _model_at(where: tuple[str | int, ...]) -> type[BaseModel]:
    """Return the pydantic model whose keys stand at a path."""
    at: type[BaseModel] = MonitoredModel
    for part in where:
        if isinstance(part, str) and part in at.model_fields:
            at = _inner(at.model_fields[part].annotation) or at
    return at


def _inner(annotation: Any) -> type[BaseModel] | None:
    """Return the pydantic model inside ``X | None`` or ``tuple[X, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        if found := _inner(argument):
            return found
    return None


def _dotted(where: tuple[str | int, ...]) -> str:
    """Return ``plan.rules[0].metric`` for a path."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.lstrip(".")


def _in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.where)))


def _shown(path: Path) -> str:
    """Return the path as people know it: relative to the working folder where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
