"""One hierarchy of names: a namespace such as ``/abc_corp/claim`` selects all models in it and below."""

from __future__ import annotations

from pathlib import Path

import yaml

from daywatch.config.loading.load import load_model, model_files
from daywatch.config.loading.mistakes import nearest
from daywatch.errors import ConfigurationError, Problem


def levels(namespace: str) -> tuple[str, ...]:
    """Return a namespace and all above it, the widest first: ``/abc_corp``, ``/abc_corp/claim``."""
    parts = namespace.strip("/").split("/")
    return tuple("/" + "/".join(parts[: n + 1]) for n in range(len(parts)))


def is_within(namespace: str, parent: str) -> bool:
    """Return whether a namespace is another one or lies below it; ``/`` holds all."""
    return parent.rstrip("/") in ("", *levels(namespace))


def files_within(folder: Path, parent: str) -> list[Path]:
    """Return the models' files whose namespace is ``parent`` or lies below it, by name.

    A file with mistakes counts where it still says its namespace, and where nobody can tell.

    Raises:
        ConfigurationError: There is none.
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
    """Return the names of all models in a namespace and below it; their files may have mistakes.

    Raises:
        ConfigurationError: There is none.
    """
    return tuple(path.stem for path in files_within(folder, parent))


def _namespace_of(path: Path) -> str:
    """Return the namespace that a file says, empty where it cannot be told."""
    try:
        return load_model(path).namespace
    except ConfigurationError:
        return _said_among_mistakes(path)


def _said_among_mistakes(path: Path) -> str:
    """Return the namespace of a file that cannot be used as it is; its mistakes are told by who loads it."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError):
        return ""
    said = data.get("namespace") if isinstance(data, dict) else None
    return said if isinstance(said, str) and said.startswith("/") else ""
