"""One pass over the columns: each is read once on both sides, then scored, correlated, profiled and sampled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.calibration.compared import calibrated_score
from daywatch.measure.columns.counts import ColumnCounts, count_columns, count_numbers, why_unusable
from daywatch.measure.columns.measured_columns import Role, compared_columns
from daywatch.measure.columns.pairs import ColumnPair
from daywatch.measure.columns.parallel import each_column
from daywatch.measure.columns.prediction_correlation import PredictionCorrelation, correlate, output_column
from daywatch.measure.columns.tables import Side
from daywatch.measure.columns.values import ColumnValues, read_aligned, read_column, usable_values
from daywatch.measure.drift.metrics import in_order, standard_settings
from daywatch.measure.drift.scoring import Score, score_values
from daywatch.profiles.numeric import of_sorted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.calibration.limits import Calibration, ColumnRange
    from daywatch.measure.columns.counts import CountsByColumn
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array, SideValues
    from daywatch.measure.columns.tables import Tables
    from daywatch.profiles.profile import Profile


@dataclass(frozen=True)
class ColumnResult:
    """The results of one column.

    Attributes:
        score: Its drift score.
        correlation: Its correlation with the prediction; None if it is not a feature, or is a text.
        sampled: Its values in the sampled rows, of a column of DOUBLE; NaN where there is no value.
        profile: Fields of the window's ``ColumnProfile``, of a column of DOUBLE; empty if no profile is wanted.
        same_categories: Whether both sides have the same categories.
        outside: The window's values that are out of the baseline's range, and all its values; None if it has none.
    """

    score: Score
    correlation: PredictionCorrelation | None = None
    sampled: dict[Side, Array] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    same_categories: bool = False
    outside: tuple[int, int] | None = None


@dataclass(frozen=True)
class ColumnResults:
    """The results of all columns.

    Attributes:
        counts: Counts of every measured column on both sides.
        columns: The results of the compared columns, in the model's order.
    """

    counts: CountsByColumn
    columns: list[ColumnResult]

    @property
    def scores(self) -> list[Score]:
        """The drift scores of the columns."""
        return [one.score for one in self.columns]

    @property
    def correlations(self) -> list[PredictionCorrelation]:
        """The correlations of the features with the prediction."""
        return [one.correlation for one in self.columns if one.correlation]

    @property
    def sampled(self) -> dict[str, dict[Side, Array]]:
        """Values in the sampled rows, by column name."""
        return {one.score.column.name: one.sampled for one in self.columns if one.sampled}

    @property
    def profiled(self) -> dict[str, dict[str, Any]]:
        """Fields of the window's profile, by column name."""
        return {one.score.column.name: one.profile for one in self.columns if one.profile}

    @property
    def outside(self) -> dict[str, tuple[int, int]]:
        """Values out of the baseline's range, and all values, by column name."""
        return {one.score.column.name: one.outside for one in self.columns if one.outside}

    @property
    def same_categories(self) -> frozenset[str]:
        """Names of the columns that have the same categories on both sides."""
        return frozenset(one.score.column.name for one in self.columns if one.same_categories)


def read_columns(
    tables: Tables,
    model: MonitoredModel,
    sampled: dict[Side, Array] | None = None,
    baseline_profile: Profile | None = None,
    calibration: Calibration | None = None,
    ranges: Mapping[str, ColumnRange] | None = None,
) -> ColumnResults:
    """Read and score every column.

    Args:
        tables: The baseline and the window.
        model: The model, which says how columns are scored.
        sampled: For each side, positions of the sampled rows; None for no sample.
        baseline_profile: The baseline's profile, whose edges the window's profile takes; None for no profile.
        calibration: The baseline's calibration, of a model whose plan has the standard rules.
        ranges: The baseline's range of columns whose values out of it are counted.
    """
    columns = compared_columns(tables.columns, model)
    counts = count_columns(tables)
    output = output_column(tables.columns)
    outputs: dict[Side, Array] = {}
    if any(_is_correlated(column) for column in columns):
        outputs = {side: read_aligned(tables, output, side, counts) for side in Side}

    def compute(column: Column, read: ColumnValues) -> tuple[ColumnResult, dict[Side, ColumnCounts]]:
        values = read.values
        sides = counts.get(column.name) or _count_numbers(tables, column, read)
        correlation = correlate(column, values, output, outputs) if _is_correlated(column) else None
        settings = standard_settings(model, column)
        if reason := why_unusable(sides):
            score = Score(column, method=settings.method or "", note=reason)
            return ColumnResult(score, correlation), sides
        is_double = column.sql_type == "DOUBLE"
        kept = {side: values[side][sampled[side]] for side in Side} if sampled and is_double else {}
        # From here on the values may be sorted in place.
        usable = in_order(column, usable_values(column, values))
        score = score_values(column, usable[Side.BASELINE], usable[Side.WINDOW], settings)
        if calibration is not None and settings.threshold is None:
            score = calibrated_score(score, usable[Side.WINDOW].size, calibration)
        known = (ranges or {}).get(column.name)
        outside = _outside(usable[Side.WINDOW], known) if known else None
        profile = {}
        if baseline_profile and is_double and column.name not in tables.retyped[Side.WINDOW]:
            profile = _profile(column, usable[Side.WINDOW], sides[Side.WINDOW], baseline_profile)
        same = column.kind is ColumnKind.CATEGORICAL and _same_categories(usable)
        return ColumnResult(score, correlation, kept, profile, same, outside), sides

    rows = sum(tables.count(side) for side in Side)
    found = each_column(columns, lambda column: read_column(tables, column, counts), compute, rows)
    counted = {result.score.column.name: sides for result, sides in found}
    return ColumnResults(
        {column.name: counted.get(column.name) or counts[column.name] for column in tables.columns},
        [result for result, _ in found],
    )


def _outside(values: SideValues, known: ColumnRange) -> tuple[int, int]:
    """Return the number of values out of the baseline's range, and of all values."""
    import numpy as np

    outside = (values.array < known.low) | (values.array > known.high)
    return int(np.count_nonzero(outside)), values.size


def _count_numbers(tables: Tables, column: Column, read: ColumnValues) -> dict[Side, ColumnCounts]:
    return {side: count_numbers(tables, column, side, read.values[side], read.missing[side]) for side in Side}


def _profile(
    column: Column, values: SideValues, counts: ColumnCounts, baseline_profile: Profile
) -> dict[str, Any]:
    """Return the fields of the window's profile of a column, on the edges of the baseline's histogram."""
    baseline = baseline_profile.column(column.name)
    return of_sorted(values.ordered, counts.filled, counts.rows, baseline.edges if baseline else ())


def _same_categories(sides: dict[Side, SideValues]) -> bool:
    counts = ColumnPair(sides[Side.BASELINE], sides[Side.WINDOW], categorical=True).counts
    return all(bool(side.all()) for side in counts)


def _is_correlated(column: Column) -> bool:
    return column.role is Role.FEATURE and column.kind is not ColumnKind.TEXT
