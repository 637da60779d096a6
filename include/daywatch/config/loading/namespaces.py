"""The hierarchy of namespaces: ``/abc_corp/claim`` selects all models in it and below it."""

from __future__ import annotations

from pathlib import Path

from daywatch.config.base import nearest
from daywatch.config.loading.load import load_model, model_files, shown_path
from daywatch.config.loading.yaml_files.defaults import all_default_files, default_files
from daywatch.config.loading.yaml_files.parse import parse_yaml
from daywatch.errors import ConfigurationError, Problem


def levels(namespace: str) -> tuple[str, ...]:
    """Return a namespace and all namespaces above it, the widest first: ``/abc_corp``, ``/abc_corp/claim``."""
    parts = namespace.strip("/").split("/")
    return tuple("/" + "/".join(parts[: n + 1]) for n in range(len(parts)))


def is_within(namespace: str, parent: str) -> bool:
    """Return whether a namespace equals ``parent`` or is below it; every namespace is below ``/``."""
    return parent.rstrip("/") in ("", *levels(namespace))


def files_within(folder: Path, parent: str) -> list[Path]:
    """Return the files of the models in a namespace and below it, sorted by name.

    A file with errors is included if its namespace fits, or cannot be read.

    Args:
        folder: The folder of the YAML files.
        parent: The namespace, such as ``/abc_corp``.

    Raises:
        ConfigurationError: There is no such model.
    """
    named = {path: _namespace_of(path) for path in model_files(folder)}
    found = [path for path, namespace in named.items() if not namespace or is_within(namespace, parent)]
    if not any(named[path] for path in found):
        known = sorted({level for namespace in named.values() if namespace for level in levels(namespace)})
        message = (
            f"there is no model in the namespace {parent!r} or below it{nearest(parent, known)}; "
            f"namespaces here: {', '.join(known) or 'none'}"
        )
        raise ConfigurationError((Problem(str(folder), 0, "", message),))
    return found


def models_within(folder: Path, parent: str) -> tuple[str, ...]:
    """Return the names of all models in a namespace and below it; their files may have errors.

    Args:
        folder: The folder of the YAML files.
        parent: The namespace, such as ``/abc_corp``.

    Raises:
        ConfigurationError: There is no such model.
    """
    return tuple(path.stem for path in files_within(folder, parent))


def _namespace_of(path: Path) -> str:
    """Return the namespace of a model's file, empty where it cannot be read."""
    try:
        return load_model(path).namespace
    except ConfigurationError:
        return _namespace_of_faulty(path)


def _namespace_of_faulty(path: Path) -> str:
    """Return the namespace of a file with errors; who loads the file reports them."""
    try:
        data, _ = parse_yaml(path, path.name)
    except ConfigurationError:
        return ""
    named = data.get("namespace") if isinstance(data, dict) else None
    return named if isinstance(named, str) and named.startswith("/") else ""


def unused_defaults(folder: Path) -> list[Problem]:
    """Return an error for each ``_defaults.yaml`` that no model shares, such as one in a misspelt folder.

    Args:
        folder: The folder of the models' YAML files.
    """
    names = {_namespace_of(path) for path in model_files(folder)}
    used = {file for name in names for file in default_files(folder, name)}
    known = sorted({level for name in names if name for level in levels(name)})
    problems = []
    for file in all_default_files(folder):
        if file not in used:
            namespace = f"/{file.parent.relative_to(folder).as_posix()}"
            message = (
                f"no model is in the namespace {namespace!r} or below it, so nothing has these defaults"
                f"{nearest(namespace, known)}; namespaces here: {', '.join(known) or 'none'}"
            )
            problems.append(Problem(shown_path(file), 0, "", message))
    return problems
