"""The heat map of drift: columns by day, with how many times its threshold each score is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import in_thresholds

if TYPE_CHECKING:
    from daywatch.warehouse.reading.history import HistoryWindow, Measured

HEAT_WINDOWS = 92
"""Windows of the map at most, the latest ones: with 25 columns they take about 150 KB."""

_COLUMNS = 25

_STEPS = (0.5, 1.0, 2.0, 4.0)
"""From which multiple of its threshold on a score gets the next darker colour."""


@dataclass(frozen=True)
class HeatRow:
    """A column of the model.

    Attributes:
        column: Its name.
        cells: For each window the level, 0 to 4, -1 without a score, and the multiple of the threshold.
    """

    column: str
    cells: tuple[tuple[int, float | None], ...]


def heat_map(windows: Sequence[HistoryWindow], scores: Iterable[Measured]) -> tuple[tuple[HeatRow, ...], int]:
    """Return the columns that drifted most, the most first, and the number of those that are left out.

    Args:
        windows: The windows, oldest first.
        scores: Their metrics ``drift_score``.
    """
    found: dict[str, dict[object, float]] = {}
    for one in scores:
        of_column = found.setdefault(one.column, {})
        if one.value is not None and one.threshold is not None:
            of_column[one.window] = in_thresholds(one.method, one.value, one.threshold)

    def place(column: str) -> tuple[int, float, str]:
        drift = found[column].values()
        return -sum(one > 1 for one in drift), -max(drift, default=0.0), column

    order = sorted(found, key=place)
    rows = tuple(
        HeatRow(column, tuple(_cell(found[column].get(one.start)) for one in windows))
        for column in order[:_COLUMNS]
    )
    return rows, len(order) - len(rows)


def _cell(drift: float | None) -> tuple[int, float | None]:
    if drift is None:
        return -1, None
    return sum(drift > step for step in _STEPS), drift
