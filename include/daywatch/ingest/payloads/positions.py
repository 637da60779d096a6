"""Positions of values in payloads: numbers in CSV, names in its header, paths in JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from daywatch.engine.duck import text

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

ValuePosition = tuple[str, int | str | None]
"""Name of a wanted value, and its position: a number in CSV, a path in JSON, None for the default."""

VECTOR = "probabilities"

_FIRST_KEY = re.compile(r'^\$\.(?:"((?:[^"\\]|\\.)*)"|([^.\[]+))')


def feature_positions(model: MonitoredModel) -> list[ValuePosition]:
    """Return the positions of the features in a request."""
    return [(one.name, one.at) for one in model.captured_features]


def answer_positions(model: MonitoredModel) -> list[ValuePosition]:
    """Return the positions of the answers in a response, including values to skip."""
    configured = dict[str, int | str](model.output.at.items())
    return [(name, configured.get(name)) for name in model.output.response]


def answer_width(model: MonitoredModel) -> int:
    """Return the number of values in a CSV response; the probability of each class is a value."""
    spread = len(model.output.classes) - 1 if VECTOR in model.output.response else 0
    positions = [at + 1 for name, at in answer_positions(model) if isinstance(at, int)]
    return max([len(model.output.response), *positions]) + spread


class ColumnPosition(NamedTuple):
    """Where a table has a wanted value.

    Attributes:
        name: The feature's or the answer's name.
        column: The table's column.
        path: JSON path within a nested column, empty for the column's own value.
        is_answer: Whether it is an answer.
    """

    name: str
    column: str
    path: str
    is_answer: bool


def column_positions(model: MonitoredModel) -> list[ColumnPosition]:
    """Return the positions of features and answers in a table; the first key of a path is a column."""
    found = []
    for n, (name, at) in enumerate((*feature_positions(model), *answer_positions(model))):
        column, below = column_and_path(at) if isinstance(at, str) else ("", "")
        found.append(ColumnPosition(name, column or name, below, n >= len(model.captured_features)))
    return found


def column_and_path(path: str) -> tuple[str, str]:
    """Return the column that a JSON path begins with in a table, and the path within it, empty for its own value."""
    first = _FIRST_KEY.match(path)
    if first is None:
        return "", ""
    below = path[first.end() :]
    return first[1] or first[2], below and f"${below}"


def first_key(path: str) -> str | None:
    """Return the first key of a JSON path, None for a path that begins with a position."""
    found = _FIRST_KEY.match(path)
    return (found[1] or found[2]) if found else None


def json_path(name: str) -> str:
    """Return the JSON path of a key, whatever its name."""
    return '$."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def by_path(document: str, wanted: list[ValuePosition]) -> str:
    """Return SQL for the wanted values of a JSON document, as a list of texts.

    Args:
        document: SQL for the document's text.
        wanted: The wanted values; one without a position has the key of its name.
    """
    return _of_each_path("json_extract_string", document, wanted)


def types_by_path(document: str, wanted: list[ValuePosition]) -> str:
    """Return SQL for the JSON types of the wanted values of a document, as a list: ``ARRAY``, ``NULL`` and others.

    Args:
        document: SQL for the document's text.
        wanted: The wanted values; one without a position has the key of its name.
    """
    return _of_each_path("json_type", document, wanted)


def _of_each_path(function: str, document: str, wanted: list[ValuePosition]) -> str:
    paths = (f"$[{at}]" if isinstance(at, int) else at or json_path(name) for name, at in wanted)
    values = [text(path) for path in paths]
    if not any("*" in value for value in values):
        return f"{function}({document}, [{', '.join(values)}])"
    # In a list of paths DuckDB takes a star within a quoted key for a wildcard.
    return "[" + ", ".join(f"{function}({document}, {value})" for value in values) + "]"


def columns_as_rows(columns: str) -> str:
    """Return SQL that turns a list of columns into rows; NULL where they have different lengths.

    Args:
        columns: SQL for a list of texts, each a JSON list, or NULL for a value that is missing in every row.
    """
    parsed = f"list_transform({columns}, lambda one: json_extract_string(one, '$[*]'))"
    # Computed once, before the lambda of the rows, which would parse all columns again for each row.
    lengths = "list_transform(parsed, lambda one: len(one))"
    rows = f"list_transform(range(1, list_max({lengths}) + 1), lambda n: list_transform(parsed, lambda one: one[n]))"
    equal = f"CASE WHEN list_min({lengths}) = list_max({lengths}) THEN {rows} END"
    return f"list_transform([{parsed}], lambda parsed: {equal})[1]"


def rows_of_list(values: str, width: str) -> str:
    """Return SQL that splits a list into rows of so many values each; what is left behind the last row is not in it.

    Args:
        values: SQL for a list.
        width: SQL for the number of values of a row.
    """
    # Computed once, and without slices: one for each row would copy the whole list for each.
    row = "list_transform(range(n * one.width + 1, (n + 1) * one.width + 1), lambda k: one.list[k])"
    rows = f"list_transform(range(len(one.list) // one.width), lambda n: {row})"
    return f"list_transform([{{'list': {values}, 'width': {width}}}], lambda one: {rows})[1]"


def rows_of_tensor(document: str, path: str) -> str:
    """Return SQL for the rows of a tensor of the Open Inference Protocol: its values one after the other, and a shape.

    https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md

    Args:
        document: SQL for a JSON text.
        path: Path of the tensor in it, an object with ``shape`` and ``data``.

    Returns:
        SQL for a list of JSON lists; of values that do not fill the shape, the list is empty.
    """
    shape = f"TRY_CAST(json_extract_string({document}, {text(f'{path}.shape[*]')}) AS BIGINT[])"
    values = f"json_extract({document}, {text(f'{path}.data[*]')})::VARCHAR[]"
    product = f"coalesce(list_aggregate(({shape})[2:], 'product'), 1)"
    width = f"TRY_CAST({product} AS BIGINT)"
    rows = (
        f"list_transform({rows_of_list(values, width)}, lambda row: '[' || array_to_string(row, ',') || ']')"
    )
    nested = f"json_type({document}, {text(f'{path}.data[0]')}) = 'ARRAY'"
    fills = f"len({values}) > 0 AND len({values}) = ({shape})[1]::DOUBLE * {product}"
    return f"CASE WHEN {nested} THEN {values} WHEN {fills} THEN {rows} ELSE []::VARCHAR[] END"


def by_position(row: str, wanted: list[ValuePosition], classes: int) -> str:
    """Return SQL for the wanted values of a row, as a list of texts.

    Without positions a row must have exactly the wanted values, in order. With positions it may have more, and
    the result is NULL for a row that is too short. A vector is one value, ``[0.1, 0.9]``, or a value for each class.

    Args:
        row: SQL for the list of a row's texts.
        wanted: The wanted values; one without a position has that of its index in this list.
        classes: Number of values in a vector of probabilities.
    """
    names = [name for name, _ in wanted]
    if not any(isinstance(at, int) for _, at in wanted):
        if VECTOR not in names:
            return row
        at = names.index(VECTOR)
        full = len(names) - 1 + classes
        before, after = f"{row}[1:{at}]", f"{row}[{at + classes + 1}:]"
        return (
            f"CASE WHEN len({row}) = {full} AND {full} > {len(names)} "
            f"THEN list_concat(list_append({before}, {_vector(row, at, classes)}), {after}) ELSE {row} END"
        )
    positions = [at if isinstance(at, int) else n for n, (_, at) in enumerate(wanted)]
    values = [
        f"CASE WHEN ltrim({row}[{at + 1}])[1] = '[' THEN {row}[{at + 1}] ELSE {_vector(row, at, classes)} END"
        if name == VECTOR
        else f"{row}[{at + 1}]"
        for name, at in zip(names, positions, strict=True)
    ]
    return f"CASE WHEN len({row}) > {max(positions)} THEN [{', '.join(values)}] END"


def by_header(wanted: list[ValuePosition], header: str) -> str:
    """Return SQL for the positions of the wanted values, as a list that counts from 1.

    Args:
        wanted: The wanted values; one without a position is found by its name, NULL if the header lacks it.
        header: SQL for the list of the header's names.
    """
    values = [
        str(at + 1) if isinstance(at, int) else f"list_position({header}, {text(name)})"
        for name, at in wanted
    ]
    return "[" + ", ".join(values) + "]"


def _vector(row: str, at: int, classes: int) -> str:
    return f"'[' || array_to_string({row}[{at + 1}:{at + classes}], ',') || ']'"
