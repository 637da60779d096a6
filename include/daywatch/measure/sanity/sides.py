"""What one side's labels, predictions and features are, as far as the checks of sanity need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.columns import Task
from daywatch.engine.duck import identifier, text
from daywatch.formatting import count, plural
from daywatch.measure.sanity.chance import Chance
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.columns import Output
    from daywatch.measure.columns.tables import Side, Tables

_NAMED = 5


@dataclass(frozen=True)
class ClassSet:
    """The classes of one column of one side.

    Attributes:
        rows: Rows that have a class.
        distinct: Number of different classes.
        frequent: The most frequent classes with their rows, the most frequent first.
        positive: Rows of the positive class; of a task without one, all rows.
        shared: Rows whose class also occurs in the side's other column: of a label, a prediction.
    """

    rows: int
    distinct: int
    frequent: tuple[tuple[str, int], ...]
    positive: int
    shared: int

    @property
    def named(self) -> str:
        """The classes in a sentence: ``'1' (40), '0' (20)``, and how many more there are."""
        listed = ", ".join(f"'{shown(name)}' ({count(rows)})" for name, rows in self.frequent[:_NAMED])
        more = self.distinct - min(_NAMED, len(self.frequent))
        return f"{listed} and {plural(more, 'more class', 'more classes')}" if more > 0 else listed


@dataclass(frozen=True)
class SideEvidence:
    """One side, the baseline or the window.

    Attributes:
        rows: Number of rows.
        predicted: Rows with a prediction.
        filled: Rows with a value, by feature.
        labels: The classes of the labels, None for a regression.
        predictions: The classes of the predictions, None for a regression.
        constant: The one value of all predictions, None where they or their probabilities differ.
        varied_labels: Whether the labels have more than one value.
        chance: How the performance compares with chance, None where nothing is labelled.
    """

    rows: int
    predicted: int
    filled: Mapping[str, int]
    labels: ClassSet | None
    predictions: ClassSet | None
    constant: str | None
    varied_labels: bool
    chance: Chance | None


def side_evidence(
    tables: Tables, side: Side, output: Output, filled: Mapping[str, int], chance: Chance | None
) -> SideEvidence:
    """Count one side.

    Args:
        tables: The baseline and the window.
        side: The side.
        output: The model's output.
        filled: Rows with a value, by feature.
        chance: How the side's performance compares with chance.
    """
    labels = predictions = None
    if output.task is not Task.REGRESSION:
        labels, predictions = (
            _classes(tables, side, output, column, other)
            for column, other in (("label", "prediction"), ("prediction", "label"))
        )
    varies = "min(probability) < max(probability)" if output.has_probability else "false"
    ((rows, predicted, constant, value, varied),) = tables.rows(f"""
        SELECT count(*), count(prediction), min(prediction) = max(prediction) AND NOT coalesce({varies}, false),
            CAST(min(prediction) AS VARCHAR), coalesce(min(label) < max(label), false)
        FROM {identifier(side)}
    """)
    is_constant = predicted > 1 and constant
    return SideEvidence(
        rows, predicted, filled, labels, predictions, value if is_constant else None, varied, chance
    )


def rows_predicted(tables: Tables, side: Side, value: str) -> int:
    """Return how many rows of a side have a prediction.

    Args:
        tables: The baseline and the window.
        side: The side.
        value: The prediction as text.
    """
    same = f"CAST(prediction AS VARCHAR) = {text(value)}"
    ((rows,),) = tables.rows(f"SELECT count(*) FROM {identifier(side)} WHERE {same}")
    return int(rows)


def rows_of_classes(tables: Tables, side: Side, column: str, among: Side) -> int:
    """Return how many rows of a side have a class in one column that the other side has in its other column.

    Args:
        tables: The baseline and the window.
        side: The side whose rows are counted.
        column: ``label`` or ``prediction``.
        among: The side whose other column is looked at.
    """
    other = "prediction" if column == "label" else "label"
    ((rows,),) = tables.rows(
        f"SELECT count(*) FROM {identifier(side)} WHERE {column} IN (SELECT {other} FROM {identifier(among)})"
    )
    return int(rows)


def _classes(tables: Tables, side: Side, output: Output, column: str, other: str) -> ClassSet:
    positive = f"v = {text(output.positive_class)}" if output.task is Task.BINARY else "true"
    ((rows, distinct, positives, shared),) = tables.rows(f"""
        WITH counted AS (SELECT {column} AS v, count(*) AS n FROM {identifier(side)}
            WHERE {column} IS NOT NULL GROUP BY 1)
        SELECT coalesce(sum(n), 0), count(*), coalesce(sum(n) FILTER ({positive}), 0),
            coalesce(sum(n) FILTER (v IN (SELECT {other} FROM {identifier(side)})), 0)
        FROM counted
    """)
    frequent = tables.rows(f"""
        SELECT {column}, count(*) FROM {identifier(side)} WHERE {column} IS NOT NULL
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_NAMED}
    """)
    return ClassSet(int(rows), int(distinct), tuple(frequent), int(positives), int(shared))
