"""Where values stand in payloads: positions in CSV, names in its header, paths in JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from daywatch.engine.duck import text

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

Place = tuple[str, int | str | None]
"""Name of a wanted value and where it stands, None for the default."""

VECTOR = "probabilities"

_FIRST_KEY = re.compile(r'^\$\.(?:"((?:[^"\\]|\\.)*)"|([^.\[]+))')


def feature_places(model: MonitoredModel) -> list[Place]:
    """Return where the features stand in a request."""
    return [(one.name, one.at) for one in model.features]


def answer_places(model: MonitoredModel) -> list[Place]:
    """Return where the answers stand in a response, values to skip included."""
    told = dict[str, int | str](model.output.at.items())
    return [(name, told.get(name)) for name in model.output.response]


def answer_width(model: MonitoredModel) -> int:
    """Return how many values a response of CSV has; a probability of each class is a value."""
    spread = len(model.output.classes) - 1 if VECTOR in model.output.response else 0
    positions = [at + 1 for name, at in answer_places(model) if isinstance(at, int)]
    return max([len(model.output.response), *positions]) + spread


def wanted_columns(model: MonitoredModel) -> list[str]:
    """Return the columns of a table that hold the wanted values; a path names its column first."""
    names = []
    for name, at in (*feature_places(model), *answer_places(model)):
        first = _FIRST_KEY.match(at) if isinstance(at, str) else None
        names.append((first[1] or first[2]) if first else name)
    return names


def json_path(name: str) -> str:
    """Return the path of a key of any name."""
    return '$."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def by_path(document: str, places: list[Place]) -> str:
    """Return SQL for the wanted values of a JSON document: by path where told, else by name."""
    values = []
    for name, at in places:
        path = f"$[{at}]" if isinstance(at, int) else at or json_path(name)
        values.append(text(path))
    if not any("*" in value for value in values):
        return f"json_extract_string({document}, [{', '.join(values)}])"
    # DuckDB takes a star within a quoted key of a list of paths for a wildcard.
    return "[" + ", ".join(f"json_extract_string({document}, {value})" for value in values) + "]"


def by_position(row: str, places: list[Place], classes: int) -> str:
    """Return SQL for the wanted values of a row of texts: by position where told, else in order.

    Without positions a row has to hold exactly the wanted values; with them it may hold more, and is NULL
    where it is too short. A vector stands in one value, ``[0.1, 0.9]``, or in one of each class.

    Args:
        row: SQL for a list of texts.
        places: What is wanted.
        classes: How many numbers a vector has.
    """
    names = [name for name, _ in places]
    if not any(isinstance(at, int) for _, at in places):
        if VECTOR not in names:
            return row
        at = names.index(VECTOR)
        full = len(names) - 1 + classes
        before, after = f"{row}[1:{at}]", f"{row}[{at + classes + 1}:]"
        return (
            f"CASE WHEN len({row}) = {full} AND {full} > {len(names)} "
            f"THEN list_concat(list_append({before}, {_vector(row, at, classes)}), {after}) ELSE {row} END"
        )
    positions = [at if isinstance(at, int) else n for n, (_, at) in enumerate(places)]
    values = [
        f"CASE WHEN ltrim({row}[{at + 1}])[1] = '[' THEN {row}[{at + 1}] ELSE {_vector(row, at, classes)} END"
        if name == VECTOR
        else f"{row}[{at + 1}]"
        for name, at in zip(names, positions, strict=True)
    ]
    return f"CASE WHEN len({row}) > {max(positions)} THEN [{', '.join(values)}] END"


def by_header(places: list[Place], header: str) -> str:
    """Return SQL for the positions of the wanted values, from 1, NULL for what a header does not name."""
    values = [
        str(at + 1) if isinstance(at, int) else f"list_position({header}, {text(name)})"
        for name, at in places
    ]
    return "[" + ", ".join(values) + "]"


def _vector(row: str, at: int, classes: int) -> str:
    return f"'[' || array_to_string({row}[{at + 1}:{at + classes}], ',') || ']'"
