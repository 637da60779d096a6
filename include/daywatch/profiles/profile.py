"""Column profiles: exact statistics of canonical Parquet, one column in memory at a time.

The numbers of a column are sorted before they are added up, so neither the order of the rows nor the
number of threads shows in a result. Profiles merge (``merge.py``), so a longer window needs no second read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daywatch.config.model.columns import ColumnType, Task
from daywatch.config.model.model import MonitoredModel
from daywatch.profiles.categorical import categorical
from daywatch.profiles.numeric import numeric
from daywatch.profiles.reader import Rows, Ways, days, opened
from daywatch.profiles.sketch import Sketch
from daywatch.results import Number, Record

Measured = Mapping[str, dict[str, Any]]
"""Fields of a ``ColumnProfile``, by the column's name."""


class Frequency(Record):
    """A value and how often it came.

    Attributes:
        value: The value.
        count: How often, at least.
        undercount: How often more at most; 0 in the profile of one window.
    """

    value: str
    count: int
    undercount: int = 0


class ColumnProfile(Record):
    """Statistics of one column; ``count + nulls + non_finite`` is the number of rows.

    Attributes:
        name: The column.
        type: Its type by the model's configuration.
        present: False where the Parquet file has no such column; all its rows then count as null.
        count: Values that are neither null nor NaN nor infinite; all statistics below are of these.
        nulls: Missing values.
        non_finite: NaN and infinite values.
        distinct: Number of different values.
        mean: Arithmetic mean, None where not numeric or without values (likewise below).
        std: Population standard deviation.
        min: Smallest value.
        max: Largest value.
        quantiles: At ``numeric.QUANTILES``, interpolated linearly as numpy does; empty without values.
        edges: Histogram edges, of the baseline also for a window; empty where the baseline has no values.
        histogram: Values a bin; a bin includes its lower edge, the last one its upper edge too.
        underflow: Values below the first edge.
        overflow: Values above the last edge.
        frequent: The most frequent values of a column that is not numeric, by count, then by value; of
            a window also every value that its baseline lists, 0 where it did not come.
        other: Values that ``frequent`` does not list.
        unlisted_most: How often a value that ``frequent`` does not list came, at most.
        registers: What distinct values are counted with when profiles merge (``distinct.py``), base64; empty
            where ``sketches`` or ``frequent`` list them all.
        sketches: The order of a numeric column's values, one for each window.
        length_min: Fewest characters of a text.
        length_mean: Mean number of characters.
        length_max: Most characters of a text.
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
        """Share of missing values, None without rows."""
        return self.nulls / self.rows if self.rows else None


class Profile(Record):
    """Statistics of all columns of a baseline or a window.

    Attributes:
        rows: Number of rows.
        days: Rows by UTC day of ``inference_time``, ISO dates in order; days without rows are left out.
        columns: Features as configured, then prediction, probability where there is one, and label.
    """

    rows: int
    days: dict[str, int]
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile | None:
        """Return the profile of a column, None where it was not profiled."""
        return next((column for column in self.columns if column.name == name), None)


class SliceProfiles(Record):
    """What a window's folder keeps of its slices.

    Attributes:
        slices: The profile of each slice with rows enough, in the order of the configuration.
    """

    slices: dict[str, Profile]


@dataclass(frozen=True)
class ProfiledColumn:
    """A column that is profiled, and how."""

    name: str
    type: ColumnType


def profiled_columns(model: MonitoredModel) -> tuple[ProfiledColumn, ...]:
    """Return the columns a profile holds, in its order."""
    answer = ColumnType.NUMBER if model.output.task is Task.REGRESSION else ColumnType.CATEGORY
    columns = [ProfiledColumn(feature.name, feature.type) for feature in model.stored_features]
    columns.append(ProfiledColumn("prediction", answer))
    if model.output.has_probability:
        columns.append(ProfiledColumn("probability", ColumnType.NUMBER))
    return (*columns, ProfiledColumn("label", answer))


def profile_rows(
    parquet: Path, model: MonitoredModel, against: Profile | None = None, measured: Measured | None = None
) -> Profile:
    """Profile canonical Parquet.

    Args:
        parquet: The rows; none at all, missing columns, all-null columns, NaN and infinities are fine.
        model: Whose columns they are.
        against: The baseline's profile, whose histogram edges and frequent values a window is counted
            on; None where the rows are the baseline themselves.
        measured: Fields of columns that were measured on the same edges before, which are not read again.
    """
    with opened(parquet) as rows:
        return _profiles(rows, model, against, measured)[0]


def profile_slices(parquet: Path, model: MonitoredModel, ways: Ways, against: Profile) -> dict[str, Profile]:
    """Profile slices of canonical Parquet, all in one reading a column.

    Args:
        parquet: The rows.
        model: Whose columns they are.
        ways: Which rows belong to which slices; no two slices have the same name.
        against: The baseline's profile of all rows: slices on its edges and values add up to the whole.

    Returns:
        The profile of each slice, by name.
    """
    names = [name for way in ways for name in way]
    if not names:
        return {}
    with opened(parquet, ways) as rows:
        return dict(zip(names, _profiles(rows, model, against), strict=True))


def _profiles(
    rows: Rows, model: MonitoredModel, against: Profile | None, known: Measured | None = None
) -> list[Profile]:
    columns: list[list[ColumnProfile]] = [[] for _ in rows.counts]
    for column in profiled_columns(model):
        base = against.column(column.name) if against else None
        present = column.name in rows.columns
        name = column.name if present else None
        if known and column.name in known:
            measured = [known[column.name]]
        elif column.type.is_numeric:
            edges = base.edges if base else () if against else None
            measured = numeric(rows, name, column.type, edges)
        else:
            listed = tuple(entry.value for entry in base.frequent) if base else ()
            measured = categorical(rows, name, column.type, listed)
        for found, fields in zip(columns, measured, strict=True):
            found.append(ColumnProfile(name=column.name, type=column.type, present=present, **fields))
    return [
        Profile(rows=count, days=by_day, columns=tuple(found))
        for count, by_day, found in zip(rows.counts, days(rows), columns, strict=True)
    ]
