"""What the page of a model shows, read from the warehouse in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from daywatch.config.metrics import headline_of
from daywatch.incidents.listing import list_incidents
from daywatch.incidents.types import StoredIncident
from daywatch.incidents.windows import open_days
from daywatch.pages.model.charts import (
    Chart,
    classes_chart,
    keys_of,
    latency_chart,
    maturity_chart,
    metric_chart,
    volume_chart,
)
from daywatch.pages.model.heat import HEAT_WINDOWS, HeatRow, heat_map
from daywatch.report.sentences.rows import RuleRow, rule_row
from daywatch.verdicts import RuleOutcome
from daywatch.warehouse.reading import events
from daywatch.warehouse.reading.history import answered_classes, history, measured, planned_metrics
from daywatch.warehouse.reading.outcomes import rule_outcomes
from daywatch.window import Window

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.model.model import MonitoredModel
    from daywatch.warehouse.reading.history import HistoryWindow

_METRICS = 8
"""Time series at most: those of the plan's first metrics."""

_LATENCIES = ("latency_p50", "latency_p95", "latency_p99")


@dataclass(frozen=True)
class Marker:
    """Something that happened to the model.

    Attributes:
        day: The day, as an ISO date.
        kind: ``incident``, ``retraining``, ``version``, ``baseline`` or ``deployment``.
        text: What happened.
        until: The last day of something that lasts, empty for what has happened on one day.
    """

    day: str
    kind: str
    text: str
    until: str = ""


@dataclass(frozen=True)
class ModelContent:
    """The sections of the page.

    Attributes:
        windows: The judged windows, oldest first.
        since: Key of the first of the latest windows in a row with the newest state.
        plan: The newest outcome of each rule, in words, with the reason.
        charts: The charts.
        heat: The heat map.
        heat_windows: The windows of the heat map.
        more_columns: Number of columns that the heat map leaves out.
        incidents: The open incidents, the worst first.
        markers: What happened, oldest first.
        versions: The registered versions.
        deployments: The deployments.
        retrainings: The decisions that led to a training.
    """

    windows: list[HistoryWindow]
    since: str
    plan: tuple[tuple[RuleRow, str], ...]
    charts: tuple[Chart, ...]
    heat: tuple[HeatRow, ...]
    heat_windows: list[HistoryWindow]
    more_columns: int
    incidents: list[StoredIncident]
    markers: tuple[Marker, ...]
    versions: list[Any]
    deployments: list[Any]
    retrainings: list[events.StoredDecision]


def model_content(
    connection: sa.Connection, model: str, days: Window, configured: MonitoredModel | None
) -> ModelContent:
    """Return what the page shows.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: The days to show.
        configured: The model's configuration, None where its YAML is gone or has errors.
    """
    windows = history(connection, model, days)
    heat_windows = windows[-HEAT_WINDOWS:]
    latest = Window(heat_windows[0].start, days.end) if heat_windows else days
    scores = measured(connection, model, latest, ["drift_score"], of_columns=True)
    heat, more = heat_map(heat_windows, scores)
    decisions = events.retraining_decisions(connection, model, days, limit=None)
    decided = {one.run_id: one for one in reversed(decisions)}
    retrainings = [one for one in decided.values() if one.run_id]
    deployments = events.model_deployments(connection, model)
    incidents = list_incidents(connection, models=frozenset({model}), closed=True)
    return ModelContent(
        windows=windows,
        since=_since(windows),
        plan=tuple((rule_row(one), one.reason) for one in _newest_outcomes(connection, windows, model)),
        charts=charts_of(connection, model, days, windows, configured),
        heat=heat,
        heat_windows=heat_windows,
        more_columns=more,
        incidents=[one for one in incidents if one.is_open],
        markers=tuple(
            sorted(
                [
                    *_markers(connection, model, days, windows, retrainings, deployments),
                    *_spans(connection, model, incidents, days),
                ],
                key=lambda one: (one.day, one.kind, one.text),
            )
        ),
        versions=events.model_versions(connection, model),
        deployments=deployments,
        retrainings=retrainings,
    )


def charts_of(
    connection: sa.Connection,
    model: str,
    days: Window,
    windows: list[HistoryWindow],
    configured: MonitoredModel | None,
) -> tuple[Chart, ...]:
    """Return the charts of a model: the headline metric first.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        days: The days to show.
        windows: The judged windows of these days.
        configured: The model's configuration, None where it is not known.
    """
    planned = planned_metrics(connection, model, days)
    headline = headline_of(planned)
    names = list(dict.fromkeys([*([headline] if headline else []), *planned]))
    found = {
        (one.window, one.metric): one for one in measured(connection, model, days, {*names, *_LATENCIES})
    }
    series = [name for name in names if any(name == metric for _, metric in found)][:_METRICS]
    charts = (
        *(metric_chart(name, windows, found, configured) for name in series),
        classes_chart(answered_classes(connection, model, days), keys_of(windows)),
        volume_chart(windows),
        latency_chart(windows, found),
        maturity_chart(windows),
    )
    return tuple(one for one in charts if one is not None)


def numbers_of(
    connection: sa.Connection, model: str, chart: str, days: Window, configured: MonitoredModel | None
) -> list[Sequence[Any]] | None:
    """Return the numbers of a chart with their headings first, None where there is no such chart.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        chart: Name of the chart; ``drift`` for the scores of all columns.
        days: The days.
        configured: The model's configuration, None where it is not known.
    """
    if chart == "drift":
        scores = measured(connection, model, days, ["drift_score"], of_columns=True)
        keys = keys_of(history(connection, model, days))
        rows = [
            (keys[one.window], one.column, one.value, one.threshold, one.method)
            for one in scores
            if one.window in keys
        ]
        return [("Window", "Column", "Score", "Threshold", "Method"), *rows]
    charts = charts_of(connection, model, days, history(connection, model, days), configured)
    found = next((one for one in charts if one.name == chart), None)
    return [found.columns, *found.rows] if found else None


def _since(windows: list[HistoryWindow]) -> str:
    since = ""
    for one in reversed(windows):
        if one.state != windows[-1].state:
            break
        since = one.window
    return since


def _newest_outcomes(
    connection: sa.Connection, windows: list[HistoryWindow], model: str
) -> list[RuleOutcome]:
    return rule_outcomes(connection, model, windows[-1].start, windows[-1].revision) if windows else []


def _markers(
    connection: sa.Connection,
    model: str,
    days: Window,
    windows: list[HistoryWindow],
    retrainings: list[events.StoredDecision],
    deployments: list[Any],
) -> list[Marker]:
    found = [Marker(one.window, "retraining", f"Retraining: {one.reason}") for one in retrainings]
    found += [
        Marker(after.window, "baseline", f"Baseline {after.baseline_id}")
        for before, after in pairwise(windows)
        if before.baseline_id != after.baseline_id
    ]
    changes = events.changes_of_serving(connection, model, days)
    keys = keys_of(windows)
    found += [Marker(keys[start], "version", detail) for start, detail in changes if start in keys]
    found += [
        Marker(one.created_at.date().isoformat(), "deployment", f"Version {one.version} at {one.endpoint}")
        for one in deployments
        if days.start <= one.created_at < days.end
    ]
    return found


def _spans(
    connection: sa.Connection, model: str, incidents: list[StoredIncident], days: Window
) -> Iterator[Marker]:
    shown = [
        one
        for one in incidents
        if one.first_window < days.end and one.last_window >= days.start and not one.parent_id
    ]
    spans = open_days(connection, model, shown)
    for one in shown:
        for first, last in spans[one.incident_id]:
            yield Marker(first, "incident", one.sentence, last)
