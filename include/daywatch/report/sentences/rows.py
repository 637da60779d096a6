"""The rows and blocks of a report in words: rules, columns, performance, expectations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.formatting import (
    change,
    interval,
    metric_title,
    metric_value,
    number,
    over_span,
    percent,
    plural,
    threshold,
)
from daywatch.report.figures import ColumnComparison
from daywatch.results import ExpectationResult, Metric
from daywatch.text import visible
from daywatch.verdicts import RuleOutcome

LONGEST_DETAIL = 160
"""Characters of an expectation's arguments and observation; a value set may have thousands of values."""

_TARGET = re.compile(r": (?=(?:green|amber|red) )")
"""Separates the subject of a rule from its conditions."""


@dataclass(frozen=True)
class RuleRow:
    """A rule that is not GREEN."""

    state: str
    title: str
    value: str
    baseline: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class ColumnBlock:
    """One of the worst columns in words."""

    name: str
    type: str
    sentence: str
    score: str
    bars: tuple[tuple[str, str, str], ...]
    caption: str


@dataclass(frozen=True)
class PerformanceRow:
    """One performance metric with its interval and rows, or with the reason why it was not measured."""

    title: str
    value: str
    baseline: str
    change: str
    worth: str


@dataclass(frozen=True)
class FailureRow:
    """One failed expectation."""

    severity: str
    title: str
    detail: str


def rule_row(rule: RuleOutcome) -> RuleRow:
    """Put the outcome of a rule into words.

    Args:
        rule: Outcome of a rule of the plan.
    """
    about = rule.column or rule.class_name
    title = metric_title(rule.metric, about, rule.slice)
    return RuleRow(
        state=str(rule.state),
        title=over_span(title, rule.over, rule.against),
        value=metric_value(rule.metric, rule.value),
        baseline=metric_value(rule.metric, rule.baseline) if rule.baseline is not None else "none",
        conditions=tuple(_TARGET.split(rule.rule)[-1].split(", ")),
    )


def column_block(column: ColumnComparison) -> ColumnBlock:
    """Put the change of a column into words.

    Args:
        column: One of the worst columns.
    """
    score = ""
    if column.score is not None:
        score = f"Drift score {number(column.score)}"
        score += f", threshold {threshold(column.threshold)}" if column.threshold is not None else ""
        score += f", by {column.method}" if column.method else ""
    return ColumnBlock(
        name=column.column,
        type=str(column.type) if column.type else "",
        sentence=column.sentence,
        score=score,
        bars=_bars(column),
        caption=_caption(column),
    )


def _bars(column: ColumnComparison) -> tuple[tuple[str, str, str], ...]:
    """Return the label, this window's share and the baseline's share of each bar."""
    pairs = zip(column.baseline_bars, column.current_bars, strict=True)
    return tuple((label, percent(now), percent(before)) for (label, before), (_, now) in pairs)


def _caption(column: ColumnComparison) -> str:
    """Return the chart's numbers in words, as its alternative text."""
    bars = "; ".join(f"{label} {now} ({before})" for label, now, before in _bars(column))
    return f"{column.column}, share of rows in this window (in the baseline): {bars}." if bars else ""


def performance_rows(metrics: Iterable[Metric], rules: Iterable[RuleOutcome]) -> tuple[PerformanceRow, ...]:
    """Return the performance metrics of the whole window: the brief ones, and those that rules name.

    Args:
        metrics: Metrics of the window.
        rules: Outcomes of the plan's rules.
    """
    named = {(rule.metric, rule.class_name) for rule in rules}
    return tuple(
        PerformanceRow(
            title=metric_title(metric.name, metric.class_name),
            value=metric_value(metric.name, metric.value) if metric.value is not None else "none",
            baseline=metric_value(metric.name, metric.baseline) if metric.baseline is not None else "none",
            change=change(metric),
            worth=interval(metric) if metric.value is not None else _cut(metric.note),
        )
        for metric in metrics
        if not metric.slice and _is_shown(metric, named)
    )


def _is_shown(metric: Metric, named: set[tuple[str, str]]) -> bool:
    definition = METRICS.get(metric.name)
    if definition is None or definition.kind is not MetricKind.PERFORMANCE:
        return False
    return (definition.brief and not metric.class_name) or (metric.name, metric.class_name) in named


def failure_row(result: ExpectationResult) -> FailureRow:
    """Put a failed expectation into words: what it expected and what it observed.

    Args:
        result: Result of an expectation that failed or was not evaluated.
    """
    words = result.expectation.removeprefix("expect_").replace("_", " ")
    title = f"{result.column}: {words}" if result.column else words
    if result.success is None:
        detail = f"could not be evaluated: {_cut(result.note)}" if result.note else "could not be evaluated"
    elif result.unexpected_count is not None:
        share = (
            f" ({percent(result.unexpected_percent / 100)})" if result.unexpected_percent is not None else ""
        )
        detail = f"{plural(result.unexpected_count, 'row')} failed{share}"
    else:
        detail = f"observed {_cut(result.observed)}" if result.observed else "failed"
    arguments = _arguments(result.kwargs)
    return FailureRow(
        severity=str(result.severity),
        title=result.description or title,
        detail=f"{detail}; {arguments}" if arguments else detail,
    )


def _arguments(kwargs: str) -> str:
    """Return the arguments, such as ``max_value 1100, min_value 760``, except for those in the title."""
    named = {key: value for key, value in json.loads(kwargs).items() if key not in ("column", "batch_id")}
    pairs = (f"{key} {_argument(named[key])}" for key in sorted(named) if named[key] is not None)
    text = visible(", ".join(pairs))
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"


def _argument(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
