"""Statistics of a number or integer column, from its sorted values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from daywatch.config.model.columns import ColumnType
from daywatch.profiles.hyperloglog import number_registers
from daywatch.profiles.magnitude import divided, exponent_of, multiplied
from daywatch.profiles.sketch import sketch_of

if TYPE_CHECKING:
    from daywatch.profiles.reader import Rows

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Probabilities of the quantiles of a numeric column."""

BINS = 20
"""Equal-width bins of a numeric histogram, between the baseline's smallest and largest value."""

EXACT = 2.0**53
"""Integers up to this one are distinct as float64."""


def numeric(
    rows: Rows, name: str | None, kind: ColumnType, edges: tuple[float, ...] | None
) -> list[dict[str, Any]]:
    """Measure a column, with one slice in memory at a time.

    Args:
        rows: The opened Parquet file.
        name: The column, None if the file has no such column.
        kind: Type of the column: number or integer.
        edges: Histogram edges, empty for no histogram; None makes them from the values.

    Returns:
        Fields of a ``ColumnProfile``, for each slice.
    """
    present = rows.present(name, kind.sql_type)
    # No local name, so that no column is in memory twice.
    return [_measured(next(present), count, edges) for count in rows.counts]


def _measured(present: Any, count: int, edges: tuple[float, ...] | None) -> dict[str, Any]:
    import numpy as np

    filled = len(present)
    finite = np.isfinite(present)
    values = np.sort(present if finite.all() else present[finite])
    del present, finite
    return of_sorted(values, filled, count, edges)


def of_sorted(values: Any, filled: int, count: int, edges: tuple[float, ...] | None) -> dict[str, Any]:
    """Measure a column, or a slice of it, by its finite values in ascending order.

    Args:
        values: Sorted numpy array; minus zero in it becomes zero.
        filled: Number of values, including those that are not finite.
        count: Number of rows.
        edges: Histogram edges, empty for no histogram; None makes them from the values.

    Returns:
        Fields of a ``ColumnProfile``.
    """
    import numpy as np

    found: dict[str, Any] = {
        "count": len(values),
        "nulls": count - filled,
        "non_finite": filled - len(values),
        "distinct": int(np.count_nonzero(values[1:] != values[:-1])) + 1 if len(values) else 0,
    }
    if not len(values):
        return found | histogram(values, np.asarray(edges or (), dtype=np.float64))
    if values.dtype.kind == "f":
        values += 0.0
    floats = values.astype(np.float64, copy=False)
    sketch = sketch_of(floats, found["distinct"])
    if not sketch.complete or max(-floats[0], floats[-1]) > EXACT:
        found["registers"] = number_registers(values)
    del values
    made = _edges(floats) if edges is None else np.asarray(edges, dtype=np.float64)
    return found | moments(floats) | histogram(floats, made) | {"sketches": (sketch,)}


def moments(values: Any) -> dict[str, Any]:
    """Return mean, deviation, extremes and quantiles of sorted values."""
    import numpy as np

    smallest, largest = float(values[0]), float(values[-1])
    mean, std = smallest, 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        if smallest < largest:
            exponent = exponent_of(smallest, largest)
            ordinary = divided(values, exponent)
            mean = float(np.mean(ordinary))
            deviations = ordinary - mean
            std = float(np.sqrt(np.mean(np.square(deviations, out=deviations))))
            mean, std = multiplied(mean, exponent), multiplied(std, exponent)
        quantiles = [_quantile(values, share) for share in QUANTILES]
    return {"mean": mean, "std": std, "min": smallest, "max": largest, "quantiles": quantiles}


def _quantile(values: Any, share: float) -> float:
    """Interpolate linearly between two sorted values, as ``numpy.quantile`` does."""
    rank = share * (len(values) - 1)
    low = int(rank)
    below, above = float(values[low]), float(values[min(low + 1, len(values) - 1)])
    part, step = rank - low, above - below
    if math.isinf(step):
        return below * (1 - part) + above * part
    return above - step * (1 - part) if part >= 0.5 else below + step * part


def _edges(values: Any) -> Any:
    """Return equal-width edges over sorted values; a single value gets edges of total width 1, as in numpy."""
    import numpy as np

    low, high = float(values[0]), float(values[-1])
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low / 2, high / 2, BINS + 1) * 2  # halved, because high - low may overflow
    edges[0], edges[-1] = low, high
    return np.clip(edges, low, high)


def histogram(values: Any, edges: Any) -> dict[str, Any]:
    """Return the histogram of sorted values; the last bin includes its upper edge, and no edges give no histogram."""
    import numpy as np

    if not len(edges):
        return {}
    at = np.searchsorted(values, edges, side="left")
    at[-1] = np.searchsorted(values, edges[-1], side="right")
    return {
        "edges": edges.tolist(),
        "histogram": np.diff(at).tolist(),
        "underflow": int(at[0]),
        "overflow": len(values) - int(at[-1]),
    }


def integers(values: Iterable[float], kind: ColumnType) -> Any:
    """Return listed values as the array from which their registers are made."""
    import numpy as np

    return np.asarray(tuple(values), dtype=np.int64 if kind is ColumnType.INTEGER else np.float64)
