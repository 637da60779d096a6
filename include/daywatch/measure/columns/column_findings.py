"""Findings about a column's counts: missing, new, empty, constant, non-finite or with another type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.formatting import number
from daywatch.measure.columns.counts import EXTREME
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.results import Finding, FindingCode
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.columns.counts import ColumnCounts, CountsByColumn
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.tables import Tables


def column_findings(column: Column, counts: CountsByColumn) -> list[Finding]:
    """Return what is remarkable about a column's counts."""
    window, baseline = counts[column.name][Side.WINDOW], counts[column.name][Side.BASELINE]
    found = [*_extreme_findings(counts[column.name])]
    # Labels arrive late: their absence is the metric "labelled", not a finding.
    if column.role is not Role.LABEL:
        found = [
            *_type_findings(column, counts[column.name]),
            *_baseline_findings(window, baseline),
            *_window_findings(window, baseline),
            *found,
        ]
    return [
        Finding(code=code, column=column.name, detail=detail, count=count) for code, detail, count in found
    ]


_Found = Iterator[tuple[FindingCode, str, int]]
"""The code, the sentence and the count of each finding."""


def _type_findings(column: Column, sides: dict[Side, ColumnCounts]) -> _Found:
    for side in (Side.BASELINE, Side.WINDOW):
        stored = sides[side].stored
        if stored:
            detail = f"the {side} holds it as {stored}, and the model says {column.sql_type}"
            yield FindingCode.COLUMN_RETYPED, f"{detail}; what does not fit is missing", sides[side].rows


def _baseline_findings(window: ColumnCounts, baseline: ColumnCounts) -> _Found:
    if baseline.rows and baseline.absent and not window.absent:
        detail = "the baseline has no such column: build the baseline again to compare it"
        yield FindingCode.COLUMN_NEW, detail, window.rows
    elif baseline.unusable(Side.BASELINE):
        yield FindingCode.BASELINE_UNUSABLE, baseline.unusable(Side.BASELINE), baseline.rows


def _window_findings(window: ColumnCounts, baseline: ColumnCounts) -> _Found:
    if window.rows and window.absent:
        yield FindingCode.COLUMN_MISSING, "the window has no such column", window.rows
    elif window.rows and not window.filled:
        yield FindingCode.COLUMN_ALL_NULL, f"all {window.rows:,} rows are without a value", window.rows
    if window.non_finite:
        detail = f"{window.non_finite:,} of {window.filled:,} values are NaN or infinite"
        yield FindingCode.NON_FINITE, detail, window.non_finite
    if window.constant and baseline.usable and not baseline.constant:
        detail = f"all {window.filled:,} values are the same; in the baseline they differ"
        yield FindingCode.COLUMN_CONSTANT, detail, window.filled


def _extreme_findings(sides: dict[Side, ColumnCounts]) -> _Found:
    for side in (Side.BASELINE, Side.WINDOW):
        one = sides[side]
        if one.extreme:
            several = "is" if one.extreme == 1 else f"are beyond ±{EXTREME:g}, the farthest"
            detail = (
                f"{one.extreme:,} of {one.filled:,} values of the {side} {several} {number(one.farthest)}"
            )
            yield FindingCode.EXTREME_VALUE, f"{detail}; it decides means, errors and distances", one.extreme


def unknown_columns(tables: Tables) -> list[Finding]:
    """Name the columns of the window that neither the model's configuration nor the baseline has."""
    new = [name for name in tables.unknown[Side.WINDOW] if name not in tables.unknown[Side.BASELINE]]
    return [
        Finding(
            code=FindingCode.COLUMN_NEW,
            column=shown(name),
            detail="the model's configuration does not name it",
        )
        for name in new
    ]
