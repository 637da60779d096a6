"""Read the models' YAML files; all errors of a file at once, with file, line and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from daywatch.config.base import Place, PlacedError, dotted, nearest
from daywatch.config.loading.calendars import calendar_files, with_calendars
from daywatch.config.loading.checks import cross_checks
from daywatch.config.loading.messages import sentence
from daywatch.config.loading.stand_ins import with_stand_ins
from daywatch.config.loading.texts import text_errors
from daywatch.config.loading.yaml_files.defaults import DEFAULTS, default_files, merged_with_defaults
from daywatch.config.loading.yaml_files.parse import data_of, flattened, located, parse_yaml
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError, Problem


def load_model(path: Path) -> MonitoredModel:
    """Read one model's configuration, with what it shares; a file is read once in a process until it changes.

    Args:
        path: ``include/models/<model>.yaml``; ``_defaults.yaml`` in its folder, and in the folders of its namespace,
            have what it shares with others.

    Raises:
        ConfigurationError: All errors of the file.
    """
    _, shared = _files_of(path)
    used = (*shared, *calendar_files(path.parent))
    return _load(path, _state(path), tuple((file, _state(file)) for file in used))


def _state(path: Path) -> tuple[int, int]:
    """Return time and size of a file, which change when it does.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        problem = Problem(shown_path(path), 0, "", f"this file cannot be read: {error.strerror}")
        raise ConfigurationError((problem,)) from None
    return status.st_mtime_ns, status.st_size


def _files_of(path: Path) -> tuple[yaml.Node, list[Path]]:
    """Return the root of a model's own file, and the files with what it shares, as far as they exist."""
    data, root = _parsed(path, *_state(path))
    namespace = data.get("namespace") if isinstance(data, dict) else None
    return root, default_files(path.parent, namespace if isinstance(namespace, str) else "")


@lru_cache(maxsize=4096)
def _parsed(path: Path, _changed_ns: int, _size: int) -> tuple[Any, yaml.Node]:
    return parse_yaml(path, shown_path(path))


@lru_cache(maxsize=4096)
def _load(
    path: Path, _own: tuple[int, int], _shared: tuple[tuple[Path, tuple[int, int]], ...]
) -> MonitoredModel:
    """Read a model. The cache holds until a file changes, because several DAG files load the same models."""
    name, root = shown_path(path), merged_root(path)
    data = data_of(root) if isinstance(root, yaml.MappingNode) else None
    if not isinstance(data, dict):
        raise ConfigurationError(
            (Problem(name, 1, "", "expected a mapping of keys such as 'model: flights'"),)
        )
    return _checked(data, root, name, path)


def merged_root(path: Path) -> yaml.Node:
    """Return the YAML nodes of a model's file with what it shares merged in; each node knows its file and line.

    Args:
        path: The model's file.

    Raises:
        ConfigurationError: One of the files is no valid YAML.
    """
    root, shared = _files_of(path)
    return _merged(root, shared)


def _merged(root: yaml.Node, shared: list[Path]) -> yaml.Node:
    return merged_with_defaults(root, shared, [shown_path(file) for file in shared])


def _checked(data: dict[str, Any], root: yaml.Node, name: str, path: Path) -> MonitoredModel:
    """Return the model of a file's content.

    Args:
        data: The content.
        root: The YAML nodes that know the lines of what may be wrong.
        name: The file's name in errors.
        path: The model's own file.

    Raises:
        ConfigurationError: All errors of the content.
    """
    stem = path.stem
    of_calendars = _placed(with_calendars(data, path.parent), root, name)
    try:
        model = MonitoredModel.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = [_problem(one, root, name) for one in details if not _follows(one, details)]
        problems += of_calendars
        if found := with_stand_ins(data, [one["loc"] for one in details]):
            problems += _placed(cross_checks(found[0], stem, frozenset(found[1])), root, name)
    else:
        problems = [*of_calendars, *_placed(cross_checks(model, stem), root, name)]
    known = {problem.where for problem in problems}
    problems += [one for one in _placed(text_errors(data), root, name) if one.where not in known]
    if problems:
        raise ConfigurationError(_in_file_order(problems))
    return model


def model_with_plan(name: str, folder: Path, path: Path) -> MonitoredModel:
    """Return a model's configuration with the plan of another file.

    Args:
        name: The name of the model.
        folder: The folder of the models' YAML files.
        path: A YAML file with the section ``plan``; what else stands in it is not read.

    Raises:
        ConfigurationError: The model's own file has errors, or the plan, also compared with the rest of the model.
    """
    find_model(name, folder)
    own, shared = _files_of(folder / f"{name}.yaml")
    shown = shown_path(path)
    data, root = parse_yaml(path, shown)
    if not isinstance(data, dict) or "plan" not in data:
        message = (
            "expected a YAML file with the section 'plan', such as the model's own file with other rules"
        )
        raise ConfigurationError((Problem(shown, 1, "", message),))
    pairs = [pair for pair in flattened(own).value if pair[0].value != "plan"]
    pairs += [pair for pair in flattened(root).value if pair[0].value == "plan"]
    whole = _merged(yaml.MappingNode(own.tag, pairs, own.start_mark, own.end_mark), shared)
    return _checked(data_of(whole), whole, shown, folder / f"{name}.yaml")


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
    """Return the YAML files of a folder, sorted by name.

    Raises:
        ConfigurationError: There is no such folder, or no model in it.
    """
    name = shown_path(folder)
    if not folder.is_dir():
        message = (
            "there is no such folder, expected the folder of the models' YAML files: see DAYWATCH_MODELS"
        )
        raise ConfigurationError((Problem(name, 0, "", message),))
    files = sorted(file for file in folder.glob("*.yaml") if file.name != DEFAULTS)
    if not files:
        message = "there is no model here, expected at least one .yaml file"
        raise ConfigurationError((Problem(name, 0, "", message),))
    return files


def problem_at(path: Path, where: Place, message: str) -> Problem:
    """Return an error of a model's file with its line.

    Args:
        path: The file, which is valid YAML.
        where: The place of the wrong value.
        message: What is wrong, what was expected, what to do.
    """
    return Problem(*located(merged_root(path), where, shown_path(path)), dotted(where), message)


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
        message = f"there is no model {name!r}{nearest(name, names)}; models here: {', '.join(names)}"
        raise ConfigurationError((Problem(shown_path(path), 0, "", message),))
    return load_model(path)


def _placed(errors: Iterable[PlacedError], root: yaml.Node, name: str) -> list[Problem]:
    """Return errors with their lines."""
    return [Problem(*located(root, where, name), dotted(where), message) for where, message in errors]


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
    message = sentence(detail, str(where[-1]) if where else "", section)
    if detail["type"] == "union_tag_invalid":
        where = (*where, "source")
    return Problem(*located(root, where, name), dotted(where), message)


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


def _in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.where)))


def shown_path(path: Path) -> str:
    """Return a path as errors name it: relative to the working folder, or as it is where it is outside of it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
