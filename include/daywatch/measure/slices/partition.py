"""Which rows of the baseline and of the window belong to which slice, by their positions in the files.

The baseline decides which values are frequent. It never changes, so every window has the same slices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.slices import MISSING, OTHER, SliceDefinition, short
from daywatch.engine.duck import identifier
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.slices.row_index import row_index

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.slices.row_index import RowIndex

_KEY = "slice_key"


@dataclass(frozen=True)
class Partition:
    """The slices of one slice definition, on both sides.

    Attributes:
        definition: The slice definition of the model's YAML.
        names: The names of its slices; no two slices of a model have the same name.
        index: For each side, which rows belong to which slice.
    """

    definition: SliceDefinition
    names: tuple[str, ...]
    index: dict[Side, RowIndex]


def read_partitions(tables: Tables, model: MonitoredModel) -> list[Partition]:
    """Read which rows belong to which slice, for each slice definition of the model."""
    found = [
        _by_value(tables, definition) if definition.by else _by_expression(tables, model, definition)
        for definition in model.slices
    ]
    taken: set[str] = set()
    return [
        Partition(definition, tuple(_distinct_name(name, taken) for name in names), index)
        for definition, (names, index) in zip(model.slices, found, strict=True)
    ]


def _by_value(tables: Tables, definition: SliceDefinition) -> tuple[list[str], dict[Side, RowIndex]]:
    """Return one slice for each of the baseline's most frequent values, one for all others, one for missing values."""
    columns = [f"CAST({identifier(name)} AS VARCHAR)" for name in definition.by]
    # One text for a pair of values; the length in front keeps different pairs apart, whatever is in them.
    key = columns[0] if len(columns) == 1 else f"length({columns[0]}) || ':' || {' || '.join(columns)}"
    named = ", ".join(f"{column} AS v{n}" for n, column in enumerate(columns))
    values = ", ".join(f"v{n}" for n in range(len(columns)))
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {_KEY}s AS SELECT k, {values} FROM"
        f" (SELECT {key} AS k, {named} FROM {identifier(Side.BASELINE)}) WHERE k IS NOT NULL"
        f" GROUP BY ALL ORDER BY count(*) DESC, {values} LIMIT {definition.top}"
    )
    frequent = tables.rows(f"SELECT {values} FROM {_KEY}s")
    other = len(frequent)
    code = f"CAST({other} AS SMALLINT)"
    if frequent:
        tables.execute(f"CREATE OR REPLACE TYPE {_KEY} AS ENUM (SELECT k FROM {_KEY}s)")
        code = f"coalesce(CAST(enum_code(TRY_CAST({key} AS {_KEY})) AS SMALLINT), {code})"
    codes = f"CASE WHEN {key} IS NULL THEN CAST({other + 1} AS SMALLINT) ELSE {code} END"
    labels = [short(name) for name in definition.by]
    names = [
        " & ".join(f"{label}={short(value)}" for label, value in zip(labels, row, strict=True))
        for row in frequent
    ]
    names += [f"{definition.label}={rest}" for rest in (OTHER, MISSING)]
    return names, {
        side: row_index(tables.array(f"SELECT {codes} AS v FROM {identifier(side)}"), len(names))
        for side in Side
    }


def _by_expression(
    tables: Tables, model: MonitoredModel, definition: SliceDefinition
) -> tuple[list[str], dict[Side, RowIndex]]:
    """Return one slice: the rows for which the expression is true. The YAML's loader checked the expression."""
    booleans = [
        f"TRY_CAST({identifier(one.name)} AS BOOLEAN) AS {identifier(one.name)}"
        for one in model.stored_features
        if one.type == "boolean"
    ]
    replaced = f" REPLACE ({', '.join(booleans)})" if booleans else ""
    # TRY: a row for which the expression fails, for example by an overflow, is outside the slice.
    true = f"coalesce(TRY((\n{definition.where}\n)), false)"
    code = f"CASE WHEN {true} THEN 0::SMALLINT ELSE -1::SMALLINT END"
    return [definition.name], {
        side: row_index(
            tables.array(f"SELECT {code} AS v FROM (SELECT *{replaced} FROM {identifier(side)})"), 1
        )
        for side in Side
    }


def _distinct_name(name: str, taken: set[str]) -> str:
    """Return the name, with a number if an earlier slice has the name already, and add it to those taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    taken.add(free)
    return free


def slice_rows(
    partitions: Iterable[Partition], side: Side, minimum_rows: int
) -> tuple[dict[str, Array], ...]:
    """Return the row positions of each slice that has enough rows, by slice name, one dict a partition.

    Args:
        partitions: The slices of the model.
        side: The side whose rows are returned.
        minimum_rows: The plan's minimum, for slice definitions without a minimum of their own.
    """
    found = (
        {
            name: positions
            for name, positions in zip(partition.names, partition.index[side].positions, strict=True)
            if len(positions) >= (partition.definition.minimum_rows or minimum_rows)
        }
        for partition in partitions
    )
    return tuple(rows for rows in found if rows)


def baseline_slice_rows(baseline: Path, model: MonitoredModel, scratch: Path) -> tuple[dict[str, Array], ...]:
    """Return the row positions of the baseline's slices, in the form of ``slice_rows``.

    Args:
        baseline: Canonical Parquet of the baseline.
        model: The model, whose YAML defines the slices.
        scratch: Folder that DuckDB may spill into.
    """
    if not model.slices:
        return ()
    kept = model.kept_in_slices
    with open_tables(baseline, baseline, measured_columns(model), scratch, kept) as tables:
        return slice_rows(read_partitions(tables, model), Side.BASELINE, model.plan.minimum.rows)
