"""Drift of any column, of predictions and of labels, beyond the column's own threshold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import P_VALUES, in_thresholds
from daywatch.formatting import number
from daywatch.judge.standard.view import AT_ONCE, outcome
from daywatch.results import Metric, State
from daywatch.text import shown
from daywatch.verdicts import RuleOutcome, Topic

if TYPE_CHECKING:
    from daywatch.judge.standard.view import StandardView


def drift_outcomes(view: StandardView) -> Iterator[RuleOutcome]:
    """Yield the drifted columns, the farthest beyond its threshold first; one GREEN outcome where there are none."""
    if view.empty is not None:
        return
    names = ["drift_score", "prediction_drift"] + ([] if view.unlabelled else ["target_drift"])
    scored = [one for name in names for one in view.of(name) if one.threshold is not None]
    found = [one for one in scored if one.alert and _counts(one, view)]
    for metric in sorted(found, key=lambda one: -_times(one)):
        yield outcome(metric, Topic.DRIFT, State.AMBER, *_words(metric))
    if scored and not found:
        once = sum(bool(one.alert) for one in scored)
        reason = f"None of {len(scored)} columns drifted"
        reason += f"; {once} beyond its threshold in this window alone" if once == 1 else ""
        reason += f"; {once} beyond their thresholds in this window alone" if once > 1 else ""
        yield outcome(
            Metric(name="drifted_columns", value=0), Topic.DRIFT, State.GREEN, reason, "no column drifted"
        )


def _times(metric: Metric) -> float:
    """Return how many times its threshold a drift is; of a p-value by the root of its logarithm, as distances are."""
    times = in_thresholds(metric.method, metric.value or 0.0, metric.threshold or 0.0)
    return math.sqrt(max(times, 0.0)) if metric.method in P_VALUES else times


def _counts(metric: Metric, view: StandardView) -> bool:
    return _times(metric) >= AT_ONCE or view.is_repeated(metric)


def _words(metric: Metric) -> tuple[str, str]:
    name = shown(metric.column)
    times = f"{number(_times(metric))} times its threshold"
    reason = f"{name} drifted: its distance from the baseline is {number(metric.value)}, {times}"
    if _times(metric) < AT_ONCE:
        reason += ", and was beyond it in the windows before"
    return f"{reason} ({metric.method})", f"{name} drifted, {times}"
