"""Slices of the baseline and of the window: which rows belong to which, by positions in the files.

Which values are frequent is asked of the baseline, which is frozen: so every window has the same slices.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from daywatch.config.model.slices import MISSING, OTHER, Slicing, short
from daywatch.engine.duck import identifier
from daywatch.measure.columns.tables import Side, measured_columns, open_tables

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables

_KEY = "slice_key"


@dataclass(frozen=True)
class Division:
    """Rows of one side, slice by slice.

    Attributes:
        order: Positions of the rows that belong to a slice: of the first slice in file order, then the next.
        counts: Rows of each slice.
    """

    order: Array
    counts: Array

    @property
    def parts(self) -> list[Array]:
        """The positions of each slice's rows."""
        return self.cut(self.order)

    def cut(self, ordered: Array) -> list[Array]:
        """Cut what is in the division's order into slices; they share its memory."""
        ends = [0, *self.counts.cumsum().tolist()]
        return [ordered[first:last] for first, last in pairwise(ends)]

    def sums(self, values: Array) -> Array:
        """Add up a value of each row of the file by slice."""
        import numpy as np

        numbers = np.repeat(np.arange(len(self.counts)), self.counts)
        return np.bincount(numbers, weights=values[self.order], minlength=len(self.counts))

    def among(self, rows: Array) -> Division:
        """Return the division of some of the rows alone, by their positions among those.

        Args:
            rows: A truth value for each row of the file.
        """
        import numpy as np

        kept = rows[self.order]
        numbers = np.repeat(np.arange(len(self.counts)), self.counts)[kept]
        places = np.cumsum(rows, dtype=np.int32) - 1
        return Division(places[self.order[kept]], np.bincount(numbers, minlength=len(self.counts)))


@dataclass(frozen=True)
class Cut:
    """A way of slicing, applied to both sides.

    Attributes:
        slicing: As configured.
        names: Of its slices, no two of a model the same.
        sides: Which rows of a side belong to which of them.
    """

    slicing: Slicing
    names: tuple[str, ...]
    sides: dict[Side, Division]


def read_cuts(tables: Tables, model: MonitoredModel) -> list[Cut]:
    """Read which rows belong to which slices, for all slices of the model."""
    found = [
        _by_value(tables, slicing) if slicing.by else _by_expression(tables, model, slicing)
        for slicing in model.slices
    ]
    given: dict[str, None] = {}
    return [
        Cut(slicing, tuple(_distinct(name, given) for name in names), sides)
        for slicing, (names, sides) in zip(model.slices, found, strict=True)
    ]


def _by_value(tables: Tables, slicing: Slicing) -> tuple[list[str], dict[Side, Division]]:
    """Number the baseline's most frequent values in their order, then all others, then missing ones."""
    columns = [f"CAST({identifier(name)} AS VARCHAR)" for name in slicing.by]
    # One text that tells the values apart, whatever is in them.
    key = columns[0] if len(columns) == 1 else f"length({columns[0]}) || ':' || {' || '.join(columns)}"
    named = ", ".join(f"{column} AS v{n}" for n, column in enumerate(columns))
    values = ", ".join(f"v{n}" for n in range(len(columns)))
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {_KEY}s AS SELECT k, {values} FROM"
        f" (SELECT {key} AS k, {named} FROM {identifier(Side.REFERENCE)}) WHERE k IS NOT NULL"
        f" GROUP BY ALL ORDER BY count(*) DESC, {values} LIMIT {slicing.top}"
    )
    frequent = tables.rows(f"SELECT {values} FROM {_KEY}s")
    other = len(frequent)
    code = f"CAST({other} AS SMALLINT)"
    if frequent:
        tables.execute(f"CREATE OR REPLACE TYPE {_KEY} AS ENUM (SELECT k FROM {_KEY}s)")
        code = f"coalesce(CAST(enum_code(TRY_CAST({key} AS {_KEY})) AS SMALLINT), {code})"
    codes = f"CASE WHEN {key} IS NULL THEN CAST({other + 1} AS SMALLINT) ELSE {code} END"
    labels = [short(name) for name in slicing.by]
    names = [
        " & ".join(f"{label}={short(value)}" for label, value in zip(labels, row, strict=True))
        for row in frequent
    ]
    names += [f"{slicing.label}={rest}" for rest in (OTHER, MISSING)]
    return names, {
        side: _divided(tables.array(f"SELECT {codes} AS v FROM {identifier(side)}"), len(names))
        for side in Side
    }


def _by_expression(
    tables: Tables, model: MonitoredModel, slicing: Slicing
) -> tuple[list[str], dict[Side, Division]]:
    """Take the rows for which the expression is true; it was held against what is allowed when it was loaded."""
    booleans = [
        f"TRY_CAST({identifier(one.name)} AS BOOLEAN) AS {identifier(one.name)}"
        for one in model.stored_features
        if one.type == "boolean"
    ]
    replaced = f" REPLACE ({', '.join(booleans)})" if booleans else ""
    # TRY: a number that grows too large in it, or a text that is none, is a row outside, not the end of the day.
    true = f"coalesce(TRY((\n{slicing.where}\n)), false)"
    code = f"CASE WHEN {true} THEN 0::SMALLINT ELSE -1::SMALLINT END"
    return [slicing.name], {
        side: _divided(
            tables.array(f"SELECT {code} AS v FROM (SELECT *{replaced} FROM {identifier(side)})"), 1
        )
        for side in Side
    }


def _divided(codes: Array, slices: int) -> Division:
    import numpy as np

    counts = np.bincount(codes[codes >= 0], minlength=slices)
    order = np.argsort(codes, kind="stable")[len(codes) - int(counts.sum()) :]
    return Division(order.astype(np.int32), counts)


def _distinct(name: str, given: dict[str, None]) -> str:
    """Return the name, with a number where a slice before has it."""
    free, number = name, 2
    while free in given:
        free, number = f"{name} ({number})", number + 1
    given[free] = None
    return free


def rows_of_slices(cuts: Iterable[Cut], side: Side, minimum_rows: int) -> tuple[dict[str, Array], ...]:
    """Return the positions of the rows of each slice that has enough of them, way of slicing by way.

    Args:
        cuts: The ways.
        side: Whose rows.
        minimum_rows: The plan's, for ways of slicing without a minimum of their own.
    """
    found = (
        {
            name: part
            for name, part in zip(cut.names, cut.sides[side].parts, strict=True)
            if len(part) >= (cut.slicing.minimum_rows or minimum_rows)
        }
        for cut in cuts
    )
    return tuple(way for way in found if way)


def rows_of_baseline_slices(
    baseline: Path, model: MonitoredModel, scratch: Path
) -> tuple[dict[str, Array], ...]:
    """Return the positions of the rows of the baseline's slices, as ``rows_of_slices``.

    Args:
        baseline: Canonical Parquet of the baseline.
        model: How it is sliced.
        scratch: Folder that DuckDB may spill into.
    """
    if not model.slices:
        return ()
    with open_tables(baseline, baseline, measured_columns(model), scratch) as tables:
        return rows_of_slices(read_cuts(tables, model), Side.REFERENCE, model.plan.minimum.rows)


def slice_names(cuts: Iterable[Cut]) -> list[str]:
    """Return the names of all slices, in order."""
    return [name for cut in cuts for name in cut.names]
