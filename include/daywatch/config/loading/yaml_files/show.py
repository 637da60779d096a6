"""A model's merged YAML as text, with the file and line that each value comes from."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

_WIDTH = 1 << 20
_COLUMN = 60
"""Where comments begin, unless a line is longer."""


def annotated(root: yaml.Node) -> str:
    """Return a YAML text that says the same as a tree of nodes, each value with a comment ``file:line``.

    Args:
        root: The root of a model's file, or of several merged.
    """
    return "".join(f"{line}\n" for line in _lines(root, 0))


def _lines(node: yaml.Node, depth: int) -> Iterator[str]:
    margin = "  " * depth
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _entry(f"{margin}{_text(key)}:", value, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            first, *others = _entry(f"{margin}-", value, depth + 1)
            if first == f"{margin}-":  # the first line of what is inside begins behind the dash
                first, *others = others
                first = f"{margin}- {first.lstrip()}"
            yield from (first, *others)


def _entry(start: str, value: yaml.Node, depth: int) -> Iterator[str]:
    if isinstance(value, yaml.CollectionNode) and value.value and not _is_short(value):
        yield start
        yield from _lines(value, depth)
    else:
        mark = value.start_mark
        yield f"{start} {_text(value)}".ljust(_COLUMN) + f" # {mark.name}:{mark.line + 1}"


def _is_short(node: yaml.CollectionNode) -> bool:
    """Return whether a list or mapping has plain values alone, and all from one line, as people write it."""
    is_mapping = isinstance(node, yaml.MappingNode)
    parts = [one for pair in node.value for one in pair] if is_mapping else node.value
    plain = all(isinstance(one, yaml.ScalarNode) for one in parts)
    lines = {(one.start_mark.name, one.start_mark.line) for one in parts}
    return plain and len(lines) == 1 and bool(node.flow_style)


def _text(node: yaml.Node) -> str:
    """Return a value on one line."""
    if isinstance(node, yaml.ScalarNode):
        style = '"' if "\n" in node.value or node.style in ("|", ">") else node.style
        node = yaml.ScalarNode(node.tag, node.value, style=style)
    text = yaml.serialize(node, Dumper=yaml.SafeDumper, width=_WIDTH, allow_unicode=True)
    return str(text).removesuffix("...\n").strip()
