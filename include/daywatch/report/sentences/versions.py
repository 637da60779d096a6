"""The metrics of each model version, where more than one served the window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from daywatch.config.model.slices import OF_VERSIONS
from daywatch.formatting import metric_title, metric_value
from daywatch.report.content import Report
from daywatch.verdicts import RuleOutcome

MOST_METRICS = 3


@dataclass(frozen=True)
class VersionRow:
    """A version with its numbers in words, such as ``Latency p95 574 ms``."""

    version: str
    values: tuple[str, ...]


def version_rows(report: Report, bad: Iterable[RuleOutcome]) -> tuple[VersionRow, ...]:
    """Return the metrics that decided the verdict, by version; empty where one version served all requests.

    Args:
        report: Content of the report.
        bad: Rules that are not GREEN, worst first; without any, the metric of the trend is shown.
    """
    values = {
        (metric.slice.removeprefix(OF_VERSIONS), metric.name): metric.value
        for metric in report.metrics
        if metric.slice.startswith(OF_VERSIONS) and not metric.column
    }
    measured = {name for _, name in values}
    wanted = [rule.metric for rule in bad if not (rule.column or rule.slice)] or [report.headline_metric]
    shown = [name for name in dict.fromkeys(["rows", *wanted]) if name in measured][: MOST_METRICS + 1]
    return tuple(
        VersionRow(
            version=version,
            values=tuple(
                f"{metric_title(name)} {metric_value(name, values.get((version, name)))}" for name in shown
            ),
        )
        for version in dict.fromkeys(version for version, _ in values)
    )
