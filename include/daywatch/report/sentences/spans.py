"""Longer windows and other baselines in words."""

from __future__ import annotations

from dataclasses import dataclass

from daywatch.formatting import number, over_span, plural, threshold
from daywatch.report.figures import SpanSummary


@dataclass(frozen=True)
class SpanRow:
    """Drift over a span of days in words."""

    title: str
    drifted: str
    detail: str


def span_row(summary: SpanSummary) -> SpanRow:
    """Put the drift over a span of days into words.

    Args:
        summary: Drift of the features over the span.
    """
    days = plural(summary.over, "day")
    title = over_span("Drift", summary.over, summary.against).removeprefix("Drift over ")
    if summary.drifted is None:
        return SpanRow(title, "unknown", summary.note or f"there are no profiles of {days}")
    limit = f", threshold {threshold(summary.threshold)}" if summary.threshold is not None else ""
    worst = f"worst: {summary.column}, {number(summary.value)} by {summary.method}{limit}"
    return SpanRow(title, f"{summary.drifted} of {plural(summary.scored, 'column')} drifted", worst)
