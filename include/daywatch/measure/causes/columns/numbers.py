"""Numbers that changed: another unit, stand-ins for missing values, one value that took over."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier
from daywatch.formatting import count, number, percent
from daywatch.measure.causes.columns.parts import changed_part
from daywatch.measure.causes.columns.units import changed_unit
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.causes.view import SearchView
from daywatch.measure.columns.tables import Side
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array

_STAND_INS = frozenset(
    {
        *(sign * (10.0**digits - 1) for digits in range(1, 8) for sign in (1, -1)),
        *(0.0, -1.0, -2147483648.0, 2147483647.0, -32768.0, 32767.0, 65535.0),
    }
)
"""Numbers that software writes for a value that it does not have."""

_LEAST_SHARE = 0.02
_DEVIATIONS = 5.0
_SPIKE = 3
"""So many times as often as the next value, a value stands alone."""


def number_diagnoses(view: SearchView, column: Column) -> Iterator[tuple[Diagnosis, str]]:
    """Yield what explains the change of a column of numbers, with the condition in SQL of the rows it is about.

    Args:
        view: What the search sees.
        column: A changed column of numbers.
    """
    baseline, window = (view.numbers(side, column.name) for side in (Side.BASELINE, Side.WINDOW))
    if not baseline.size or not window.size:
        return
    if found := changed_unit(view, column.name, window):
        yield found, "TRUE"
    elif repeated := _repeated(view, column.name, baseline, window):
        yield repeated
    elif part := changed_part(view, column.name):
        yield part


def _repeated(view: SearchView, column: str, baseline: Array, window: Array) -> tuple[Diagnosis, str] | None:
    """Return a value that took over a part of the rows: a stand-in, or whatever it is if the rest is as before."""
    import numpy as np

    name = identifier(column)
    found = view.tables.rows(
        f"SELECT CAST({name} AS DOUBLE) AS v, count(*), sum(count(*)) OVER () FROM {identifier(Side.WINDOW)}"
        f" WHERE isfinite(CAST({name} AS DOUBLE)) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2"
    )
    value, rows, filled = float(found[0][0]), int(found[0][1]), int(found[0][2])
    if len(found) < 2 or rows < _SPIKE * found[1][1]:
        return None
    before = np.searchsorted(baseline, value, "right") - np.searchsorted(baseline, value, "left")
    was, is_now = float(before) / baseline.size, rows / filled
    chance = _DEVIATIONS * math.sqrt(max(was, 1 / baseline.size) / filled)
    if is_now < max(_LEAST_SHARE, 3 * was, was + chance):
        return None
    outside = value < baseline[0] or value > baseline[-1]
    rest = window[window != value]
    special = outside or (value in _STAND_INS and was < _LEAST_SHARE)
    if not special and view.is_alike(column, rest) is None:
        return None
    share = f"{percent(is_now)} of {count(filled)} values (baseline {percent(was)})"
    looks = "a stand-in for a missing value" if special else "a value filled in by default"
    diagnosis = Diagnosis(
        name="stand_in" if special else "repeated_value",
        column=column,
        rows=rows,
        sentence=f"{shown(column)} is {number(value)} in {share}: it looks like {looks}",
        short=f"{shown(column)} is {number(value)} in {percent(is_now)}",
    )
    return diagnosis, f"CAST({name} AS DOUBLE) = {value!r}"
