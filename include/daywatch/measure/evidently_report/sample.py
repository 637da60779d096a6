"""The rows that Evidently plots: a bounded, reproducible sample, safe to show.

Scores never come from here. Captured text is hostile: what is plotted has no angle brackets (Plotly reads a
few HTML tags in labels), no control characters, and few distinct categories (Evidently's time grows with
their square).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.duck import identifier
from daywatch.measure.columns.tables import ROW_BITS, Side
from daywatch.text import shown

if TYPE_CHECKING:
    import pandas as pd

    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables

_CATEGORIES = 30
_TEXT_LENGTH = 300
_HARMLESS = {
    ord("<"): "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
    ord(">"): "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
}

Frames = dict[Side, "pd.DataFrame"]

# scikit-learn's report on classes, which Evidently reads, has these keys next to the names of the classes.
_TAKEN = frozenset({"accuracy", "macro avg", "micro avg", "weighted avg", "samples avg"})


def plot_label(value: str, length: int = 60) -> str:
    """Return a captured value as a figure may show it.

    Args:
        value: Captured text.
        length: The largest number of its characters that are kept.
    """
    text = shown(value, length).translate(_HARMLESS)
    return text if text.strip() else "(empty)"


def sample_positions(tables: Tables, side: Side, limit: int, *conditions: str) -> list[list[int]]:
    """Return the positions of a sample of rows for each condition, chosen by a hash of the positions.

    The same file gives the same rows; their ids, the longest columns, need not be read.

    Args:
        tables: The baseline and the window.
        side: The side whose rows are sampled.
        limit: The largest number of rows of a sample.
        conditions: SQL; each row of the sample meets it.
    """
    selected = ", ".join(f"min(draw_key, {int(limit)}) FILTER ({condition})" for condition in conditions)
    (samples,) = tables.rows(f"SELECT {selected} FROM {identifier(side)}")
    return [[key & ROW_BITS for key in keys or ()] for keys in samples]


def sample_rows(
    tables: Tables,
    side: Side,
    columns: Iterable[Column],
    limit: int,
    where: str = "TRUE",
    positions: list[int] | None = None,
) -> Array:
    """Return the positions of a sample of rows, ascending, with rows of rare categories.

    The first row of each of a column's most frequent categories is in the sample, as far as these rows are no
    more than half of it.

    Args:
        tables: The baseline and the window.
        side: The side whose rows are sampled.
        columns: The columns whose categories are looked at.
        limit: The largest number of rows.
        where: SQL; each row meets it.
        positions: What ``sample_positions`` returns for ``where``, if it is known.
    """
    import numpy as np

    rare = _rows_of_categories(tables, side, columns, where)[: limit // 2]
    if positions is None:
        (positions,) = sample_positions(tables, side, limit, where)
    # There are ``limit`` positions, so enough of them are not among the rare ones.
    rows = dict.fromkeys((*rare, *positions))
    return np.array(sorted(islice(rows, limit)), dtype=np.int64)


def sample_frame(
    tables: Tables,
    side: Side,
    columns: list[Column],
    rows: Array,
    read: dict[str, dict[Side, Array]] | None = None,
) -> pd.DataFrame:
    """Return the rows at these positions, in file order.

    Args:
        tables: The baseline and the window.
        side: The side that the positions belong to.
        columns: The frame's columns, in their order.
        rows: Positions, ascending.
        read: Values of these rows that were read before, by column and side.
    """
    import pandas as pd

    read = read or {}
    wanted = [column.name for column in columns if column.name not in read]
    names = ", ".join(map(identifier, (*wanted, "file_row_number")))
    frame = tables.frame(
        f"SELECT {names} FROM {identifier(side)}"
        " WHERE file_row_number IN (SELECT unnest(CAST(? AS BIGINT[]))) ORDER BY file_row_number",
        (rows.tolist(),),
    )
    # All at once: pandas warns of a hundred columns that came one by one.
    whole = pd.concat([frame, pd.DataFrame({name: sides[side] for name, sides in read.items()})], axis=1)
    return whole[[column.name for column in columns]]


def _rows_of_categories(tables: Tables, side: Side, columns: Iterable[Column], where: str) -> list[int]:
    """Return the first row of each frequent category, of each column in turn."""
    found: dict[int, None] = {}
    for column in columns:
        if column.kind is ColumnKind.CATEGORICAL:
            name = identifier(column.name)
            first = tables.rows(
                f"SELECT min(file_row_number) FROM {identifier(side)} WHERE {where} AND {name} IS NOT NULL"
                f" GROUP BY {name} ORDER BY count(*) DESC, {name} LIMIT {_CATEGORIES}"
            )
            found.update(dict.fromkeys(row for (row,) in first))
    return list(found)


def drift_sample(
    tables: Tables,
    columns: list[Column],
    rows: dict[Side, Array],
    read: dict[str, dict[Side, Array]] | None = None,
) -> Frames:
    """Return the sampled rows of both sides, for plots of distributions; nothing where there are no columns.

    Args:
        tables: The baseline and the window.
        columns: The columns that are plotted.
        rows: Positions of each side, ascending.
        read: As for ``sample_frame``.
    """
    import numpy as np

    if not columns:
        return {}
    frames = {side: sample_frame(tables, side, columns, rows[side], read) for side in Side}
    for column in columns:
        pair = {side: frames[side][column.name] for side in Side}
        if column.kind is ColumnKind.NUMERIC:
            pair = {side: series.replace([np.inf, -np.inf], np.nan) for side, series in pair.items()}
        elif column.kind is ColumnKind.TEXT:
            pair = {side: series.map(_long_label, na_action="ignore") for side, series in pair.items()}
        else:
            names = _category_names(pair)
            pair = {side: series.map(names.get, na_action="ignore") for side, series in pair.items()}
        for side in Side:
            frames[side][column.name] = pair[side]
    return frames


def _long_label(value: str) -> str:
    return plot_label(value, _TEXT_LENGTH)


def _category_names(pair: dict[Side, pd.Series]) -> dict[str, str]:
    import pandas as pd

    counts = pd.concat([pair[side] for side in Side]).value_counts()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    frequent = [name for name, _ in ordered[:_CATEGORIES]]
    rest = [name for name, _ in ordered[_CATEGORIES:]]
    return {**distinct_names(frequent), **dict.fromkeys(rest, f"({len(rest):,} other categories)")}


def distinct_names(values: list[str]) -> dict[str, str]:
    """Return a label for each value, no two the same."""
    names: dict[str, str] = {}
    used = set(_TAKEN)
    for value in values:
        name, number = plot_label(value), 2
        while name in used:
            name, number = f"{plot_label(value)} ({number})", number + 1
        used.add(name)
        names[value] = name
    return names
