"""Requests or responses of a sample as columns, with the layout that Daywatch needs to find them."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from daywatch.adopt.columns import SampledColumn
from daywatch.errors import SetupError
from daywatch.ingest.payloads.positions import json_path

_DEEPEST = 3
_SPLIT = "dataframe_split"


@dataclass(frozen=True)
class SampledPayloads:
    """One side of the sample.

    Attributes:
        columns: Its columns, in their order.
        is_named: Whether the payloads themselves have names for them.
        rows_path: JSON path of the list of rows; None where a payload, or a line of it, is a row.
        header: Whether CSV begins with a row of names.
        because: What the layout rests on, as the end of a comment.
    """

    columns: tuple[SampledColumn, ...]
    is_named: bool
    rows_path: str | None
    header: bool
    because: str


def sampled_payloads(payloads: Sequence[tuple[str, str]], rows: int | None = None) -> SampledPayloads | None:
    """Return the columns of payloads, None if none of them can be read.

    Args:
        payloads: Text and kind (``csv``, ``json`` or ``jsonl``) of each.
        rows: Number of rows in the first payload's other side, where that is known: a single line of CSV may hold
            one answer for each.
    """
    kinds = Counter(kind for _, kind in payloads)
    if not kinds:
        return None
    kind = max(sorted(kinds), key=lambda one: kinds[one])
    texts = [text for text, own in payloads if own == kind]
    return _of_csv(texts, rows) if kind == "csv" else _of_json(texts, has_lines=kind == "jsonl")


def _of_csv(texts: list[str], rows: int | None) -> SampledPayloads | None:
    tables: list[list[list[str]]] = []
    for text in texts:
        with suppress(csv.Error):
            tables.append([line for line in csv.reader(text.splitlines()) if line])
    tables = [table for table in tables if table]
    if not tables:
        return None
    if rows and rows > 1 and len(tables[0]) == 1 and len(tables[0][0]) == rows:
        tables = [[[value] for value in table[0]] for table in tables]
    header = _header(tables)
    lines = [line for table in tables for line in table[bool(header) :]]
    width = max(sorted(widths := Counter(map(len, lines))), key=lambda one: widths[one])
    kept = [line for line in lines if len(line) == width]
    names = header if header and len(header) == width else [str(n) for n in range(width)]
    columns = [
        SampledColumn(name, [line[n].strip() or None for line in kept], None if header else n)
        for n, name in enumerate(names)
    ]
    because = f"CSV with {width} values in a row" + (", after a row of names" if header else "")
    return SampledPayloads(tuple(columns), bool(header), None, bool(header), because)


def _header(tables: list[list[list[str]]]) -> list[str] | None:
    """Return the names if each payload begins with the same row of texts, and has rows of another kind below."""
    first = tables[0][0]
    if any(len(table) < 2 or table[0] != first for table in tables) or len(set(first)) < len(first):
        return None
    below = [value for table in tables for line in table[1:] for value in line]
    texts = all(value and not _is_number(value) for value in first)
    return [one.strip() for one in first] if texts and any(map(_is_number, below)) else None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _of_json(texts: list[str], *, has_lines: bool) -> SampledPayloads | None:
    documents: list[Any] = []
    for text in texts:
        try:
            documents += [
                json.loads(one) for one in (text.splitlines() if has_lines else [text]) if one.strip()
            ]
        except (ValueError, RecursionError):
            continue
    if not documents:
        return None
    first = documents[0]
    if isinstance(first, dict) and isinstance(first.get(_SPLIT), dict):
        return _of_split([one[_SPLIT] for one in documents if isinstance(one, dict) and _SPLIT in one])
    path, key = _rows_path(first)
    rows: list[Any] = []
    for one in documents:
        inner = one.get(key) if key is not None and isinstance(one, dict) else one
        rows += inner if path and isinstance(inner, list) else [inner]
    found = (
        f"a row is an element of {path}"
        if path
        else "JSON with a row in each" + (" line" if has_lines else "")
    )
    return _of_rows(rows, path, found)


def _rows_path(document: Any) -> tuple[str | None, str | None]:
    """Return the JSON path of the list of rows in a document, and its key; None where the document is a row."""
    if isinstance(document, list):
        return ("$", None) if document and isinstance(document[0], dict | list) else (None, None)
    if isinstance(document, dict):
        for key in document.keys() & {"inputs", "outputs"}:
            if isinstance(document[key], list) and document[key]:
                _check_tensor(document[key][0], key)
    if isinstance(document, dict) and len(document) == 1:
        ((key, inner),) = document.items()
        if isinstance(inner, list) and inner:
            return json_path(str(key)) if not str(key).isidentifier() else f"$.{key}", key
    return None, None


def _check_tensor(first: Any, key: str) -> None:
    """Refuse the Open Inference Protocol, whose inputs are columns and not rows.

    Raises:
        SetupError: It is that.
    """
    if isinstance(first, dict) and {"name", "data"} <= first.keys():
        msg = (
            f"The payloads have {key} with name and data, as KServe v2, whose values `daywatch init` does not place. "
            "Write the YAML by hand, as docs/captures.md shows under 'KServe v2'."
        )
        raise SetupError(msg)


def _of_split(documents: list[dict[str, Any]]) -> SampledPayloads | None:
    """Return the columns of MLflow's ``dataframe_split``: names once, rows as lists."""
    names = documents[0].get("columns")
    if not isinstance(names, list):
        return None
    data = [one.get("data") for one in documents if isinstance(one, dict)]
    rows = [row for one in data if isinstance(one, list) for row in one if isinstance(row, list)]
    rows = [row for row in rows if len(row) == len(names)]
    columns = [SampledColumn(str(name), [row[n] for row in rows], n) for n, name in enumerate(names)]
    because = f"the list 'columns' of {_SPLIT} names the values, in the order of the first record"
    return SampledPayloads(tuple(columns), True, f"$.{_SPLIT}.data", False, because)


