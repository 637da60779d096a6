"""A column of numbers that changed in a part of the rows only: in some hours, in one category of a feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.slices import short
from daywatch.engine.budget import SEARCHED_ROWS
from daywatch.engine.duck import identifier, text
from daywatch.formatting import number
from daywatch.measure.causes.columns.location import MOST_VALUES, keys
from daywatch.measure.causes.columns.units import changed_unit
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.columns.tables import Side
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.causes.view import SearchView
    from daywatch.measure.columns.pairs import Array

_LEAST_ROWS = 20
_MOST_ROWS = 0.7
"""A part with a larger share of the rows is no part."""


def changed_part(view: SearchView, column: str) -> tuple[Diagnosis, str] | None:
    """Return the one part of the rows without which a column is as in the baseline, with the part's condition in SQL.

    Args:
        view: What the search sees.
        column: A changed column of numbers.
    """
    for name, key in keys(view, column):
        parts = _parts(view, column, key)
        rows = sum(one.size for one in parts.values())
        distances = {
            value: view.distance_of(column, one)
            for value, one in parts.items()
            if value is not None and _LEAST_ROWS <= one.size <= _MOST_ROWS * rows
        }
        if not distances:
            continue
        farthest = max(distances, key=lambda value: (distances[value], value))
        is_far = distances[farthest] > 2 * view.threshold(column, parts[farthest].size)
        if is_far and view.is_alike(column, _others(parts, farthest)) is not None:
            return _of_part(view, column, (name, key), farthest, parts[farthest])
    return None


def _parts(view: SearchView, column: str, key: str) -> dict[str | None, Array]:
    """Return the values of each part in ascending order, None for rows of no part; nothing where there are too many."""
    import numpy as np

    value = f"CAST({identifier(column)} AS DOUBLE)"
    share = SEARCHED_ROWS / max(view.rows(Side.WINDOW), 1)
    sampled = "" if share >= 1 else f" AND (draw_key >> 32) < {int(share * 2**32)}"
    where = f"isfinite({value}){sampled}"
    source = f"(SELECT {key} AS k, {value} AS v FROM {identifier(Side.WINDOW)} WHERE {where})"
    names = [
        str(one)
        for (one,) in view.tables.rows(
            f"SELECT DISTINCT CAST(k AS VARCHAR) FROM {source} WHERE k IS NOT NULL ORDER BY 1"
        )
    ]
    if not 1 < len(names) <= MOST_VALUES:
        return {}
    numbers = ", ".join(text(one) for one in names)
    found = view.tables.arrays(
        f"SELECT coalesce(list_position([{numbers}], CAST(k AS VARCHAR)), 0) AS k, v FROM {source} ORDER BY 1, 2"
    )
    ends = np.searchsorted(found["k"], np.arange(len(names) + 2))
    return {name: found["v"][ends[n] : ends[n + 1]] for n, name in enumerate((None, *names))}


def _others(parts: dict[str | None, Array], left_out: str) -> Array:
    import numpy as np

    return np.concatenate([one for name, one in parts.items() if name != left_out])


def _of_part(
    view: SearchView, column: str, by: tuple[str, str], value: str, values: Array
) -> tuple[Diagnosis, str]:
    import numpy as np

    name, key = by
    if name:
        where = f"where {shown(name)} is '{shown(value)}'"
    else:
        where = f"from {int(value):02d}:00 to {int(value) + 1:02d}:00 UTC"
    found = changed_unit(view, column, values)
    if found is None:
        now, was = (float(np.median(one)) for one in (values, view.numbers(Side.BASELINE, column)))
        found = Diagnosis(
            name="changed_in_part",
            column=column,
            rows=int(values.size),
            sentence=f"{shown(column)} changed only {where}: its median is {number(now)} (baseline {number(was)})",
            short=f"{shown(column)} changed {where}",
        )
    else:
        words = {"sentence": f"{found.sentence}, only {where}", "short": f"{found.short} {where}"}
        found = found.model_copy(update=words)
    slice_ = f"{short(name)}={short(value)}" if name else ""
    return found.model_copy(update={"slice": slice_}), f"CAST({key} AS VARCHAR) = {text(value)}"
