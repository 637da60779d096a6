"""What the standard rules see of a window, and the outcomes that they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.plan import STANDARD
from daywatch.config.model.rule import rule_target
from daywatch.measure.service.past_windows import alert_name
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome, Topic

if TYPE_CHECKING:
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.judge.opinion import Opinion
    from daywatch.results import Finding


AT_ONCE = 1.5
"""So many times beyond its threshold, or its interval, a change counts in its first window; else in two of three."""


@dataclass(frozen=True)
class StandardView:
    """What the standard rules see of a window.

    Attributes:
        metrics: The metrics of the whole window, its columns and its classes.
        findings: The findings.
        counts: The counts of the export.
        alerts_before: What stood out in each of the two windows before, as ``alert_name`` writes it.
        empty: Why the window's rows cannot be judged, None if there are enough.
        unlabelled: Why its performance cannot be judged, None if there are enough labels.
        replaced: Whether a rule of the plan stands for the standard one on a metric and a column.
        least_labels: The rows that a performance metric needs.
        excuses_volume: Whether the window is a holiday, of which nobody expects the usual volume.
        no_performance: Why the baseline has no performance, empty where it has one.
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    counts: ExportCounts
    alerts_before: tuple[tuple[str, ...], ...]
    empty: Opinion | None
    unlabelled: Opinion | None
    replaced: Callable[[str, str], bool]
    least_labels: int
    excuses_volume: bool = False
    no_performance: str = ""

    def of(self, name: str) -> list[Metric]:
        """Return the metrics of a name that have a value and that no rule of the plan judges."""
        return [
            one
            for one in self.metrics
            if one.name == name
            and not one.class_name
            and one.value is not None
            and not self.replaced(name, one.column)
        ]

    def is_repeated(self, metric: Metric) -> bool:
        """Return whether a metric stood out in one of the two windows before too."""
        name = alert_name(metric.name, metric.column)
        return any(name in alerts for alerts in self.alerts_before)

    @property
    def by_name(self) -> Mapping[tuple[str, str], Metric]:
        """The metrics by name and column."""
        return {(one.name, one.column): one for one in self.metrics if not one.class_name}


def outcome(metric: Metric, topic: Topic, state: State, reason: str, short: str) -> RuleOutcome:
    """Return the outcome of a standard rule.

    Args:
        metric: The metric that it judges.
        topic: What the rule is about.
        state: The state.
        reason: The reason in one sentence with the numbers.
        short: The reason in a few words.
    """
    return RuleOutcome(
        rule=f"{STANDARD}: {rule_target(metric.name, metric.column, '', None)}",
        metric=metric.name,
        column=metric.column,
        value=metric.value,
        baseline=metric.baseline,
        state=state,
        reason=reason,
        short=short,
        topic=topic,
    )
