"""The plain text of a report: the same facts in 78 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from daywatch.report.content import Report
from daywatch.report.sentences import Facts

COLUMNS = 78


def plain_text(report: Report, facts: Facts) -> str:
    """Lay the facts out as text; parts without content are left out."""
    parts = [
        _top(report, facts),
        _missing(facts),
        _to_do(report, facts),
        _rules(facts),
        _versions(facts),
        _slices(facts),
        _columns(facts),
        _spans(facts),
        _trend(report, facts),
        _table("COUNTS", facts.counts),
        _failures(facts),
        _findings(facts),
        _links(report),
        _footer(report, facts),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines) + "\n"


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    """Wrap a text; words longer than a line are broken, so that no line is longer."""
    indent = " " * len(first) if rest is None else rest
    return textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    ) or [first.rstrip()]


def _top(report: Report, facts: Facts) -> Iterator[str]:
    yield from _wrapped(f"{facts.state}  {report.model}  {report.window}")
    yield "=" * COLUMNS
    yield from _wrapped(facts.headline)
    yield from _wrapped(facts.since)
    if facts.worst_slice:
        yield from _wrapped(facts.worst_slice)
    if facts.meaning:
        yield from _wrapped(facts.meaning)
    for reason in facts.other_reasons:
        yield from _wrapped(reason, "- ")


def _missing(facts: Facts) -> Iterator[str]:
    if facts.missing:
        yield "WHAT IS MISSING"
    for item in facts.missing:
        yield from _wrapped(f"{item.what}, looked for in {item.where}", "- ")


def _to_do(report: Report, facts: Facts) -> Iterator[str]:
    if report.action or report.retraining:
        yield "WHAT TO DO"
    if report.action:
        yield from _wrapped(report.action.do)
        yield from _wrapped(report.action.who, "Who:        ")
        yield from _wrapped(facts.deadline, "By when:    ")
    if report.retraining:
        yield from _wrapped(report.retraining, "Retraining: ")


def _rules(facts: Facts) -> Iterator[str]:
    if facts.rules:
        yield "WHAT CHANGED"
    for rule in facts.rules:
        yield from _wrapped(f"{rule.title}: {rule.value} (baseline {rule.baseline})", f"{rule.state:<6}")
        yield from _wrapped(", ".join(rule.conditions), " " * 6)
    yield from _more(facts.more_rules)


def _versions(facts: Facts) -> Iterator[str]:
    if facts.versions:
        yield "BY MODEL VERSION"
    for row in facts.versions:
        yield from _wrapped(", ".join(row.values), f"{row.version}: ", "   ")


def _slices(facts: Facts) -> Iterator[str]:
    if facts.slices:
        yield f"SLICES THAT BECAME WORSE, BY {facts.slices_metric.upper()}"
    for row in facts.slices:
        yield from _wrapped(f"{row.name}: {row.value} (baseline {row.baseline}), {row.parts}", rest="   ")


def _columns(facts: Facts) -> Iterator[str]:
    if facts.columns:
        yield "WORST COLUMNS"
    for i, column in enumerate(facts.columns, 1):
        kind = f" ({column.type})" if column.type else ""
        yield from _wrapped(f"{column.name}{kind}: {column.sentence}", f"{i}. ")
        if column.score:
            yield from _wrapped(column.score, "   ")
        if column.bars:
            yield f"   {'share of rows':<42}{'this window':>14}{'baseline':>12}"
        for label, now, before in column.bars:
            yield f"   {label:<42}{now:>14}{before:>12}"


def _spans(facts: Facts) -> Iterator[str]:
    if facts.spans:
        yield "LONGER WINDOWS, BY STORED PROFILES"
    for span in facts.spans:
        yield from _wrapped(f"{span.title}: {span.drifted}")
        yield from _wrapped(span.detail, "   ")


def _trend(_report: Report, facts: Facts) -> Iterator[str]:
    if facts.trend_title:
        yield from _wrapped(facts.trend_title.upper())
        for window, value, state, labelled in facts.trend:
            yield f"{window:<12}{value:>14}  {state:<6}{labelled:>24}"
        if facts.trend_plan:
            yield from _wrapped(facts.trend_plan)
        if facts.performance:
            yield ""
    if facts.performance:
        yield f"{'PERFORMANCE, 95 % INTERVAL':<34}{'this window':>16}{'baseline':>14}{'change':>14}"
    for metric in facts.performance:
        yield f"{metric.title:<34}{metric.value:>16}{metric.baseline:>14}{metric.change:>14}".rstrip()
        if metric.worth:
            yield from _wrapped(metric.worth, "  ")


def _table(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield title
    for name, value in rows:
        yield f"{name:<24}{value:>18}"


def _failures(facts: Facts) -> Iterator[str]:
    if facts.failures:
        yield "FAILED EXPECTATIONS"
    for failure in facts.failures:
        yield from _wrapped(f"{failure.title}: {failure.detail}", f"{failure.severity:<10}")
    yield from _more(facts.more_failures)


def _findings(facts: Facts) -> Iterator[str]:
    if facts.findings:
        yield "FINDINGS"
    for column, detail in facts.findings:
        yield from _wrapped(f"{column}: {detail}" if column else detail, "- ")
    yield from _more(facts.more_findings)


def _links(report: Report) -> Iterator[str]:
    if report.links:
        yield "LOOK CLOSER"
    for link in report.links:
        yield from _wrapped(link.title)
        yield f"  {link.url}"  # Never broken: half an address leads nowhere.


def _footer(report: Report, facts: Facts) -> Iterator[str]:
    yield "-" * COLUMNS
    yield from _wrapped(f"{report.model}: {report.description}" if report.description else report.model)
    yield from _wrapped(f"Owner {report.owner}, namespace {report.namespace}, tier {report.tier}.")
    for line in facts.footer:
        yield from _wrapped(line)
    yield "Sent by Daywatch."


def _more(number: int) -> Iterator[str]:
    if number:
        yield f"and {number} more"
