"""What models share: ``_defaults.yaml``, one at each level of the namespace, below a model's own file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

from daywatch.config.loading.yaml_files.parse import flattened, parse_yaml
from daywatch.errors import ConfigurationError, Problem

DEFAULTS = "_defaults.yaml"
"""The name of these files: in the folder of the models, and in the folder of each level of a namespace below it."""

OWN_KEYS = ("model", "namespace")
"""What only a model's own file says: the namespace decides which other files count."""


def default_files(folder: Path, namespace: str) -> list[Path]:
    """Return the files with what a model shares, the widest first.

    Args:
        folder: The folder of the models' YAML files.
        namespace: The model's namespace, such as ``/abc_corp/claim``; empty where it is not known.
    """
    levels = [folder]
    for part in namespace.strip("/").split("/"):
        if not part or part in (".", "..") or "\0" in part:
            break
        levels.append(levels[-1] / part)
    return [file for level in levels if (file := level / DEFAULTS).is_file()]


def all_default_files(folder: Path) -> list[Path]:
    """Return every such file in and below a folder, sorted."""
    return sorted(folder.rglob(DEFAULTS))


def merged_with_defaults(root: yaml.Node, files: list[Path], names: list[str]) -> yaml.Node:
    """Return the root of a model's file with what it shares merged in.

    Args:
        root: The root of the model's own file.
        files: The files with what it shares, the widest first.
        names: The names of these files in errors.

    Raises:
        ConfigurationError: One of these files is wrong by itself.
    """
    merged: yaml.Node | None = None
    for file, name in zip(files, names, strict=True):
        status = file.stat()
        shared = _read(file, name, status.st_mtime_ns, status.st_size)
        merged = shared if merged is None else merged_nodes(merged, shared)
    return root if merged is None else merged_nodes(merged, root)


@lru_cache(maxsize=256)
def _read(path: Path, name: str, _changed_ns: int, _size: int) -> yaml.Node:
    """Read a file; hundreds of models share it, so it is read once until it changes."""
    data, root = parse_yaml(path, name)
    if data is None:
        return yaml.MappingNode("tag:yaml.org,2002:map", [])
    if not isinstance(root, yaml.MappingNode):
        message = "expected a mapping of keys that models share, such as 'owner: claims-team'"
        raise ConfigurationError((Problem(name, 1, "", message),))
    problems = tuple(_own(root, name))
    if problems:
        raise ConfigurationError(problems)
    return root


def _own(root: yaml.MappingNode, name: str) -> Iterator[Problem]:
    for key, _ in root.value:
        if key.value in OWN_KEYS:
            message = f"{key.value!r} is no default: it belongs to each model's own file"
            yield Problem(name, key.start_mark.line + 1, key.value, message)


def merged_nodes(below: yaml.Node, above: yaml.Node) -> yaml.Node:
    """Return two nodes as one; neither is changed.

    Mappings are merged key by key. Everything else, lists as well, replaces what is below it; so does a section
    with another ``source``, because its keys are others.

    Args:
        below: The node of the wider file.
        above: The node of the narrower file, which counts where both have a value.
    """
    if not (isinstance(below, yaml.MappingNode) and isinstance(above, yaml.MappingNode)):
        return above
    wide, own = _pairs(below), _pairs(above)
    if "source" in wide and "source" in own and wide["source"][1].value != own["source"][1].value:
        return above
    merged = {
        name: (key, merged_nodes(wide[name][1], value) if name in wide else value)
        for name, (key, value) in own.items()
    }
    merged |= {name: pair for name, pair in wide.items() if name not in own}
    return yaml.MappingNode(above.tag, list(merged.values()), above.start_mark, above.end_mark)


def _pairs(node: yaml.MappingNode) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Return the keys and values of a mapping by key, those behind merge keys included."""
    return {str(key.value): (key, value) for key, value in flattened(node).value}
