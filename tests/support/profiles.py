"""Profiles of whole windows merged, and what is exact in them; quantiles and distinct values have stated bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from daywatch.profiles.merge import merge_columns
from daywatch.profiles.profile import Profile

EXACT = {
    "name",
    "type",
    "present",
    "count",
    "nulls",
    "non_finite",
    "min",
    "max",
    "edges",
    "histogram",
    "underflow",
    "overflow",
    "length_min",
    "length_max",
}


def merge_profiles(profiles: Sequence[Profile]) -> Profile:
    """Merge the profiles of windows that share no row, column by column; all have the same columns."""
    days: Counter[str] = Counter()
    for profile in profiles:
        days.update(profile.days)
    columns = zip(*(profile.columns for profile in profiles), strict=True)
    return Profile(
        rows=sum(profile.rows for profile in profiles),
        days=dict(sorted(days.items())),
        columns=tuple(merge_columns(parts) for parts in columns),
    )
