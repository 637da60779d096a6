"""A column in another unit: the map that takes its values back to the baseline's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from daywatch.formatting import number
from daywatch.measure.causes.columns.maps import UnitMap, fitted_maps, ratio_of_quantiles, unit_maps
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.columns.tables import Side
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.causes.view import SearchView
    from daywatch.measure.columns.pairs import Array


def changed_unit(view: SearchView, column: str, window: Array) -> Diagnosis | None:
    """Return the map that takes values nearest to the baseline's, if they are then alike.

    A map with a name comes before one that is fitted, which always comes near.

    Args:
        view: What the search sees.
        column: The column.
        window: The window's values of it, or those of a part of its rows, in ascending order.
    """
    baseline = view.numbers(Side.BASELINE, column)
    if _is_mostly_one_value(baseline):
        return None
    distance = view.distance_of(column, window)
    found = _nearest(view, column, window, distance, unit_maps(baseline, window)) or _nearest(
        view, column, window, distance, fitted_maps(baseline, window)
    )
    if found is None:
        return None
    return Diagnosis(
        name=found.name,
        column=column,
        rows=int(window.size),
        sentence=f"{shown(column)} looks {found.words}{_quantiles(baseline, window)}",
        short=f"{shown(column)} looks {found.words.partition(' (')[0]}",
    )


def _nearest(
    view: SearchView, column: str, window: Array, distance: float, maps: Iterable[UnitMap]
) -> UnitMap | None:
    import numpy as np

    best: tuple[float, UnitMap] | None = None
    for one in maps:
        with np.errstate(all="ignore"):
            nearness = view.is_alike(column, one.back(window), distance)
        if nearness is not None and (best is None or nearness < best[0]):
            best = nearness, one
    return best[1] if best else None


def _is_mostly_one_value(values: Array) -> bool:
    """Return whether half of the values are one: whatever flattens a window comes near such a baseline."""
    import numpy as np

    low, high = np.quantile(values, (0.25, 0.75))
    return bool(low == high)


def _quantiles(baseline: Array, window: Array) -> str:
    import numpy as np

    ratio = ratio_of_quantiles(baseline, window)
    before, now = float(np.median(baseline)), float(np.median(window))
    medians = f"its median is {number(now)} (baseline {number(before)})"
    return (
        f": its quantiles are {number(ratio)} x the baseline's, {medians}"
        if ratio is not None
        else f": {medians}"
    )
