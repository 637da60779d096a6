"""Where the affected rows are: in some hours, in one slice, in one category, or everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.drift_methods import ColumnKind
from daywatch.config.model.slices import short
from daywatch.engine.duck import identifier
from daywatch.formatting import percent
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.causes.view import SearchView

MOST_VALUES = 50
"""A column with more categories does not locate anything."""

_NEARLY_ALL = 0.9
_LEAST_ROWS = 10
_NARROW = 0.6
"""The part must have fewer than so many of all rows, and so many of the part's rows must be affected."""

_HOUR = "(epoch_us(inference_time) // 3600000000) % 24"


class Location(NamedTuple):
    """The part of a window in which nearly all affected rows are.

    Attributes:
        slice: Name of the slice, empty for hours.
        words: Where, for a sentence, with the numbers.
    """

    slice: str
    words: str


def located(view: SearchView, affected: str, own: str) -> Location | None:
    """Return the part of the window that has nearly all affected rows, None where they are everywhere.

    Args:
        view: What the search sees.
        affected: The condition of the affected rows in SQL.
        own: The column that is affected, which locates nothing itself.
    """
    for name, key in keys(view, own):
        groups = view.tables.rows(
            f"SELECT {key} AS k, count(*), count(*) FILTER (coalesce({affected}, false)) FROM {identifier(Side.WINDOW)}"
            f" GROUP BY 1 ORDER BY 1 LIMIT {MOST_VALUES + 1}"
        )
        if 1 < len(groups) <= MOST_VALUES and (found := _concentrated(name, groups)):
            return found
    return None


def keys(view: SearchView, own: str) -> Iterator[tuple[str, str]]:
    """Yield what rows are grouped by: the hour, then the features that are categories, in the model's order.

    Args:
        view: What the search sees.
        own: The column that is affected, which locates nothing itself.

    Yields:
        The name of the feature, empty for the hour, and its SQL.
    """
    yield "", _HOUR
    for column in view.tables.columns:
        is_feature = column.role is Role.FEATURE and column.kind is ColumnKind.CATEGORICAL
        if is_feature and column.name != own:
            yield column.name, f"CAST({identifier(column.name)} AS VARCHAR)"


def _concentrated(name: str, groups: list[tuple[object, int, int]]) -> Location | None:
    rows, hits = sum(one[1] for one in groups), sum(one[2] for one in groups)
    chosen = [one for one in groups if one[0] is not None and one[2] >= _NARROW * one[1]]
    of_chosen, rows_chosen = sum(one[2] for one in chosen), sum(one[1] for one in chosen)
    if hits < _LEAST_ROWS or of_chosen < _NEARLY_ALL * hits or rows_chosen > _NARROW * rows:
        return None
    expected = hits * rows_chosen / rows
    if of_chosen - expected < 5 * math.sqrt(expected + 1):
        return None
    numbers = f"{percent(of_chosen / hits)} of these rows"
    if not name:
        hours = sorted(int(str(one[0])) for one in chosen)
        return Location("", f"{numbers} {_hours(hours)}")
    if len(chosen) > 1:
        return None
    value = str(chosen[0][0])
    return Location(f"{short(name)}={short(value)}", f"{numbers} where {shown(name)} is '{shown(value)}'")


def _hours(hours: list[int]) -> str:
    first, last = hours[0], hours[-1]
    if last - first + 1 == len(hours):
        return f"from {first:02d}:00 to {last + 1:02d}:00 UTC"
    return f"in the hours {', '.join(f'{hour:02d}' for hour in hours)} UTC"
