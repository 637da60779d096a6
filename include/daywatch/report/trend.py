"""The trend of a report: its metric, its windows, and since when the model is in the state it is in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, headline_of
from daywatch.report.content import HISTORY_WINDOWS
from daywatch.report.figures import HistoryPoint
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.model.plan import Plan
    from daywatch.config.model.rule import Rule
    from daywatch.results import Metric
    from daywatch.verdicts import RuleOutcome, Verdict
    from daywatch.warehouse.history import JudgedWindow


def headline_metric(plan: Plan, verdict: Verdict) -> str:
    """Return the metric whose trend is shown: the first that made the window RED or AMBER, else the plan's first.

    Args:
        plan: The model's plan.
        verdict: The window's verdict.
    """
    of_state = (rule for rule in verdict.rules if rule.state is verdict.state and _is_of_window(rule))
    blamed = (rule.metric for rule in of_state if rule.metric in METRICS)
    if verdict.state in (State.RED, State.AMBER) and (name := next(blamed, "")):
        return name
    rules: list[Rule | RuleOutcome] = [*plan.rules, *verdict.rules]
    return headline_of(rule.metric for rule in rules if _is_of_window(rule))


def _is_of_window(rule: Rule | RuleOutcome) -> bool:
    return not (rule.column or rule.class_name or rule.slice)


def metric_of_window(metrics: Iterable[Metric], name: str) -> Metric | None:
    """Return a metric of the whole window, None where it was not measured.

    Drift of the prediction and of the target name their column, and are of the whole window all the same.

    Args:
        metrics: Metrics of the window, its columns, classes and slices.
        name: Name of the metric.
    """
    per_column = name in METRICS and METRICS[name].per_column
    of_window = (one for one in metrics if one.name == name and not (one.class_name or one.slice))
    return next((one for one in of_window if not (one.column and per_column)), None)


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


def bad_run(before: list[JudgedWindow]) -> list[JudgedWindow]:
    """Return the unbroken run of windows that were not GREEN, oldest first, the last window last.

    Empty where none of them was RED or AMBER: missing evidence is nothing to recover from. A run begins with the
    first window that was bad.

    Args:
        before: The model's judged windows before this one, oldest first.
    """
    run: list[JudgedWindow] = []
    for window in reversed(before):
        if window.state is State.GREEN:
            break
        run.insert(0, window)
    while run and run[0].state is State.GREY:
        run.pop(0)
    return run
