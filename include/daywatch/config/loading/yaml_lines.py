"""Parse YAML to plain data, and find the line of each part of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from daywatch.config.base import Place
from daywatch.errors import ConfigurationError, Problem


def parse_yaml(path: Path, name: str) -> tuple[Any, yaml.Node]:
    """Parse a YAML file.

    Args:
        path: The file.
        name: The name of the file in errors.

    Returns:
        The plain data, and the root of the YAML nodes, which know their lines.

    Raises:
        ConfigurationError: The file is not valid YAML, or a key comes twice.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        if root is None:
            return None, yaml.ScalarNode("", "")
        doubled = [
            Problem(
                name, key.start_mark.line + 1, "", f"the key {key.value!r} comes twice here; keep one of them"
            )
            for key in _doubled_keys(root)
        ]
        if doubled:
            raise ConfigurationError(tuple(doubled))
        return _Values().construct_document(root), root
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"this is not valid YAML: {error.problem or error.context}"
        raise ConfigurationError((Problem(name, mark.line + 1 if mark else 0, "", message),)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        text = " ".join(str(error).split())
        raise ConfigurationError((Problem(name, 0, "", f"this is not valid YAML: {text}"),)) from None


def line_of(root: yaml.Node, where: Place) -> int:
    """Return the line, from 1, of the deepest part of a place that is in the file."""
    line, node = 1, root
    for part in where:
        inner = _inside(node, part)
        if inner is None:
            break
        line, node = inner
    return line


class _Values(yaml.constructor.SafeConstructor):
    """Constructs plain values only; an invalid one, such as the 30th of February, is an error with a line."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error


def _doubled_keys(root: yaml.Node) -> Iterator[yaml.Node]:
    """Yield the second and later nodes of each key; YAML parsers keep only the last silently."""
    visited: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in visited or not isinstance(node, yaml.CollectionNode):
            continue
        visited.add(id(node))  # an alias may lead back to itself
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
            continue
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            waiting.append(value)


def _inside(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    """Return line and node of a key or a list position, None where there is none."""
    if isinstance(node, yaml.MappingNode):
        return next(
            ((key.start_mark.line + 1, value) for key, value in node.value if key.value == str(part)), None
        )
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None
