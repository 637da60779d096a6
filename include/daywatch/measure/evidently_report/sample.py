"""The rows that Evidently draws: a bounded, reproducible sample, fit to be shown.

Scores never come from here. Captured text is hostile: what is drawn has no angle brackets (plotly reads a
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

# scikit-learn's report on classes, which Evidently reads, has these keys beside the classes' names.
_TAKEN = frozenset({"accuracy", "macro avg", "micro avg", "weighted avg", "samples avg"})


def drawn_text(value: str, length: int = 60) -> str:
    """Return a captured value as it may stand in a drawing."""
    text = shown(value, length).translate(_HARMLESS)
    return text if text.strip() else "(empty)"


def draw(tables: Tables, side: Side, limit: int, *conditions: str) -> list[list[int]]:
    """Return the positions of at most ``limit`` rows that meet each condition: the first by a hash of where they stand.

    The same file gives the same rows; their ids, the longest columns, need not be read.
    """
    selected = ", ".join(f"min(draw_key, {int(limit)}) FILTER ({condition})" for condition in conditions)
    (drawn,) = tables.rows(f"SELECT {selected} FROM {identifier(side)}")
    return [[key & ROW_BITS for key in keys or ()] for keys in drawn]


def sample_rows(
    tables: Tables,
    side: Side,
    columns: Iterable[Column],
    limit: int,
    where: str = "TRUE",
    drawn: list[int] | None = None,
) -> Array:
    """Return the positions of at most ``limit`` rows, ascending: chosen by a hash of these, and by rare categories.

    Of each of a column's most frequent categories the first row is among them, as far as these are not more
    than half of the rows that are drawn.

    Args:
        tables: The baseline and the window.
        side: Which.
        columns: Whose categories.
        limit: How many rows at most.
        where: SQL that they meet.
        drawn: What ``draw`` gives for that, where it is known.
    """
    import numpy as np

    rare = _rows_of_categories(tables, side, columns, where)[: limit // 2]
    if drawn is None:
        (drawn,) = draw(tables, side, limit, where)
    # Of so many at least as many as are needed are not among the rare ones.
    rows = dict.fromkeys((*rare, *drawn))
    return np.array(sorted(islice(rows, limit)), dtype=np.int64)


def sample_frame(
    tables: Tables,
    side: Side,
    columns: list[Column],
    rows: Array,
    read: dict[str, dict[Side, Array]] | None = None,
) -> pd.DataFrame:
    """Return those rows, in file order.

    Args:
        tables: The baseline and the window.
        side: Which.
        columns: Which, in their order.
        rows: Positions, ascending.
        read: Values of these rows of columns of which they were read before, by the columns' names.
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
    """Return the drawn rows of both sides for drawing distributions; none of no columns.

    Args:
        tables: The baseline and the window.
        columns: Which.
        rows: Positions, ascending.
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
            pair = {side: series.map(_drawn_long, na_action="ignore") for side, series in pair.items()}
        else:
            names = _category_names(pair)
            pair = {side: series.map(names.get, na_action="ignore") for side, series in pair.items()}
        for side in Side:
            frames[side][column.name] = pair[side]
    return frames


def _drawn_long(value: str) -> str:
    return drawn_text(value, _TEXT_LENGTH)


def _category_names(pair: dict[Side, pd.Series]) -> dict[str, str]:
    import pandas as pd

    counts = pd.concat([pair[side] for side in Side]).value_counts()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    frequent = [name for name, _ in ordered[:_CATEGORIES]]
    rest = [name for name, _ in ordered[_CATEGORIES:]]
    return {**distinct_names(frequent), **dict.fromkeys(rest, f"({len(rest):,} other categories)")}


def distinct_names(values: list[str]) -> dict[str, str]:
    """Return a name to draw for each value, no two the same."""
    names: dict[str, str] = {}
    used = set(_TAKEN)
    for value in values:
        name, number = drawn_text(value), 2
        while name in used:
            name, number = f"{drawn_text(value)} ({number})", number + 1
        used.add(name)
        names[value] = name
    return names
