"""Columns in each other's place: two that were swapped, several that moved by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.columns.tables import Side
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.causes.view import SearchView

_SHARED = 0.9
"""From this share of its values on that another column has, a column of categories looks like the other one."""

_LEAST_MOVED = 3


def exchanged_columns(view: SearchView) -> Iterator[Diagnosis]:
    """Yield columns that moved by one, and pairs of columns that look swapped.

    Args:
        view: What the search sees.
    """
    looks_like = _looks_like(view)
    order = [feature.name for feature in view.model.stored_features]
    for step, words in ((1, "before"), (-1, "after")):
        moved = [
            name
            for place, name in enumerate(order)
            if 0 <= place - step < len(order) and order[place - step] in looks_like.get(name, ())
        ]
        if len(moved) >= _LEAST_MOVED:
            yield _moved(view, moved, words)
            return
    found: set[str] = set()
    for one, others in looks_like.items():
        for other in others:
            if one in looks_like.get(other, ()) and not found & {one, other}:
                found |= {one, other}
                yield _swapped(view, one, other)


def _looks_like(view: SearchView) -> dict[str, list[str]]:
    """Return for each feature whose values changed the other features whose baseline its window looks like."""
    numbers, categories = view.features(ColumnKind.NUMERIC), view.features(ColumnKind.CATEGORICAL)
    found: dict[str, list[str]] = {}
    for one in (one for one in numbers if one.name in view.moved):
        values, distance = view.numbers(Side.WINDOW, one.name), view.distance(one.name)
        if values.size and distance:
            others = (other.name for other in numbers if other is not one)
            found[one.name] = [name for name in others if view.is_alike(name, values) is not None]
    for one in (one for one in categories if one.name in view.moved):
        now = view.categories(Side.WINDOW, one.name)
        if now and _shared(now, view.categories(Side.BASELINE, one.name)) < 1 - _SHARED:
            others = (other.name for other in categories if other is not one)
            found[one.name] = [
                name for name in others if _shared(now, view.categories(Side.BASELINE, name)) >= _SHARED
            ]
    return found


def _shared(now: Mapping[str, int], was: Mapping[str, int]) -> float:
    return sum(rows for value, rows in now.items() if value in was) / sum(now.values())


def _swapped(view: SearchView, one: str, other: str) -> Diagnosis:
    names = f"{shown(one)} and {shown(other)}"
    return Diagnosis(
        name="swapped",
        column=one,
        others=(other,),
        rows=view.rows(Side.WINDOW),
        sentence=f"{names} look swapped: each has the values that the other has in the baseline",
        short=f"{names} look swapped",
    )


def _moved(view: SearchView, moved: list[str], words: str) -> Diagnosis:
    listed = ", ".join(shown(one) for one in moved)
    return Diagnosis(
        name="shifted",
        column=moved[0],
        others=tuple(moved[1:]),
        rows=view.rows(Side.WINDOW),
        sentence=f"{len(moved)} columns look shifted by one: {listed} have the values of the column {words} them",
        short=f"{len(moved)} columns look shifted by one",
    )
