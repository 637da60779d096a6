"""Findings about categories, and classes of labels, that only the window, or only the baseline, has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.duck import identifier
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.results import Finding, FindingCode
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.columns.counts import CountsByColumn
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.tables import Tables

_NAMED = 10

_LEAST_EXPECTED = 5
"""A category of which the window should have fewer rows may be missing by chance."""


def category_findings(tables: Tables, column: Column, counts: CountsByColumn) -> list[Finding]:
    """Name the categories of a column that only the window has, or only the baseline although more were expected."""
    if column.kind is not ColumnKind.CATEGORICAL:
        return []
    if any(not counts[column.name][side].filled for side in Side):
        return []  # nothing to compare; another finding says so
    new = _only_in(tables, column, Side.WINDOW, Side.BASELINE, FindingCode.NEW_CATEGORY)
    window, baseline = counts[column.name][Side.WINDOW].filled, counts[column.name][Side.BASELINE].filled
    least = _LEAST_EXPECTED * baseline / window
    if column.role is Role.LABEL:
        return new  # labels arrive late: a class may still come
    return [
        *new,
        *_only_in(tables, column, Side.BASELINE, Side.WINDOW, FindingCode.VANISHED_CATEGORY, least),
    ]


def _only_in(
    tables: Tables, column: Column, here: Side, there: Side, code: FindingCode, least: float = 0
) -> list[Finding]:
    """Return a finding on the categories that only one side has, each in at least so many of its rows."""
    name = identifier(column.name)
    found = tables.rows(
        f"SELECT value, n, count(*) OVER (), sum(n) OVER () FROM"
        f" (SELECT {name} AS value, count(*) AS n FROM {identifier(here)}"
        f" WHERE {name} IS NOT NULL GROUP BY 1 HAVING count(*) >= {least!r})"
        f" ANTI JOIN (SELECT DISTINCT {name} AS value FROM {identifier(there)}) USING (value)"
        f" ORDER BY n DESC, value LIMIT {_NAMED}"
    )
    if not found:
        return []
    distinct, rows = found[0][2], int(found[0][3])
    names = ", ".join(f"'{shown(value)}' ({count:,})" for value, count, _, _ in found)
    more = f" and {distinct - _NAMED:,} more" if distinct > _NAMED else ""
    nouns = ("class", "classes") if column.role is Role.LABEL else ("category", "categories")
    noun = nouns[distinct != 1]
    where = f"in {rows:,} rows" if code is FindingCode.NEW_CATEGORY else f"{rows:,} rows there"
    only = (
        "that the baseline does not have" if code is FindingCode.NEW_CATEGORY else "of the baseline not seen"
    )
    detail = f"{distinct:,} {noun} {only}, {where}: {names}{more}"
    return [Finding(code=code, column=column.name, detail=detail, count=rows)]
