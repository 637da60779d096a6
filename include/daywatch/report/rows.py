"""One line, block or cell row of a report in words; HTML and plain text lay the same ones out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from daywatch.config.metrics import METRICS, MetricKind
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
from daywatch.report.content import ColumnComparison
from daywatch.results import ExpectationResult, Metric, RuleOutcome
from daywatch.text import visible

LONGEST_DETAIL = 160
"""Characters of what an expectation expected and observed; a value set may hold thousands."""

_TARGET = re.compile(r": (?=(?:green|amber|red) )")
"""Between what a rule is about and its conditions."""


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
class Performance:
    """One performance metric, and what it is worth: interval and rows, or why it was not measured."""

    title: str
    value: str
    baseline: str
    change: str
    worth: str


@dataclass(frozen=True)
class Failure:
    """One failed expectation."""

    severity: str
    title: str
    detail: str


def rule_row(rule: RuleOutcome) -> RuleRow:
    """Say what a rule of the plan found."""
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
    """Say what changed in a column."""
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
    """Return label, this window's share and the baseline's."""
    pairs = zip(column.baseline_bars, column.current_bars, strict=True)
    return tuple((label, percent(now), percent(before)) for (label, before), (_, now) in pairs)


def _caption(column: ColumnComparison) -> str:
    """Say the chart's numbers in words: its alternative text."""
    bars = "; ".join(f"{label} {now} ({before})" for label, now, before in _bars(column))
    return f"{column.column}, share of rows in this window (in the baseline): {bars}." if bars else ""


def performance_rows(metrics: Iterable[Metric], rules: Iterable[RuleOutcome]) -> tuple[Performance, ...]:
    """Return the performance metrics of the whole window: the usual ones, and those that rules name."""
    named = {(rule.metric, rule.class_name) for rule in rules}
    return tuple(
        Performance(
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


def failure_row(result: ExpectationResult) -> Failure:
    """Say what an expectation expected and what it found."""
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
    return Failure(
        severity=str(result.severity),
        title=result.description or title,
        detail=f"{detail}; {arguments}" if arguments else detail,
    )


def _arguments(kwargs: str) -> str:
    """Return what was expected, such as ``max_value 1100, min_value 760``, without what the title says."""
    named = {key: value for key, value in json.loads(kwargs).items() if key not in ("column", "batch_id")}
    pairs = (f"{key} {_argument(named[key])}" for key in sorted(named) if named[key] is not None)
    text = visible(", ".join(pairs))
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"


def _argument(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
