"""Parse YAML to plain data, and find the line of each part of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from daywatch.config.base import Place
from daywatch.config.loading.yaml_files.bounds import LONGEST_NUMBER, MOST_BYTES, BoundError, check_bounds
from daywatch.errors import ConfigurationError, Problem


def parse_yaml(path: Path, name: str) -> tuple[Any, yaml.Node]:
    """Parse a YAML file.

    Args:
        path: The file.
        name: The name of the file in errors.

    Returns:
        The plain data, and the root of the YAML nodes, which know their lines.

    Raises:
        ConfigurationError: The file cannot be read, is too large or not valid YAML, or a key comes twice.
    """
    try:
        text = _read(path)
        check_bounds(text)
        root = yaml.compose(_NamedText(text, name), Loader=yaml.CSafeLoader)
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
        return data_of(root), root
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"{error.problem or error.context}"
        if not isinstance(error, BoundError):
            message = f"this is not valid YAML: {message}"
        raise ConfigurationError((Problem(name, mark.line + 1 if mark else 0, "", message),)) from None
    except UnicodeDecodeError as error:
        message = f"expected UTF-8, but byte {error.start} is not: save the file as UTF-8"
        raise ConfigurationError((Problem(name, 0, "", message),)) from None
    except yaml.YAMLError as error:
        message = f"this is not valid YAML: {' '.join(str(error).split())}"
        raise ConfigurationError((Problem(name, 0, "", message),)) from None
    except OSError as error:
        message = f"this file cannot be read: {error.strerror}"
        raise ConfigurationError((Problem(name, 0, "", message),)) from None


class _NamedText(io.StringIO):
    """A text whose nodes know the name of its file."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name


def data_of(root: yaml.Node) -> Any:
    """Return the plain data of YAML nodes."""
    return _Values().construct_document(root)


def flattened(node: yaml.Node) -> yaml.MappingNode:
    """Return a mapping with the keys that its merge keys (``<<``) stand for; the node is not changed."""
    copied = yaml.MappingNode(node.tag, list(node.value), node.start_mark, node.end_mark)
    _Values().flatten_mapping(copied)
    return copied


def _read(path: Path) -> str:
    """Return the text of a file.

    Raises:
        OSError: It cannot be read.
        UnicodeDecodeError: It is not UTF-8.
        BoundError: It is too large, or no file.
    """
    if not path.is_file():  # opening a named pipe would wait for ever
        raise BoundError(problem="expected a file that exists")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BoundError(problem=f"expected at most {MOST_BYTES} bytes in a file")
    return content.decode("utf-8-sig")


def located(root: yaml.Node, where: Place, name: str) -> tuple[str, int]:
    """Return the file and the line, from 1, of the deepest part of a place that is in the YAML.

    Args:
        root: The root of a file, or of several merged.
        where: The place.
        name: The name of the file where no part of the place is in any.
    """
    file, line, node = name, 1, root
    for part in where:
        inner = _inside(node, part)
        if inner is None:
            break
        mark, node = inner
        file, line = mark.name, mark.line + 1
    return file, line


_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class _Values(yaml.constructor.SafeConstructor):
    """Constructs plain values only; an invalid one, such as the 30th of February, is an error with a line.

    A key is the text that stands there: YAML 1.1 takes ``yes``, ``no`` and ``on`` for truth values, and a label
    that is mapped to a class may be spelled so.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = "tag:yaml.org,2002:str"

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag in _NUMBERS and len(node.value) > LONGEST_NUMBER:
            msg = f"expected a number of at most {LONGEST_NUMBER} characters"
            raise BoundError(problem=msg, problem_mark=node.start_mark)
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, OverflowError) as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error
        except (AttributeError, KeyError) as error:  # a tag such as !!bool before a text
            msg = f"{node.value!s:.40} does not fit its tag {node.tag}"
            raise yaml.constructor.ConstructorError(None, None, msg, node.start_mark) from error


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


def _inside(node: yaml.Node, part: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    """Return mark and node of a key or a list position, None where there is none."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark, node.value[part]
    return None
