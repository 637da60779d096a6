"""Frequent categories of the window that the baseline's profile does not list, counted in the baseline.

A profile lists the most frequent values. A value that it does not list may still occur, so that "0 %" would be false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import duckdb_in, identifier, text
from daywatch.results import CategoryRows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daywatch.profiles.profile import ColumnProfile, Profile

MOST_COUNTED = 10
"""So many categories of a column are counted, the most frequent ones of the window; charts show fewer."""


def unlisted_categories(
    baseline: Path, baseline_profile: Profile, profile: Profile, scratch: Path
) -> tuple[CategoryRows, ...]:
    """Count the window's frequent categories in the baseline, where its profile does not list them.

    Args:
        baseline: Canonical Parquet of the baseline.
        baseline_profile: The baseline's profile.
        profile: The window's profile.
        scratch: Folder that DuckDB may spill into.
    """
    wanted = {
        column.name: _unlisted(baseline_profile.column(column.name), column) for column in profile.columns
    }
    with duckdb_in(scratch) as connection:
        counted = {
            name: dict(
                connection.execute(
                    f"SELECT CAST({identifier(name)} AS VARCHAR) AS v, count(*)"
                    f" FROM read_parquet({text(str(baseline))}) WHERE v IN (SELECT unnest(?)) GROUP BY 1",
                    [values],
                ).fetchall()
            )
            for name, values in wanted.items()
            if values
        }
    return tuple(
        CategoryRows(column=name, category=value, rows=found.get(value, 0))
        for name, found in counted.items()
        for value in wanted[name]
    )


def _unlisted(baseline: ColumnProfile | None, window: ColumnProfile) -> list[str]:
    return list(_unlisted_values(baseline, window))[:MOST_COUNTED] if baseline and baseline.other else []


def _unlisted_values(baseline: ColumnProfile, window: ColumnProfile) -> Iterator[str]:
    listed = {entry.value for entry in baseline.frequent}
    return (entry.value for entry in window.frequent if entry.count and entry.value not in listed)
