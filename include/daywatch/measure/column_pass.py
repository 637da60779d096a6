"""Each column of both sides read once: scored, correlated with the prediction, profiled, its drawn rows kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.counts import ColumnFacts, column_facts, facts_of_numbers
from daywatch.measure.columns.pairs import Pair
from daywatch.measure.columns.parallel import each_column
from daywatch.measure.columns.prediction_correlation import PredictionCorrelation, answer_of, correlate
from daywatch.measure.columns.tables import Role, Side
from daywatch.measure.columns.values import ReadSides, read_aligned, read_column, usable_values
from daywatch.measure.drift.metrics import drift_settings, in_order
from daywatch.measure.drift.scoring import Score, score_values
from daywatch.profiles.numeric import of_sorted

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.counts import Facts
    from daywatch.measure.columns.pairs import Array, Values
    from daywatch.measure.columns.tables import Column, Tables
    from daywatch.profiles.profile import Profile


@dataclass(frozen=True)
class ReadColumn:
    """What was taken of a column while it was in memory.

    Attributes:
        score: Its drift.
        correlation: With the prediction; None where it is no feature, or a text.
        drawn: The values of the drawn rows, of a column of DOUBLE: NaN where there is none.
        profile: Fields of the window's ``ColumnProfile``, of a column of DOUBLE; none where none is wanted.
        same_categories: Both sides have the same categories.
    """

    score: Score
    correlation: PredictionCorrelation | None = None
    drawn: dict[Side, Array] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    same_categories: bool = False


@dataclass(frozen=True)
class Reading:
    """What was taken of all columns.

    Attributes:
        facts: Counts of every column on both sides.
        columns: What is compared, in the model's order; a probability stands for the prediction cut from it.
    """

    facts: Facts
    columns: list[ReadColumn]

    @property
    def scores(self) -> list[Score]:
        """The drift of the columns."""
        return [one.score for one in self.columns]

    @property
    def drawn(self) -> dict[str, dict[Side, Array]]:
        """Values of the drawn rows, by the columns' names."""
        return {one.score.column.name: one.drawn for one in self.columns if one.drawn}

    @property
    def profiled(self) -> dict[str, dict[str, Any]]:
        """Fields of the window's profile, by the columns' names."""
        return {one.score.column.name: one.profile for one in self.columns if one.profile}

    @property
    def same_categories(self) -> frozenset[str]:
        """Names of columns that have the same categories on both sides."""
        return frozenset(one.score.column.name for one in self.columns if one.same_categories)


def compared_columns(tables: Tables, model: MonitoredModel) -> list[Column]:
    """Return the columns whose drift is measured: all, but a probability stands for the prediction cut from it."""
    doubled = Role.PREDICTION if model.output.has_probability else None
    return [column for column in tables.columns if column.role is not doubled]


def read_columns(
    tables: Tables,
    model: MonitoredModel,
    drawn: dict[Side, Array] | None = None,
    against: Profile | None = None,
) -> Reading:
    """Read and score every column.

    Args:
        tables: The baseline and the window.
        model: Says how columns are scored.
        drawn: Positions of the rows that are drawn; None where nothing is.
        against: The baseline's profile, on whose edges columns of DOUBLE are profiled; None for no profile.
    """
    columns = compared_columns(tables, model)
    facts = column_facts(tables)
    answers: dict[Side, Array] = {}
    answer = answer_of(tables.columns)
    if any(_is_correlated(column) for column in columns):
        answers = {side: read_aligned(tables, answer, side, facts) for side in Side}

    def compute(column: Column, read: ReadSides) -> tuple[ReadColumn, dict[Side, ColumnFacts]]:
        values = read.values
        if column.sql_type == "DOUBLE":
            counted = {
                side: facts_of_numbers(tables, column, side, values[side], read.missing[side])
                for side in Side
            }
        else:
            counted = facts[column.name]
        correlation = correlate(column, values, answer, answers) if _is_correlated(column) else None
        settings = drift_settings(model, column)
        if reason := _unusable(counted):
            return ReadColumn(Score(column, method=settings.method or "", note=reason), correlation), counted
        kept = {}
        if drawn and column.sql_type == "DOUBLE":
            kept = {side: values[side][drawn[side]] for side in Side}
        # From here on they may be sorted.
        sides = in_order(column, usable_values(column, values))
        score = score_values(column, sides[Side.REFERENCE], sides[Side.CURRENT], settings)
        profile: dict[str, Any] = {}
        if against and column.sql_type == "DOUBLE" and column.name not in tables.retyped[Side.CURRENT]:
            base, of = against.column(column.name), counted[Side.CURRENT]
            profile = of_sorted(sides[Side.CURRENT].ordered, of.filled, of.rows, base.edges if base else ())
        same = column.kind is ColumnKind.CATEGORICAL and _same_categories(sides)
        return ReadColumn(score, correlation, kept, profile, same), counted

    rows = sum(tables.count(side) for side in Side)
    found = each_column(columns, lambda column: read_column(tables, column, facts), compute, rows)
    counted = {read.score.column.name: sides for read, sides in found}
    return Reading(
        {column.name: counted.get(column.name) or facts[column.name] for column in tables.columns},
        [read for read, _ in found],
    )


def _unusable(sides: dict[Side, ColumnFacts]) -> str:
    return "; ".join(filter(None, (sides[side].unusable(side) for side in Side)))


def _same_categories(sides: dict[Side, Values]) -> bool:
    counts = Pair(sides[Side.REFERENCE], sides[Side.CURRENT], categorical=True).counts
    return all(bool(side.all()) for side in counts)


def _is_correlated(column: Column) -> bool:
    return column.role is Role.FEATURE and column.kind is not ColumnKind.TEXT
