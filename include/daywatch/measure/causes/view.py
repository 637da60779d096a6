"""What the search for causes sees: the columns that stand out, their values, and how alike is alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.budget import SEARCHED_COLUMNS, SEARCHED_ROWS
from daywatch.engine.duck import identifier
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.pairs import ColumnPair, SideValues
from daywatch.measure.columns.tables import Side
from daywatch.measure.drift.kernels.distance import FLOOR
from daywatch.measure.drift.kernels.standard import ROBUST_WASSERSTEIN, robust_wasserstein

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables
    from daywatch.results import Metric

_CHANCE = 2.0
"""Without a calibrated threshold, so many standard errors of a mean of deviations are alike."""

_MUCH_NEARER = 3.0
"""What turns a column back into the baseline's makes its distance so many times smaller."""


@dataclass
class SearchView:
    """What the search for causes sees of a window.

    Attributes:
        tables: The baseline and the window.
        model: The model's configuration.
        metrics: The metrics of the whole window.
        changed: The columns that stand out, in the model's order.
        moved: The names of those whose values stand out, and not only the share that is missing.
    """

    tables: Tables
    model: MonitoredModel
    metrics: tuple[Metric, ...]
    changed: tuple[Column, ...]
    moved: frozenset[str]
    _numbers: dict[tuple[Side, str], Array] = field(default_factory=dict)
    _counts: dict[Side, int] = field(default_factory=dict)

    def rows(self, side: Side) -> int:
        """Return how many rows a side has."""
        if side not in self._counts:
            self._counts[side] = self.tables.count(side)
        return self._counts[side]

    def features(self, kind: ColumnKind) -> list[Column]:
        """Return features of a kind, those that changed first, up to twice as many as are searched."""
        of_kind = [one for one in self.tables.columns if one.role is Role.FEATURE and one.kind is kind]
        ordered = sorted(of_kind, key=lambda one: one.name not in self.moved)
        return ordered[: 2 * SEARCHED_COLUMNS]

    def numbers(self, side: Side, column: str) -> Array:
        """Return finite values of a column in ascending order; of a large side, those of a fixed sample of its rows."""
        key = side, column
        if key not in self._numbers:
            name = f"CAST({identifier(column)} AS DOUBLE)"
            share = SEARCHED_ROWS / max(self.rows(side), 1)
            sampled = "" if share >= 1 else f" AND (draw_key >> 32) < {int(share * 2**32)}"
            query = f"SELECT {name} AS v FROM {identifier(side)} WHERE isfinite({name}){sampled} ORDER BY 1"
            self._numbers[key] = self.tables.array(query)
        return self._numbers[key]

    def categories(self, side: Side, column: str) -> Mapping[str, int]:
        """Return the most frequent categories of a column with their rows."""
        name = identifier(column)
        found = self.tables.rows(
            f"SELECT CAST({name} AS VARCHAR), count(*) FROM {identifier(side)} WHERE {name} IS NOT NULL"
            " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 500"
        )
        return {str(value): int(rows) for value, rows in found}

    def filled(self, side: Side, column: str) -> int:
        """Return how many rows have a value of a column, those of rare categories among them."""
        ((rows,),) = self.tables.rows(f"SELECT count({identifier(column)}) FROM {identifier(side)}")
        return int(rows)

    def is_alike(self, column: str, values: Array, distance: float | None = None) -> float | None:
        """Return the distance of values from the baseline's of a column if they are alike, else None.

        Args:
            column: The column of the baseline.
            values: Numbers, in any order.
            distance: The distance of the window's values as they are; what is alike is much nearer.
        """
        import numpy as np

        usable = np.sort(values[np.isfinite(values)])
        baseline = self.numbers(Side.BASELINE, column)
        if usable.size < values.size or not usable.size or not baseline.size:
            return None
        with np.errstate(all="ignore"):
            found = robust_wasserstein(ColumnPair(SideValues(baseline, True), SideValues(usable, True)))
        limit = self.threshold(column, usable.size)
        if distance is not None:
            limit = min(limit, distance / _MUCH_NEARER)
        return found if math.isfinite(found) and found <= limit else None

    def distance(self, column: str) -> float:
        """Return the distance of a column's values from the baseline's."""
        return self.distance_of(column, self.numbers(Side.WINDOW, column))

    def distance_of(self, column: str, values: Array) -> float:
        """Return the distance of numbers in ascending order from the baseline's of a column; 0 where there are none."""
        import numpy as np

        baseline, window = (SideValues(one, True) for one in (self.numbers(Side.BASELINE, column), values))
        with np.errstate(all="ignore"):
            return robust_wasserstein(ColumnPair(baseline, window)) if baseline.size and window.size else 0.0

    def threshold(self, column: str, rows: int) -> float:
        """Return the distance up to which so many values are those of the baseline's column.

        The window's own threshold holds for its number of values; of fewer, chance moves the distance further.
        """
        for one in self.metrics:
            of_column = one.column == column and one.method == ROBUST_WASSERSTEIN
            if of_column and one.threshold is not None:
                fewer = self.numbers(Side.WINDOW, column).size / max(rows, 1)
                return max(FLOOR, one.threshold * math.sqrt(max(1.0, fewer)))
        others = max(self.numbers(Side.BASELINE, column).size, 1)
        return max(FLOOR, _CHANCE * math.sqrt(1 / max(rows, 1) + 1 / others))
