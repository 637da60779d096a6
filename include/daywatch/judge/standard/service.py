"""Slow answers and failed requests, compared with the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.formatting import interval_and_baseline, metric_title, metric_value
from daywatch.judge.standard.view import outcome
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome, Topic

if TYPE_CHECKING:
    from daywatch.judge.standard.view import StandardView

_FAILURES = ("error_share", "timeout_share")
_ROOM, _MUCH = 0.01, 0.1
"""Beyond the baseline's share of failures and so many more, AMBER and RED."""

_SLOWER, _MUCH_SLOWER = 1.5, 3.0
"""From so many times the baseline's latency on, AMBER and RED."""

_LEAST_ROWS = 30
_IMPROBABLE = 1e-4


def service_outcomes(view: StandardView) -> Iterator[RuleOutcome]:
    """Yield what is slower or fails more often than in the baseline; nothing where nothing does."""
    for name in _FAILURES:
        for metric in view.of(name):
            if (state := _failures(metric)) is not State.GREEN:
                yield _outcome(metric, state)
    for metric in view.of("latency_p95"):
        if (state := _latency(metric)) is not State.GREEN:
            yield _outcome(metric, state)


def _failures(metric: Metric) -> State:
    """Return the state of a share of failures: by its rise, if chance does not explain it."""
    from scipy.stats import binom

    value, baseline, rows = metric.value or 0.0, metric.baseline or 0.0, metric.rows or 0
    if value <= baseline + _ROOM or not rows:
        return State.GREEN
    share = baseline + 1 / ((metric.baseline_rows or rows) + 2)
    if binom.sf(round(value * rows) - 1, rows, min(share, 1.0)) > _IMPROBABLE:
        return State.GREEN
    return State.RED if value > baseline + _MUCH else State.AMBER


def _latency(metric: Metric) -> State:
    value, baseline = metric.value or 0.0, metric.baseline or 0.0
    few = metric.rows is not None and metric.rows < _LEAST_ROWS
    by_chance = metric.difference_low is not None and metric.difference_low <= 0
    if not baseline or few or by_chance or value < _SLOWER * baseline:
        return State.GREEN
    return State.RED if value >= _MUCH_SLOWER * baseline else State.AMBER


def _outcome(metric: Metric, state: State) -> RuleOutcome:
    title, value = metric_title(metric.name), metric_value(metric.name, metric.value)
    context = interval_and_baseline(metric)
    reason = f"{title} is {value} ({context}), more than in the baseline"
    return outcome(metric, Topic.SERVICE, state, reason, f"{title} {value}")
