"""Categories that appeared or vanished, by name and count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.duck import identifier
from daywatch.measure.columns.tables import Role, Side
from daywatch.results import Finding, FindingCode
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.columns.counts import Facts
    from daywatch.measure.columns.tables import Column, Tables

_NAMED = 10


def category_findings(tables: Tables, column: Column, facts: Facts) -> list[Finding]:
    """Name the categories that only the window, or only the baseline, has."""
    if column.kind is not ColumnKind.CATEGORICAL or column.role is Role.LABEL:
        return []
    if any(not facts[column.name][side].filled for side in Side):
        return []  # nothing to compare, and a finding of its own says so
    return [
        *_only_in(tables, column, Side.CURRENT, Side.REFERENCE, FindingCode.NEW_CATEGORY),
        *_only_in(tables, column, Side.REFERENCE, Side.CURRENT, FindingCode.VANISHED_CATEGORY),
    ]


def _only_in(tables: Tables, column: Column, here: Side, there: Side, code: FindingCode) -> list[Finding]:
    name = identifier(column.name)
    found = tables.rows(
        f"SELECT value, n, count(*) OVER (), sum(n) OVER () FROM"
        f" (SELECT {name} AS value, count(*) AS n FROM {identifier(here)}"
        f" WHERE {name} IS NOT NULL GROUP BY 1)"
        f" ANTI JOIN (SELECT DISTINCT {name} AS value FROM {identifier(there)}) USING (value)"
        f" ORDER BY n DESC, value LIMIT {_NAMED}"
    )
    if not found:
        return []
    kinds, rows = found[0][2], int(found[0][3])
    names = ", ".join(f"'{shown(value)}' ({count:,})" for value, count, _, _ in found)
    more = f" and {kinds - _NAMED:,} more" if kinds > _NAMED else ""
    noun = "category" if kinds == 1 else "categories"
    where = f"in {rows:,} rows" if code is FindingCode.NEW_CATEGORY else f"{rows:,} rows there"
    only = (
        "that the baseline does not have" if code is FindingCode.NEW_CATEGORY else "of the baseline not seen"
    )
    detail = f"{kinds:,} {noun} {only}, {where}: {names}{more}"
    return [Finding(code=code, column=column.name, detail=detail, count=rows)]
