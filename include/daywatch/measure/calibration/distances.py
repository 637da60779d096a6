"""How far a column's days, and samples of its rows, are from the rest of the baseline."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.calibration.limits import DistanceLimit, beyond_days, deviations_of_next
from daywatch.measure.drift.kernels.distance import FLOOR
from daywatch.measure.drift.kernels.ordered import between_quantiles
from daywatch.measure.drift.kernels.standard import (
    FOLDED_JENSENSHANNON,
    ROBUST_WASSERSTEIN,
    folded_distance,
    scale_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array

_ROWS = (64, 256, 1024, 4096, 16384)
"""The numbers of rows that thresholds are computed for; between them they are interpolated."""

_MOST_ROWS = 50_000
"""More rows of the baseline are sampled: the numbers of rows above are much smaller."""

_RESAMPLES = 20
_LEAST_DAYS = 3
_LEAST_OF_DAY = 20


def distance_limit(column: Column, values: Array, days: Array) -> DistanceLimit | None:
    """Return from where on a column's drift stands out, None for a column without values.

    At each number of rows, every day of the baseline is compared with the other days, and so are samples of all
    rows with all rows. The threshold is the greatest of the floor, of their largest distances, and of their means
    with three standard deviations.

    Args:
        column: The column: numbers, or codes of categories.
        values: The usable values of the baseline.
        days: The number of the day of each value, from 0.
    """
    import numpy as np

    if not values.size:
        return None
    random = np.random.default_rng(zlib.crc32(column.name.encode()))
    if values.size > _MOST_ROWS:
        kept = np.sort(random.choice(values.size, _MOST_ROWS, replace=False))
        values, days = values[kept], days[kept]
    is_number = column.kind is ColumnKind.NUMERIC
    compare, values, days = _numbers(values, days) if is_number else _categories(values, days)
    positions = (np.flatnonzero(days == day) for day in range(int(days.max()) + 1))
    by_day = [one for one in positions if one.size >= _LEAST_OF_DAY]
    if len(by_day) < _LEAST_DAYS:
        by_day = []
    largest = max((one.size for one in by_day), default=values.size)
    sizes = _ROWS[: 1 + next((n for n, rows in enumerate(_ROWS) if rows >= largest), len(_ROWS) - 1)]
    everything = np.ones(values.size, dtype=bool)
    thresholds = []
    for rows in sizes:
        of_days = [compare(days != days[one[0]], _some(one, rows, random)) for one in by_day]
        samples = (np.sort(random.integers(0, values.size, rows)) for _ in range(_RESAMPLES))
        of_samples = [compare(everything, one) for one in samples]
        thresholds.append(_threshold(of_days, of_samples))
    method = ROBUST_WASSERSTEIN if is_number else FOLDED_JENSENSHANNON
    return DistanceLimit(
        column=column.name, method=method, rows=sizes, thresholds=tuple(thresholds), days=len(by_day)
    )


def _threshold(of_days: list[float], of_samples: list[float]) -> float:
    """Return from which distance on a number of rows stands out.

    Args:
        of_days: The distances of the baseline's days from the others, none for too few days.
        of_samples: The distances of samples, which chance alone gives.
    """
    from statistics import mean, pstdev

    known = max(FLOOR, beyond_days(of_samples)[1])
    if not of_days:
        return known
    by_chance = mean(of_samples) + 3 * pstdev(of_samples) / math.sqrt(len(of_days))
    deviations = deviations_of_next(len(of_days)) if mean(of_days) > by_chance else 3.0
    return max(known, beyond_days(of_days, deviations)[1])


def _some(positions: Array, rows: int, random: np.random.Generator) -> Array:
    import numpy as np

    if positions.size <= rows:
        return positions
    return np.sort(random.choice(positions, rows, replace=False))


def _numbers(values: Array, days: Array) -> tuple[Callable[[Array, Array], float], Array, Array]:
    """Return how rows, by their positions, are compared with others, and the values with their days in order."""
    import numpy as np

    order = np.argsort(values, kind="stable")
    ordered = values[order].astype(float)
    with np.errstate(all="ignore"):
        scale = scale_of(ordered, (float(ordered[0]), float(ordered[-1])))
        compressed = scale.compressed(ordered)

    def compare(others: Array, rows: Array) -> float:
        found = between_quantiles(compressed[others], compressed[rows])
        return found if np.isfinite(found) else 0.0

    return compare, ordered, days[order]


def _categories(values: Array, days: Array) -> tuple[Callable[[Array, Array], float], Array, Array]:
    import numpy as np

    size = int(values.max()) + 1

    def compare(others: Array, rows: Array) -> float:
        counts = (np.bincount(values[one], minlength=size) for one in (others, rows))
        return folded_distance(*counts)

    return compare, values, days