def _of_rows(rows: list[Any], path: str | None, because: str) -> SampledPayloads | None:
    if not rows:
        return None
    if isinstance(rows[0], dict):
        flat = [dict(_flat(row, ())) for one in rows if isinstance(one, dict) for row in _of_lists(one)]
        keys = dict.fromkeys(key for one in flat for key in one)
        columns = [
            SampledColumn(
                "_".join(key), [one.get(key) for one in flat], _path_of(key) if len(key) > 1 else None
            )
            for key in keys
        ]
        return SampledPayloads(tuple(columns), True, path, False, because)
    lists = [one if isinstance(one, list) else [one] for one in rows]
    widths = Counter(map(len, lists))
    width = max(sorted(widths), key=lambda one: widths[one])
    kept = [one for one in lists if len(one) == width]
    columns = [SampledColumn(str(n), [one[n] for one in kept], n) for n in range(width)]
    return SampledPayloads(tuple(columns), False, path, False, f"{because}, with {width} values")


def _of_lists(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an object with a list of values for each column; any other object is a row."""
    lists = [one for one in row.values() if isinstance(one, list)]
    if len(lists) < len(row) or len({len(one) for one in lists}) != 1:
        return [row]
    if any(isinstance(value, list | dict) for one in lists for value in one):
        return [row]
    return [dict(zip(row, values, strict=True)) for values in zip(*lists, strict=True)]


def _flat(value: dict[str, Any], above: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], Any]]:
    for key, inner in value.items():
        way = (*above, str(key))
        if isinstance(inner, dict) and inner and len(way) < _DEEPEST:
            yield from _flat(inner, way)
        else:
            yield way, inner


def _path_of(keys: tuple[str, ...]) -> str:
    return "$" + "".join(json_path(one)[1:] for one in keys)
