"""The profiles of a window, of the days before it and of its baseline, merged over spans of days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from daywatch.measure.drift.spans import listed_days
from daywatch.profiles.merge import merge_columns

if TYPE_CHECKING:
    from daywatch.profiles.profile import ColumnProfile, Profile
    from daywatch.window import Window


@dataclass(frozen=True)
class DailyProfiles:
    """The profiles that are compared, of all rows or of one slice.

    Attributes:
        window: The window, with which spans end.
        profile: The window's profile.
        past: Profiles of the days before, by day; days that were not measured are left out.
        baseline: The frozen baseline's profile.
        slice: Name of the slice, empty for all rows.
    """

    window: Window
    profile: Profile
    past: Mapping[date, Profile]
    baseline: Profile
    slice: str = ""

    @cached_property
    def _merged(self) -> dict[tuple[str, tuple[date, ...]], ColumnProfile | str]:
        return {}

    def column(self, name: str, days: tuple[date, ...]) -> ColumnProfile | str:
        """Return the merged profile of a column over some days, or a sentence that says why there is none.

        Args:
            name: Name of the column.
            days: The days, in order.
        """
        key = (name, days)
        if key not in self._merged:
            self._merged[key] = self._merge(name, days)
        return self._merged[key]

    def baseline_column(self, name: str) -> ColumnProfile | str:
        """Return the frozen baseline's profile of a column, or a sentence that says why there is none."""
        found = self.baseline.column(name)
        if found is None:
            lacking = "profile of the slice: it has too few rows there, or has to be built again"
            return f"it has no {lacking if self.slice else 'such column'}"
        if (found.count and not (found.sketches or found.frequent)) or (found.other and not found.registers):
            return "it was frozen by an older version; build it again"
        return found

    def _merge(self, name: str, days: tuple[date, ...]) -> ColumnProfile | str:
        own = {day for day in days if day >= self.window.first}
        if own and days[0] > self.window.first:
            return f"the window {self.window} is longer than {len(days)} days"
        missing = [day for day in days if day not in own and day not in self.past]
        if missing:
            lacking = "have no profile of the slice" if self.slice else "were not measured"
            return f"{len(missing)} of {len(days)} days {lacking}: {listed_days(missing)}"
        profiles = [self.past[day] for day in days if day not in own] + ([self.profile] if own else [])
        columns = [profile.column(name) for profile in profiles]
        if None in columns:
            absent = [day for day, column in zip(days, columns, strict=False) if column is None]
            return f"the model had no such column on {listed_days(absent)}"
        try:
            return merge_columns([column for column in columns if column is not None])
        except ValueError as error:
            return str(error)
