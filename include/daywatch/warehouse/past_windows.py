"""The earlier windows that a window is compared with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.measure.service.past_windows import PastVolume, PastWindows, Served, Setting, alert_name
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.profiles import newest_revisions
from daywatch.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_REPEATED = tuple(
    name
    for name, one in METRICS.items()
    if one.kind in (MetricKind.DRIFT, MetricKind.TARGET, MetricKind.PERFORMANCE)
)
"""Metrics that count if they stand out again."""

_WEEK = timedelta(days=7)
_WEEKS = 8
_OLDEST = 7
"""Windows before that may show that drift stands out again are at most so many lengths of a window away."""
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
    alerts = tuple(_alerts(connection, model, window))
    key = {"model": model, **last._mapping}
    return PastWindows(
        same_weekday=volumes,
        last=Window(last.window_start, last.window_end).key,
        served=tuple(_served(connection, key)),
        profiles=profiles,
        alerts=alerts,
    )


def _alerts(connection: sa.Connection, model: str, window: Window) -> Iterator[tuple[str, ...]]:
    """Yield what stood out in each of the two windows of this length that were judged before, the latest first.

    They are at most seven windows old: a model that nobody expects captures of on weekends has a Friday before its
    Monday.
    """
    runs, metrics = tables.window_run, result_tables.metric_value
    query = (
        sa.select(runs.c.window_start, runs.c.window_end, runs.c.revision)
        .where(runs.c.model == model, runs.c.window_end <= window.start)
        .where(runs.c.window_start >= window.start - (_OLDEST + 1) * (window.end - window.start))
        .order_by(runs.c.window_start.desc(), runs.c.sequence)
    )
    # Of several revisions of a window, the last one counts.
    newest = {Window(row.window_start, row.window_end): row.revision for row in connection.execute(query)}
    alike = [one for one in newest if one.is_like(window) and window.steps_after(one) <= _OLDEST]
    for before in alike[:2]:
        alerts = sa.select(metrics.c.metric, metrics.c.column_name).where(
            metrics.c.model == model,
            metrics.c.window_start == before.start,
            metrics.c.window_end == before.end,
            metrics.c.revision == newest[before],
            metrics.c.slice == "",
            metrics.c.class_name == "",
            metrics.c.metric.in_(_REPEATED),
            metrics.c.status == "alert",
        )
        yield tuple(sorted(alert_name(metric, column) for metric, column in connection.execute(alerts)))


def _same_weekday(connection: sa.Connection, model: str, window: Window) -> tuple[PastVolume, ...]:
    """Return the volumes of the latest windows that start whole weeks before, latest first."""
    runs = tables.window_run
    query = (
        sa.select(runs.c.window_start, runs.c.window_end, runs.c.records)
        .where(runs.c.model == model, runs.c.window_end <= window.start)
        .where(runs.c.window_start >= window.start - _WEEKS * max(_WEEK, window.end - window.start))
        .order_by(runs.c.window_start.desc(), runs.c.sequence)
    )
    # Of several revisions of a window, the last one counts.
    newest = {Window(row.window_start, row.window_end): row.records for row in connection.execute(query)}
    alike = [one for one in newest if one.is_like(window) and one.has_weekday_of(window)]
    return tuple(PastVolume(window=one.key, records=newest[one]) for one in alike[:_COMPARED])


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
