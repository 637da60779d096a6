"""The metrics of windows before, for rules that compare with them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.days import EAST, start_of_day
from daywatch.measure.performance.profile_measures import is_of_profiles, profile_measure
from daywatch.measure.service.metric_history import MetricHistory, MetricKey, histories
from daywatch.results import Metric
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.profiles import profiles_of
from daywatch.window import Window, WindowUnit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

Days = tuple["date", "date"]


def metric_histories(
    connection: sa.Connection, model: str, window: Window, needed: Mapping[MetricKey, Days]
) -> tuple[MetricHistory, ...]:
    """Return the values of metrics in the windows before of the same length, each at its newest revision.

    Metrics of values come from stored profiles, so that a new rule on them has history at once.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window; only windows that end before it starts are used.
        needed: The metrics, and the first and the last day of the windows that they are needed of.
    """
    if not needed:
        return ()
    days = (min(first for first, _ in needed.values()), max(last for _, last in needed.values()))
    revisions = _revisions(connection, model, window, days)
    found: dict[Window, list[Metric]] = {one: [] for one in revisions}
    stored = [key for key in needed if not is_of_profiles(key.metric)]
    _add_stored(connection, model, stored, revisions, found)
    if window.unit is WindowUnit.DAY:
        _add_of_profiles(connection, model, [key for key in needed if key not in stored], revisions, found)
    return histories(dict(needed), found.items())


def _revisions(connection: sa.Connection, model: str, window: Window, days: Days) -> dict[Window, str]:
    """Return the newest revision of each window between two days."""
    runs = tables.window_run
    query = (
        sa.select(runs.c.window_start, runs.c.window_end, runs.c.revision)
        .where(
            runs.c.model == model,
            runs.c.window_start >= start_of_day(days[0], UTC) - EAST,
            runs.c.window_end <= window.start,
        )
        .order_by(runs.c.window_start, runs.c.sequence)
    )
    # Of several revisions of a window, the last one counts.
    found = {Window(row.window_start, row.window_end): row.revision for row in connection.execute(query)}
    first, last = days
    return {
        one: revision
        for one, revision in found.items()
        if one.is_like(window) and first <= one.first and one.last <= last
    }


def _add_stored(
    connection: sa.Connection,
    model: str,
    keys: list[MetricKey],
    revisions: Mapping[Window, str],
    found: dict[Window, list[Metric]],
) -> None:
    """Add the metrics that are stored as such."""
    if not keys or not revisions:
        return
    values = result_tables.metric_value
    query = sa.select(values).where(
        values.c.model == model,
        values.c.window_start >= min(one.start for one in revisions),
        values.c.window_end <= max(one.end for one in revisions),
        values.c.metric.in_(sorted({one.metric for one in keys})),
        values.c.slice.in_(sorted({one.slice for one in keys})),
        values.c.class_name.in_(sorted({one.class_name for one in keys})),
    )
    for row in connection.execute(query):
        window = Window(row.window_start, row.window_end)
        if revisions.get(window) == row.revision:
            found[window].append(
                Metric(
                    name=row.metric,
                    column=row.column_name,
                    class_name=row.class_name,
                    slice=row.slice,
                    value=row.value,
                    low=row.low,
                    high=row.high,
                    rows=row.rows,
                )
            )


def _add_of_profiles(
    connection: sa.Connection,
    model: str,
    keys: list[MetricKey],
    revisions: Mapping[Window, str],
    found: dict[Window, list[Metric]],
) -> None:
    """Add the metrics of values, from the profiles of days."""
    if not keys:
        return
    windows = {one.first: one for one in revisions}
    profiles = profiles_of(connection, model, {one.first: revision for one, revision in revisions.items()})
    for day, profile in profiles.items():
        for key in keys:
            one = profile_measure(key.metric, key.column or key.class_name, profile)
            about = {"column": key.column, "class_name": key.class_name}
            numbers = {"value": one.value, "low": one.low, "high": one.high, "rows": one.rows}
            found[windows[day]].append(Metric(name=key.metric, **about, **numbers))
