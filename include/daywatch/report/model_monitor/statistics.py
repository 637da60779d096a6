"""A window's ``statistics.json``, from its profile.

Format: "Schema for Statistics" of the SageMaker developer guide: 10 buckets of equal width between the least and the
greatest value; a KLL sketch, whose list k has the values of which each stands for 2^k values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from daywatch.config.model.columns import ColumnType
from daywatch.results import FindingCode

if TYPE_CHECKING:
    from daywatch.profiles.profile import ColumnProfile, Profile
    from daywatch.profiles.sketch import Sketch
    from daywatch.results import Finding

_BUCKETS = 10
_PARAMETERS = {"c": 0.64, "k": 2048.0}


def statistics_of(profile: Profile, findings: Iterable[Finding]) -> dict[str, Any]:
    """Return the content of the file.

    Where a column has more than 128 different values, buckets and sketch are those of the profile's sketch: the rank of
    a value is known to 1.23 % at worst.

    Args:
        profile: The profile of the window's rows.
        findings: The findings, which say which columns the captures lack.
    """
    missing = {one.column for one in findings if one.code is FindingCode.FEATURE_MISSING}
    features = [_feature(column) for column in profile.columns if column.name not in missing]
    return {"version": 0.0, "dataset": {"item_count": float(profile.rows)}, "features": features}


def _feature(column: ColumnProfile) -> dict[str, Any]:
    common = {"num_present": column.count + column.non_finite, "num_missing": column.nulls}
    if column.type.is_numeric:
        kind = "Integral" if column.type is ColumnType.INTEGER else "Fractional"
        return {
            "name": column.name,
            "inferred_type": kind if column.count else "Unknown",
            "numerical_statistics": {"common": common, **_numbers(column)},
        }
    listed = [one for one in column.frequent if one.count]
    return {
        "name": column.name,
        "inferred_type": "String" if column.count else "Unknown",
        "string_statistics": {
            "common": common,
            "distinct_count": float(column.distinct),
            "distribution": {
                "categorical": {"buckets": [{"value": one.value, "count": one.count} for one in listed]}
            },
        },
    }


def _numbers(column: ColumnProfile) -> dict[str, Any]:
    if not column.count or column.mean is None:
        return {}
    return {
        "mean": column.mean,
        "sum": column.mean * column.count,
        "std_dev": column.std,
        "min": column.min,
        "max": column.max,
        "distribution": {
            "kll": {
                "buckets": _buckets(column.sketches[0]),
                "sketch": {"parameters": _PARAMETERS, "data": _levels(column.sketches[0])},
            }
        },
    }


def _buckets(sketch: Sketch) -> list[dict[str, float]]:
    """Return the buckets; what is between two listed values is spread evenly between them."""
    import numpy as np

    values, equal = np.asarray(sketch.values), np.asarray(sketch.equal, dtype=float)
    gaps = np.asarray((*sketch.between, 0), dtype=float)
    upto = np.cumsum(equal) + np.concatenate([[0.0], np.cumsum(gaps)[:-1]])
    edges = np.linspace(values[0], values[-1], _BUCKETS + 1)
    at = np.searchsorted(values, edges, side="left")  # values below each edge
    before = np.clip(at - 1, 0, None)
    widths = np.diff(values, append=values[-1])
    part = np.divide(
        edges - values[before], widths[before], out=np.zeros_like(edges), where=widths[before] > 0
    )
    below = np.where(at > 0, np.rint(upto[before] + gaps[before] * np.clip(part, 0, 1)), 0)
    below[-1] = equal.sum() + gaps.sum()
    return [
        {"lower_bound": low, "upper_bound": high, "count": count}
        for low, high, count in zip(
            edges[:-1].tolist(), edges[1:].tolist(), np.diff(below).tolist(), strict=True
        )
    ]


def _levels(sketch: Sketch) -> list[list[float]]:
    """Return the listed values by the powers of two of their weights; a gap belongs to the value before it."""
    weights = [one + gap for one, gap in zip(sketch.equal, (*sketch.between, 0), strict=True)]
    levels = max(weights).bit_length()
    return [
        [value for value, weight in zip(sketch.values, weights, strict=True) if weight >> level & 1]
        for level in range(levels)
    ]
