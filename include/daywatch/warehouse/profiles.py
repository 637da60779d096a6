"""Stored profiles, from which longer windows and other baselines are merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date
from typing import Any

import sqlalchemy as sa

from daywatch.days import EAST, WEST, start_of_day
from daywatch.profiles.profile import ColumnProfile, Profile
from daywatch.warehouse import result_tables, tables
from daywatch.window import Window, WindowUnit


def newest_revisions(connection: sa.Connection, model: str, days: Iterable[date]) -> dict[date, str]:
    """Return the newest revision of each day that was judged, in order.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: The days; windows of more than a day do not count.
    """
    wanted = set(days)
    runs = tables.window_run
    query = (
        sa.select(runs.c.window_start, runs.c.window_end, runs.c.revision)
        .where(runs.c.model == model, _of_days(runs, wanted))
        .order_by(runs.c.window_start, runs.c.sequence)
    )
    # Of several revisions of a window, the last one counts.
    return {
        window.first: row.revision
        for row in connection.execute(query)
        if (window := Window(row.window_start, row.window_end)).unit is WindowUnit.DAY
        and window.first in wanted
    }


def profiles_of(
    connection: sa.Connection, model: str, revisions: Mapping[date, str], of_slice: str = ""
) -> dict[date, Profile]:
    """Return the profiles of days at certain revisions, in one query.

    The result has no day on which the slice had too few rows, and no day whose profile cannot be merged because
    an older version of Daywatch made it.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        revisions: Revision of each day.
        of_slice: Name of the slice, empty for all rows.
    """
    table = result_tables.column_profile
    query = sa.select(table).where(
        table.c.model == model,
        _of_days(table, revisions),
        table.c.revision.in_(sorted(set(revisions.values()))),
        table.c.slice == of_slice,
        ~table.c.of_baseline,
        table.c.sketch.is_not(None),
    )
    columns: dict[date, list[ColumnProfile]] = {}
    for row in connection.execute(query):
        window = Window(row.window_start, row.window_end)
        if window.unit is WindowUnit.DAY and row.revision == revisions.get(window.first):
            columns.setdefault(window.first, []).append(_column(row))
    return {day: _profile(columns[day]) for day in sorted(columns)}


def profiled_slices(connection: sa.Connection, model: str, window: Window, revision: str) -> list[str]:
    """Return the names of the slices of a window that have profiles, in order.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window.
        revision: Revision of the window.
    """
    table = result_tables.column_profile
    query = (
        sa.select(table.c.slice)
        .distinct()
        .where(
            table.c.model == model,
            table.c.window_start == window.start,
            table.c.window_end == window.end,
            table.c.revision == revision,
            table.c.slice != "",
        )
    )
    return sorted(connection.execute(query).scalars())


def baseline_profile(connection: sa.Connection, model: str, baseline_id: str, of_slice: str = "") -> Profile:
    """Return a baseline's profile of all rows or of a slice.

    It has no columns where the slice had too few rows, where the slice did not exist when the baseline was
    built, or where an older version of Daywatch built it.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        baseline_id: Id of the baseline.
        of_slice: Name of the slice, empty for all rows.
    """
    table = result_tables.column_profile
    query = sa.select(table).where(
        table.c.model == model,
        table.c.revision == baseline_id,
        table.c.slice == of_slice,
        table.c.of_baseline,
        table.c.sketch.is_not(None),
    )
    return _profile([_column(row) for row in connection.execute(query)])


def baseline_of_window(connection: sa.Connection, model: str, window: Window, revision: str) -> str:
    """Return the id of the baseline that a recorded window was compared with.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window.
        revision: Revision of the window.
    """
    runs = tables.window_run
    query = sa.select(runs.c.baseline_id).where(
        runs.c.model == model,
        runs.c.window_start == window.start,
        runs.c.window_end == window.end,
        runs.c.revision == revision,
    )
    return str(connection.execute(query).scalar_one())


def _of_days(table: sa.Table, days: Iterable[date]) -> sa.ColumnElement[bool]:
    """Return the condition for windows that may be of days, whatever their time zone; days close by meet it too."""
    starts = [start_of_day(day, UTC) for day in days]
    if not starts:
        return sa.false()
    return table.c.window_start.between(min(starts) - EAST, max(starts) - WEST)


def _column(row: Any) -> ColumnProfile:
    names = ("type", "count", "nulls", "non_finite", "mean", "std", "min", "max")
    statistics = {name: row._mapping[name] for name in names}
    return ColumnProfile.model_validate(
        {"name": row.column_name, "distinct": row.distinct_count, **statistics, **row.detail, **row.sketch}
    )


def _profile(columns: list[ColumnProfile]) -> Profile:
    rows = columns[0].rows if columns else 0
    return Profile(rows=rows, days={}, columns=tuple(sorted(columns, key=lambda column: column.name)))
