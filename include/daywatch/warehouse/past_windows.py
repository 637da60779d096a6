"""The earlier windows that a window is compared with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.measure.service.past_windows import PastVolume, PastWindows, Served, Setting
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.profiles import newest_revisions
from daywatch.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WEEK = timedelta(days=7)
_WEEKS = 8
_COMPARED = 4
"""Windows of the same weekday that the median is of; the latest ones of the last ``_WEEKS`` weeks."""


def past_windows(
    connection: sa.Connection, model: str, window: Window, days: Iterable[date] = ()
) -> PastWindows:
    """Return what the warehouse has of the windows before, each at its newest revision.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window; only windows that end before it starts are used.
        days: Days whose profiles are compared with the window.
    """
    runs = tables.window_run
    last = connection.execute(
        sa.select(runs.c.window_start, runs.c.window_end, runs.c.revision)
        .where(runs.c.model == model, runs.c.window_end <= window.start, runs.c.exported > 0)
        .order_by(runs.c.window_start.desc(), runs.c.window_end.desc(), runs.c.sequence.desc())
        .limit(1)
    ).first()
    volumes = _same_weekday(connection, model, window)
    profiles = newest_revisions(connection, model, days)
    if last is None:
        return PastWindows(same_weekday=volumes, profiles=profiles)
    key = {"model": model, **last._mapping}
    return PastWindows(
        same_weekday=volumes,
        last=Window(last.window_start, last.window_end).key,
        served=tuple(_served(connection, key)),
        profiles=profiles,
    )


def _same_weekday(connection: sa.Connection, model: str, window: Window) -> tuple[PastVolume, ...]:
    """Return the volumes of the latest windows that start whole weeks before, latest first."""
    runs = tables.window_run
    length = window.end - window.start
    weeks = [window.start - n * _WEEK for n in range(1, _WEEKS + 1) if n * _WEEK >= length]
    query = (
        sa.select(runs.c.window_start, runs.c.window_end, runs.c.records)
        .where(runs.c.model == model, runs.c.window_start.in_(weeks))
        .order_by(runs.c.window_start.desc(), runs.c.sequence)
    )
    # Of several revisions of a window, the last one counts.
    newest = {
        row.window_start: row
        for row in connection.execute(query)
        if row.window_end - row.window_start == length
    }
    return tuple(
        PastVolume(window=Window(row.window_start, row.window_end).key, records=row.records)
        for row in list(newest.values())[:_COMPARED]
    )


def _served(connection: sa.Connection, key: dict[str, object]) -> Iterator[Served]:
    """Yield what served a window: model versions, then the other settings, each by number of records."""
    versions, settings = result_tables.window_version, result_tables.window_setting
    query: sa.Select[Any] = (
        sa.select(versions.c.version, versions.c.records, versions.c.rows)
        .where(*(versions.c[name] == value for name, value in key.items()))
        .order_by(versions.c.records.desc(), versions.c.version)
    )
    for version, records, rows in connection.execute(query):
        yield Served(setting=Setting.MODEL_VERSION, value=version, records=records, rows=rows)
    others: sa.Select[Any] = (
        sa.select(settings.c.setting, settings.c.value, settings.c.records, settings.c.rows)
        .where(*(settings.c[name] == value for name, value in key.items()))
        .order_by(settings.c.setting, settings.c.records.desc(), settings.c.value)
    )
    for setting, value, records, rows in connection.execute(others):
        yield Served(setting=Setting(setting), value=value, records=records, rows=rows)
