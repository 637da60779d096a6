"""Read the models' YAML files; all errors of a file at once, with file, line and what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from daywatch.config.base import Place, nearest
from daywatch.config.loading.checks import cross_checks
from daywatch.config.loading.yaml_lines import line_of, parse_yaml
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError, Problem


def load_model(path: Path) -> MonitoredModel:
    """Read one model's configuration; a file is read once in a process until it changes.

    Args:
        path: ``include/models/<model>.yaml``.

    Raises:
        ConfigurationError: All errors of the file.
    """
    status = path.stat()
    return _load(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4096)
def _load(path: Path, _changed_ns: int, _size: int) -> MonitoredModel:
    """Read a file. The cache holds until its time or size changes, because several DAG files load the same models."""
    name = _shown(path)
    data, root = parse_yaml(path, name)
    if not isinstance(data, dict):
        raise ConfigurationError(
            (Problem(name, 1, "", "expected a mapping of keys such as 'model: flights'"),)
        )
    try:
        model = MonitoredModel.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = [_problem(one, root, name) for one in details if not _follows(one, details)]
        raise ConfigurationError(_in_file_order(problems)) from None
    errors = cross_checks(model, path.stem)
    problems = [Problem(name, line_of(root, where), _dotted(where), message) for where, message in errors]
    if problems:
        raise ConfigurationError(_in_file_order(problems))
    return model


def load_models(folder: Path) -> tuple[MonitoredModel, ...]:
    """Read all models of a folder, in the order of their file names.

    Raises:
        ConfigurationError: All errors of all files.
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
    """Return the YAML files of a folder, sorted by name."""
    return sorted(folder.glob("*.yaml"))


def find_model(name: str, folder: Path) -> MonitoredModel:
    """Read the configuration of one model.

    Args:
        name: The name of the model.
        folder: The folder of the YAML files.

    Raises:
        ConfigurationError: There is no such file, or it has errors.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        names = [file.stem for file in model_files(folder)]
        message = (
            f"there is no model {name!r}{nearest(name, names)}; models here: {', '.join(names) or 'none'}"
        )
        raise ConfigurationError((Problem(_shown(path), 0, "", message),))
    return load_model(path)


def _follows(detail: Any, details: list[Any]) -> bool:
    """Return whether an error only follows from another one: a list is too short when its items are wrong."""
    depth = len(detail["loc"])
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == detail["loc"] for other in details
    )


def _problem(detail: Any, root: yaml.Node, name: str) -> Problem:
    """Turn an error of pydantic into a sentence with its line."""
    loc = tuple(part for part in detail["loc"] if not str(part).startswith("function-"))
    where, section = _resolved(loc)
    message = detail["msg"]
    if detail["type"] == "extra_forbidden":
        keys = list(section.model_fields)
        message = f"unknown key{nearest(str(where[-1]), keys)}; accepted here: {', '.join(keys)}"
    elif detail["type"] in ("enum", "literal_error"):
        accepted = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
        given = str(detail["input"])
        message = f"expected one of {', '.join(accepted)} but received {given!r}{nearest(given, accepted)}"
    elif detail["type"] == "model_type":
        keys = list(section.model_fields)
        message = f"expected keys such as {', '.join(keys[:4])}, but received {detail['input']!r:.120}"
    elif detail["type"] == "union_tag_invalid":
        accepted = re.findall(r"'([^']*)'", str(detail["ctx"]["expected_tags"]))
        given, where = str(detail["ctx"]["tag"]), (*where, "source")
        message = f"expected one of {', '.join(accepted)} but received {given!r}{nearest(given, accepted)}"
    elif detail["type"] == "tuple_type":
        message = f"expected a list, but received {detail['input']!r:.120}"
    elif detail["type"] == "missing":
        message = "this key is required but missing"
    elif detail["type"] == "value_error":
        message = str(detail["ctx"]["error"])
    else:
        message = f"{message[0].lower()}{message[1:]}, but received {detail['input']!r:.120}"
    return Problem(name, line_of(root, where), _dotted(where), message)


def _resolved(loc: Place) -> tuple[Place, type[BaseModel]]:
    """Return the place of an error in the file, and the model of the section around it.

    Where a section has several shapes, pydantic adds the tag of the chosen shape to the path.
    """
    where: list[str | int] = []
    at: type[BaseModel] = MonitoredModel
    shapes: dict[str, type[BaseModel]] = {}
    for part in loc:
        if part in shapes:
            at, shapes = shapes[str(part)], {}
            continue
        where.append(part)
        if isinstance(part, str) and part in at.model_fields:
            found = _inner(at.model_fields[part].annotation)
            shapes = _by_source(found) if len(found) > 1 else {}
            at = found[0] if found else at
    return tuple(where), at


def _by_source(found: list[type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """Return the shapes of a section, by the value of ``source`` that selects each."""
    return {get_args(one.model_fields["source"].annotation)[0]: one for one in found}


def _inner(annotation: Any) -> list[type[BaseModel]]:
    """Return the pydantic models inside ``X | None``, ``tuple[X, ...]`` or ``X | Y``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _inner(argument)]


def _dotted(where: Place) -> str:
    """Return ``plan.rules[0].metric`` for a path."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.lstrip(".")


def _in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.where)))


def _shown(path: Path) -> str:
    """Return a path relative to the working folder, or as it is where it is outside of it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
