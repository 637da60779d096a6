"""Longer windows and other baselines in a report: a summary for each, with the column that drifted most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import in_thresholds
from daywatch.config.model.model import ANSWERS
from daywatch.report.figures import SpanSummary

if TYPE_CHECKING:
    from daywatch.measure.drift.profile_drift import ProfileDrift


def span_summaries(drifts: Iterable[ProfileDrift]) -> tuple[SpanSummary, ...]:
    """Return a summary of the features for each span and baseline, in their order.

    Args:
        drifts: Drift of columns over spans; those of slices and of the model's answers are left out.
    """
    groups: dict[tuple[int, object], list[ProfileDrift]] = {}
    for one in drifts:
        if one.column not in ANSWERS and not one.slice:
            groups.setdefault((one.over, one.against), []).append(one)
    return tuple(_summary(group) for group in groups.values())


def _summary(group: list[ProfileDrift]) -> SpanSummary:
    scored = [one for one in group if one.value is not None]
    worst = max(scored, key=_severity, default=None)
    return SpanSummary(
        over=group[0].over,
        against=group[0].against,
        drifted=sum(bool(one.alert) for one in scored) if scored else None,
        scored=len(scored),
        column=worst.column if worst else "",
        value=worst.value if worst else None,
        threshold=worst.threshold if worst else None,
        method=worst.method if worst else "",
        note="" if scored else group[0].note,
    )


def _severity(drift: ProfileDrift) -> float:
    if drift.value is None or drift.threshold is None:
        return 0.0
    return in_thresholds(drift.method, drift.value, drift.threshold)
