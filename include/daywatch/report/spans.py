"""Longer windows and other baselines in a report: a line for each, with the column that drifted most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import in_thresholds
from daywatch.config.model.model import ANSWERS
from daywatch.formatting import number, over_span, plural, threshold
from daywatch.report.content import SpanSummary

if TYPE_CHECKING:
    from daywatch.measure.drift.profile_drift import ProfileDrift


@dataclass(frozen=True)
class SpanRow:
    """A span in words."""

    title: str
    drifted: str
    detail: str


def span_summaries(drifts: Iterable[ProfileDrift]) -> tuple[SpanSummary, ...]:
    """Return a summary of the features for each span and baseline, in their order."""
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


def span_row(summary: SpanSummary) -> SpanRow:
    """Say what a span of days found."""
    days = plural(summary.over, "day")
    title = over_span("Drift", summary.over, summary.against).removeprefix("Drift over ")
    if summary.drifted is None:
        return SpanRow(title, "not known", summary.note or f"nothing is known of {days}")
    limit = f", threshold {threshold(summary.threshold)}" if summary.threshold is not None else ""
    worst = f"most: {summary.column}, {number(summary.value)} by {summary.method}{limit}"
    return SpanRow(title, f"{summary.drifted} of {plural(summary.scored, 'column')} drifted", worst)
