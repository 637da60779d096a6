"""Column profiles: exact statistics of canonical Parquet, one column in memory at a time.

The numbers of a column are sorted before they are added up, so that no result depends on the order of the rows or
on the number of threads. Profiles merge (``merge.py``), so that a longer window needs no second read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daywatch.config.model.columns import ColumnType
from daywatch.config.model.model import MonitoredModel
from daywatch.profiles.categorical import categorical
from daywatch.profiles.numeric import numeric
from daywatch.profiles.reader import Rows, SliceRows, days, open_rows
from daywatch.profiles.sketch import Sketch
from daywatch.results import Number, Record

ColumnFields = Mapping[str, dict[str, Any]]
"""Fields of a ``ColumnProfile``, by the column's name."""


class Frequency(Record):
    """A value and how often it occurs.

    Attributes:
        value: The value, as text.
        count: Number of its occurrences, at least.
        undercount: Number of occurrences that ``count`` may lack; 0 in the profile of one window.
    """

    value: str
    count: int
    undercount: int = 0


class ColumnProfile(Record):
    """Statistics of one column; ``count + nulls + non_finite`` is the number of rows.

    Attributes:
        name: Name of the column.
        type: The column's type in the model's configuration.
        present: False if the Parquet file has no such column; all its rows then count as null.
        count: Values that are neither null nor NaN nor infinite; all statistics below are of these.
        nulls: Missing values.
        non_finite: NaN and infinite values.
        distinct: Number of different values.
        mean: Arithmetic mean; None, as for the next three, if the column is not numeric or has no values.
        std: Population standard deviation.
        min: Smallest value.
        max: Largest value.
        quantiles: At ``numeric.QUANTILES``, interpolated linearly as numpy does; empty without values.
        edges: Histogram edges, which a window shares with its baseline; empty if the baseline has no values.
        histogram: Number of values per bin; a bin includes its lower edge, the last one its upper edge too.
        underflow: Values below the first edge.
        overflow: Values above the last edge.
        frequent: The most frequent values of a column that is not numeric, by count, then by value; a window
            also lists every value that its baseline lists, with a count of 0 if it does not occur.
        other: Number of values that ``frequent`` does not list.
        unlisted_most: The most that any value that ``frequent`` does not list can occur.
        registers: HyperLogLog registers of the distinct values (``hyperloglog.py``), base64, for merging
            profiles; empty if ``sketches`` or ``frequent`` list all distinct values.
        sketches: Sketches of the order of a numeric column's values, one for each window.
        length_min: Number of characters of the shortest text; None, as for the next two, if the column is no text.
        length_mean: Mean number of characters of a text.
        length_max: Number of characters of the longest text.
    """

    name: str
    type: ColumnType
    present: bool = True
    count: int = 0
    nulls: int = 0
    non_finite: int = 0
    distinct: int = 0
    mean: Number = None
    std: Number = None
    min: Number = None
    max: Number = None
    quantiles: tuple[Number, ...] = ()
    edges: tuple[float, ...] = ()
    histogram: tuple[int, ...] = ()
    underflow: int = 0
    overflow: int = 0
    frequent: tuple[Frequency, ...] = ()
    other: int = 0
    unlisted_most: int = 0
    registers: str = ""
    sketches: tuple[Sketch, ...] = ()
    length_min: int | None = None
    length_mean: Number = None
    length_max: int | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.count + self.nulls + self.non_finite

    @property
    def null_share(self) -> float | None:
        """Share of missing values, from 0 to 1; None without rows."""
        return null_share(self.nulls, self.rows)


def null_share(nulls: int, rows: int) -> float | None:
    """Return the share of missing values, from 0 to 1; None without rows.

    Args:
        nulls: Number of rows without a value.
        rows: Number of all rows.
    """
    return nulls / rows if rows else None


class Profile(Record):
    """Statistics of all columns of a baseline or a window.

    Attributes:
        rows: Number of rows.
        days: Rows by day of ``inference_time`` in the time zone of the windows, ISO dates in order; days without rows
            are left out.
        columns: Features as configured, then prediction, probability where there is one, and label.
    """

    rows: int
    days: dict[str, int]
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile | None:
        """Return the profile of a column, None if it was not profiled."""
        return next((column for column in self.columns if column.name == name), None)


class SliceProfiles(Record):
    """The profiles of a window's slices, as its folder stores them.

    Attributes:
        slices: The profile of each slice with enough rows by its name, in the order of the configuration.
    """

    slices: dict[str, Profile]


@dataclass(frozen=True)
class ProfiledColumn:
    """A column that is profiled.

    Attributes:
        name: Name of the column.
        type: Its type, which decides its statistics.
    """

    name: str
    type: ColumnType


def profiled_columns(model: MonitoredModel) -> tuple[ProfiledColumn, ...]:
    """Return the columns of a model's profile, in its order."""
    answer = model.output.answer_type
    columns = [ProfiledColumn(feature.name, feature.type) for feature in model.stored_features]
    columns.append(ProfiledColumn("prediction", answer))
    if model.output.has_probability:
        columns.append(ProfiledColumn("probability", ColumnType.NUMBER))
    return (*columns, ProfiledColumn("label", answer))


def profile_rows(
    parquet: Path, model: MonitoredModel, baseline: Profile | None = None, known: ColumnFields | None = None
) -> Profile:
    """Profile canonical Parquet.

    Args:
        parquet: Local file of the rows; it may have no rows, lack columns, and contain NULL, NaN and infinities.
        model: The model's configuration, for the columns and their types.
        baseline: The baseline's profile, with the histogram edges and frequent values for a window; None to
            profile the baseline itself.
        known: Fields of columns that are measured already, on the same edges; these columns are not read again.
    """
    with open_rows(parquet) as rows:
        return _profiles(rows, model, baseline, known)[0]


def profile_slices(
    parquet: Path, model: MonitoredModel, slices: SliceRows, baseline: Profile
) -> dict[str, Profile]:
    """Profile slices of canonical Parquet; each column is read once for all slices.

    Args:
        parquet: Local file of the rows.
        model: The model's configuration, for the columns and their types.
        slices: The rows of each slice, by their positions; no two slices have the same name.
        baseline: The baseline's profile of all rows; on its edges and values the slices add up to the whole.

    Returns:
        The profile of each slice, by name.
    """
    names = [name for partition in slices for name in partition]
    if not names:
        return {}
    with open_rows(parquet, slices) as rows:
        return dict(zip(names, _profiles(rows, model, baseline), strict=True))


def _profiles(
    rows: Rows, model: MonitoredModel, baseline: Profile | None, known: ColumnFields | None = None
) -> list[Profile]:
    columns: list[list[ColumnProfile]] = [[] for _ in rows.counts]
    for column in profiled_columns(model):
        base = baseline.column(column.name) if baseline else None
        present = column.name in rows.columns
        name = column.name if present else None
        if known and column.name in known:
            measured = [known[column.name]]
        elif column.type.is_numeric:
            edges = base.edges if base else () if baseline else None
            measured = numeric(rows, name, column.type, edges)
        else:
            listed = tuple(entry.value for entry in base.frequent) if base else ()
            measured = categorical(rows, name, column.type, listed)
        for found, fields in zip(columns, measured, strict=True):
            found.append(ColumnProfile(name=column.name, type=column.type, present=present, **fields))
    return [
        Profile(rows=count, days=by_day, columns=tuple(found))
        for count, by_day, found in zip(rows.counts, days(rows, model.schedule.zone), columns, strict=True)
    ]
