"""The trend of a report: its metric, its windows, and since when the model is in the state it is in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from daywatch.config.metrics import headline_of
from daywatch.report.content import HISTORY_WINDOWS
from daywatch.report.figures import HistoryPoint
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.model.plan import Plan
    from daywatch.results import Metric, Verdict
    from daywatch.warehouse.history import JudgedWindow


def headline_metric(plan: Plan, verdict: Verdict) -> str:
    """Return the metric whose trend is shown: one that made the window RED or AMBER, else the plan's first.

    Args:
        plan: The model's plan.
        verdict: The window's verdict.
    """
    blamed = [
        rule.metric
        for rule in verdict.rules
        if rule.state is verdict.state
        and rule.state in (State.RED, State.AMBER)
        and not (rule.column or rule.class_name or rule.slice)
    ]
    of_window = (rule for rule in plan.rules if not (rule.column or rule.class_name or rule.slice))
    return headline_of(blamed or (rule.metric for rule in of_window))


def metric_of_window(metrics: Iterable[Metric], name: str) -> Metric | None:
    """Return a metric of the whole window, None where it was not measured.

    Args:
        metrics: Metrics of the window, its columns, classes and slices.
        name: Name of the metric.
    """
    of_window = (one for one in metrics if not (one.column or one.class_name or one.slice))
    return next((one for one in of_window if one.name == name), None)


def history_points(before: list[JudgedWindow], headline: str, this: HistoryPoint) -> tuple[HistoryPoint, ...]:
    """Return the windows of the trend, oldest first, this one last.

    Args:
        before: The model's judged windows before this one, oldest first.
        headline: Name of the metric that the trend shows.
        this: The window of the report.
    """
    points = [
        HistoryPoint(
            window=window.window,
            state=window.state,
            value=window.metrics.get(headline),
            rows=window.rows,
            labelled=window.labelled,
        )
        for window in before[-(HISTORY_WINDOWS - 1) :]
    ]
    return (*points, this)


def windows_in_state(before: list[JudgedWindow], this: HistoryPoint) -> list[str]:
    """Return the keys of the unbroken run of windows in this window's state, oldest first, this one last.

    Args:
        before: The model's judged windows before this one, oldest first.
        this: The window of the report.
    """
    run = [this.window]
    for window in reversed(before):
        if window.state is not this.state:
            break
        run.insert(0, window.window)
    return run
