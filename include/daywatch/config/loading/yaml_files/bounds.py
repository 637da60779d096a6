"""Bounds on a YAML file: what is beyond them would hang or end every process that reads the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

MOST_BYTES = 1024 * 1024
"""Bytes of a file."""

MOST_LEVELS = 30
"""Levels of lists and mappings inside each other; libyaml's composer recurses in C and overflows the stack."""

MOST_VALUES = 100_000
"""Keys and values of a file, those behind aliases and merge keys counted each time they are used."""

LONGEST_NUMBER = 100
"""Characters of a number; Python needs the square of the time for ``1:1:1:...``."""


class BoundError(yaml.MarkedYAMLError):
    """A file is beyond a bound."""


@dataclass
class _Open:
    """A list or mapping that has begun: its anchor, and how much is inside it."""

    anchor: str | None
    values: int = 1
    levels: int = 1


@dataclass
class _Extent:
    """How much of a file has been read.

    Attributes:
        opened: The lists and mappings around the present place, the outermost first.
        anchors: Values and levels behind each anchor.
        values: Values so far, with those behind aliases.
    """

    opened: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[int, int]] = field(default_factory=dict)
    values: int = 0

    def add(self, values: int, levels: int, mark: Any) -> None:
        """Count values at the present place, which are so many levels deep themselves."""
        self.values += values
        if self.values > MOST_VALUES:
            msg = f"expected at most {MOST_VALUES} values in a file, those behind aliases (*) included"
            raise BoundError(problem=msg, problem_mark=mark)
        if len(self.opened) + levels > MOST_LEVELS:
            msg = f"expected at most {MOST_LEVELS} lists and mappings inside each other"
            raise BoundError(problem=msg, problem_mark=mark)
        if self.opened:
            self.opened[-1].values += values
            self.opened[-1].levels = max(self.opened[-1].levels, levels + 1)

    def end(self) -> None:
        """Close the innermost list or mapping: what is inside it also counts for the one around it."""
        ended = self.opened.pop()
        if ended.anchor is not None:
            self.anchors[ended.anchor] = (ended.values, ended.levels)
        if self.opened:
            self.opened[-1].values += ended.values - 1  # it was counted itself when it began
            self.opened[-1].levels = max(self.opened[-1].levels, ended.levels + 1)


def check_bounds(text: str) -> None:
    """Check a YAML text event by event, before anything is built of it.

    Raises:
        BoundError: The text is beyond a bound.
        yaml.YAMLError: The text is not valid YAML.
    """
    extent = _Extent()
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        mark: Any = event.start_mark
        if isinstance(event, yaml.CollectionStartEvent):
            extent.add(1, 1, mark)
            extent.opened.append(_Open(event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            extent.end()
        elif isinstance(event, yaml.ScalarEvent):
            extent.add(1, 0, mark)
            if event.anchor is not None:
                extent.anchors[event.anchor] = (1, 0)
        elif isinstance(event, yaml.AliasEvent):
            if any(one.anchor == event.anchor for one in extent.opened):
                msg = f"the alias *{event.anchor} stands inside of what it repeats"
                raise BoundError(problem=msg, problem_mark=mark)
            # An alias of nothing is an error of the composer.
            extent.add(*extent.anchors.get(event.anchor or "", (1, 0)), mark)
