"""The rows of column profiles and of the drift between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daywatch.warehouse.rows.metrics import status
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.measure.drift.profile_drift import ProfileDrift
    from daywatch.profiles.profile import Profile
    from daywatch.warehouse.tables import Row


_PROFILE_DETAIL = {
    "present",
    "quantiles",
    "edges",
    "histogram",
    "underflow",
    "overflow",
    "frequent",
    "other",
    "unlisted_most",
    "length_min",
    "length_mean",
    "length_max",
}
_PROFILE_SKETCH = {"sketches", "registers"}
_DRIFT_NAMES = {
    "column": "column_name",
    "over": "span_days",
    "distinct": "distinct_count",
    "baseline_distinct": "baseline_distinct_count",
}


def profile_rows(profiles: Mapping[str, Profile], *, of_baseline: bool) -> list[Row]:
    """Return the rows of ``column_profile``, without the window's key.

    Args:
        profiles: Profiles by slice; the one of all rows has an empty name.
        of_baseline: Whether they are of a baseline, not of a window.
    """
    return [
        {
            "slice": name,
            "column_name": column.name,
            "of_baseline": of_baseline,
            "type": column.type.value,
            "count": column.count,
            "nulls": column.nulls,
            "non_finite": column.non_finite,
            "distinct_count": column.distinct,
            "mean": column.mean,
            "std": column.std,
            "min": column.min,
            "max": column.max,
            "detail": column.model_dump(mode="json", include=_PROFILE_DETAIL),
            "sketch": column.model_dump(mode="json", include=_PROFILE_SKETCH),
        }
        for name, profile in profiles.items()
        for column in profile.columns
    ]


def drift_row(drift: ProfileDrift) -> Row:
    """Return a row of ``profile_drift``, without the window's key; its interval is half-open."""
    values = drift.model_dump(mode="json", exclude={"alert", "baseline_first", "baseline_last"})
    days = Window.between(drift.baseline_first, drift.baseline_last) if drift.baseline_first else None
    return {
        **{_DRIFT_NAMES.get(name, name): value for name, value in values.items()},
        "status": status(drift.value, drift.alert),
        "baseline_start": days.start if days else None,
        "baseline_end": days.end if days else None,
    }
