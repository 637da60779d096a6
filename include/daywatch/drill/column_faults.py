"""Faults of features: another unit, missing, renamed, swapped, constant, stand-ins, in a part of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice, pairwise
from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.drill.fault import Fault
from daywatch.engine.duck import identifier, text
from daywatch.verdicts import CauseKind

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.profiles.profile import ColumnProfile, Profile

_DATA = (CauseKind.DATA,)
_LEAST_DISTINCT = 5
_MOST_FREQUENT = 0.95


def column_faults(model: MonitoredModel, profile: Profile) -> Iterator[Fault]:
    """Yield the faults of a model's features; each takes the next feature that it fits.

    Args:
        model: The model's configuration.
        profile: The profile of the day without faults.
    """
    known = [one for feature in model.stored_features if (one := profile.column(feature.name))]
    numbers = [one for one in known if one.type.is_numeric and one.distinct >= _LEAST_DISTINCT]
    categories = [
        one for one in known if one.type in (ColumnType.CATEGORY, ColumnType.BOOLEAN) and _varies(one)
    ]
    yield from _of_numbers(numbers)
    yield from _of_several(numbers)
    yield from _of_categories([one for one in categories if one.type is ColumnType.CATEGORY])
    yield from _of_flags([one for one in categories if one.type is ColumnType.BOOLEAN])
    parts = [one for one in categories if _share(one) <= 0.7]
    if numbers and parts:
        yield _in_one_slice(numbers[-1], parts[0])


def _varies(column: ColumnProfile) -> bool:
    return column.distinct > 1 and bool(column.frequent) and _share(column) <= _MOST_FREQUENT


def _share(column: ColumnProfile) -> float:
    return column.frequent[0].count / max(column.count, 1)


def _number(column: ColumnProfile, sql: str) -> dict[str, str]:
    """Return a new value of a column of numbers, rounded where it holds whole ones."""
    whole = column.type is ColumnType.INTEGER
    return {column.name: f"CAST(round({sql}) AS BIGINT)" if whole else f"CAST({sql} AS DOUBLE)"}


def _some(percent: int) -> str:
    """Return the condition of so many per cent of the rows, evenly spread."""
    return f"(n * 37) % 100 < {percent}"


def _of_numbers(numbers: Sequence[ColumnProfile]) -> Iterator[Fault]:
    if not numbers:
        return
    changes = (
        ("in hundredths", "{c} * 100"),
        ("in thousandths", "{c} * 1000"),
        ("in miles for kilometres", "{c} / 1.609344"),
        ("in Fahrenheit for Celsius", "{c} * 1.8 + 32"),
        ("negative", "-{c}"),
        ("-999 in 20 %", f"CASE WHEN {_some(20)} THEN -999 ELSE {{c}} END"),
        ("missing in 30 %", f"CASE WHEN {_some(30)} THEN NULL ELSE {{c}} END"),
        ("missing for six hours", "CASE WHEN hour(inference_time) BETWEEN 8 AND 13 THEN NULL ELSE {c} END"),
        ("missing", "NULL"),
        ("constant", "{middle}"),
    )
    for (words, sql), column in zip(changes, cycle(numbers), strict=False):
        middle = column.quantiles[len(column.quantiles) // 2] if column.quantiles else column.mean
        value = sql.format(c=identifier(column.name), middle=repr(float(middle or 0.0)))
        yield Fault(f"{column.name} {words}", _DATA, (column.name,), replaced=_number(column, value))
    column = numbers[len(changes) % len(numbers)]
    yield Fault(
        f"{column.name} is text in 60 %",
        _DATA,
        (column.name,),
        kept="hash(event_id) % 100 >= 60",
        mismatched=column.name,
    )
    column = numbers[(len(changes) + 1) % len(numbers)]
    gone = {column.name: "NULL"}
    yield Fault(f"{column.name} renamed", _DATA, (column.name,), replaced=gone, renamed=column.name)


def _of_several(numbers: Sequence[ColumnProfile]) -> Iterator[Fault]:
    """Yield a swap of the two columns that differ most by their medians, and a shift of three neighbours."""
    ordered = sorted(numbers, key=lambda one: (one.mean or 0.0, one.name))
    if len(ordered) >= 2:
        low, high = ordered[0], ordered[-1]
        swapped = _number(low, identifier(high.name)) | _number(high, identifier(low.name))
        names = (low.name, high.name)
        yield Fault(f"{low.name} and {high.name} swapped", _DATA, names, replaced=swapped)
    if len(numbers) >= 4:
        moved = list(islice(numbers, 4))
        shifted: dict[str, str] = {}
        for before, column in pairwise(moved):
            shifted |= _number(column, identifier(before.name))
        listed = [one.name for one in moved]
        yield Fault(f"{', '.join(listed[1:])} shifted by one", _DATA, tuple(listed), replaced=shifted)


def _of_categories(categories: Sequence[ColumnProfile]) -> Iterator[Fault]:
    if not categories:
        return
    changes = (
        ("in capitals", "CASE WHEN upper({c}) = {c} THEN lower({c}) ELSE upper({c}) END"),
        (
            "renamed in its most frequent category",
            "CASE WHEN {c} = {top} THEN 'renamed category' ELSE {c} END",
        ),
        ("missing in 15 %", f"CASE WHEN {_some(15)} THEN NULL ELSE {{c}} END"),
        ("'null' in 20 %", f"CASE WHEN {_some(20)} THEN 'null' ELSE {{c}} END"),
        ("of one category", "{top}"),
    )
    for (words, sql), column in zip(changes, cycle(categories), strict=False):
        value = sql.format(c=identifier(column.name), top=text(column.frequent[0].value))
        has_letters = any(one.isalpha() for entry in column.frequent for one in entry.value)
        if has_letters or "capitals" not in words:
            yield Fault(f"{column.name} {words}", _DATA, (column.name,), replaced={column.name: value})


def _of_flags(flags: Sequence[ColumnProfile]) -> Iterator[Fault]:
    for column in flags[:1]:
        if abs(_share(column) - 0.5) > 0.05:  # of a coin, the other side says nothing
            inverted = {column.name: f"NOT {identifier(column.name)}"}
            yield Fault(f"{column.name} inverted", _DATA, (column.name,), replaced=inverted)


def _in_one_slice(column: ColumnProfile, part: ColumnProfile) -> Fault:
    value = part.frequent[0].value
    here = f"CAST({identifier(part.name)} AS VARCHAR) = {text(value)}"
    name = identifier(column.name)
    changed = _number(column, f"CASE WHEN {here} THEN {name} * 100 ELSE {name} END")
    return Fault(
        f"{column.name} in hundredths where {part.name} is {value}", _DATA, (column.name,), replaced=changed
    )
