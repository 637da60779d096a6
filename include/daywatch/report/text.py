"""The plain text of a report: the same sentences in 78 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from daywatch.report.content import Link, Report
from daywatch.report.notice import Notice
from daywatch.report.sentences.report import ReportSentences

COLUMNS = 78


def plain_text(report: Report, sentences: ReportSentences) -> str:
    """Lay the sentences out as text; parts without content are left out.

    Args:
        report: Content of the report.
        sentences: Sentences of the report.
    """
    parts = [
        _top(report, sentences),
        _missing(sentences),
        _to_do(report, sentences),
        _rules(sentences),
        _versions(sentences),
        _rollout(report),
        _slices(sentences),
        *([_trend(sentences)] if sentences.trend_first else []),
        _columns(sentences),
        _spans(sentences),
        *([] if sentences.trend_first else [_trend(sentences)]),
        _table("COUNTS", sentences.counts),
        _quarantine(sentences),
        _failures(sentences),
        _findings(sentences),
        link_lines(report.links),
        footer_lines(report, sentences.footer),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines) + "\n"


def brief_text(report: Report, sentences: ReportSentences) -> str:
    """Return the verdict, since when, what to do and the links, for services that show no mail.

    Args:
        report: Content of the report, with captured text made visible.
        sentences: Sentences of the report.
    """
    lines = [sentences.headline, sentences.since, *(row.text for row in sentences.incidents)]
    if report.action:
        lines.append(f"To do: {report.action.do} ({report.action.who}, {sentences.deadline})")
    links = (f"{link.title}: {link.url}" for link in report.links)
    return "\n".join([*filter(None, lines), *links])


def wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    """Wrap a text into lines of the width; words longer than a line are broken.

    Args:
        text: The text.
        first: What the first line begins with.
        rest: What the others begin with; None for as many spaces.
    """
    indent = " " * len(first) if rest is None else rest
    return textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    ) or [first.rstrip()]


def _top(report: Report, sentences: ReportSentences) -> Iterator[str]:
    yield from wrapped(f"{sentences.state}  {report.model}  {report.window}")
    yield "=" * COLUMNS
    yield from wrapped(sentences.headline)
    yield from wrapped(sentences.since)
    for row in sentences.incidents:
        yield from wrapped(row.text)
    yield from _more(sentences.more_incidents)
    for explanation in filter(None, (sentences.worst_slice, sentences.confused_classes)):
        yield from wrapped(explanation)
    if sentences.meaning:
        yield from wrapped(sentences.meaning)
    for reason in sentences.other_reasons:
        yield from wrapped(reason, "- ")


def _missing(sentences: ReportSentences) -> Iterator[str]:
    if sentences.missing:
        yield "WHAT IS MISSING"
    for item in sentences.missing:
        yield from wrapped(f"{item.what}, expected in {item.where}", "- ")


def _to_do(report: Report, sentences: ReportSentences) -> Iterator[str]:
    if report.action or report.retraining:
        yield "WHAT TO DO"
    if report.action:
        yield from wrapped(report.action.do)
        yield from wrapped(report.action.who, "Who:        ")
        yield from wrapped(sentences.deadline, "By when:    ")
    if report.retraining:
        yield from wrapped(report.retraining, "Retraining: ")


def _rules(sentences: ReportSentences) -> Iterator[str]:
    if sentences.rules:
        yield "WHAT CHANGED"
    for rule in sentences.rules:
        yield from wrapped(f"{rule.title}: {rule.value} (baseline {rule.baseline})", f"{rule.state:<6}")
        yield from wrapped(", ".join(rule.conditions), " " * 6)
    yield from _more(sentences.more_rules)


def _versions(sentences: ReportSentences) -> Iterator[str]:
    if sentences.versions:
        yield "BY MODEL VERSION"
    for row in sentences.versions:
        yield from wrapped(", ".join(row.values), f"{row.version}: ", "   ")


def _rollout(report: Report) -> Iterator[str]:
    if report.rollout is not None:
        yield f"ROLLOUT OF VERSION {report.rollout.candidate.version}"
        yield from wrapped(report.rollout.reason)


def _slices(sentences: ReportSentences) -> Iterator[str]:
    if sentences.slices:
        yield f"SLICES THAT BECAME WORSE, BY {sentences.slices_metric.upper()}"
    for row in sentences.slices:
        yield from wrapped(f"{row.name}: {row.value} (baseline {row.baseline}), {row.parts}", rest="   ")


def _columns(sentences: ReportSentences) -> Iterator[str]:
    if sentences.columns:
        yield "WORST COLUMNS"
    for i, column in enumerate(sentences.columns, 1):
        kind = f" ({column.type})" if column.type else ""
        yield from wrapped(f"{column.name}{kind}: {column.sentence}", f"{i}. ")
        if column.score:
            yield from wrapped(column.score, "   ")
        if column.bars:
            yield f"   {'share of rows':<42}{'this window':>14}{'baseline':>12}"
        for label, now, before in column.bars:
            yield f"   {label:<42}{now:>14}{before:>12}"


def _spans(sentences: ReportSentences) -> Iterator[str]:
    if sentences.spans:
        yield "LONGER WINDOWS, FROM STORED PROFILES"
    for span in sentences.spans:
        yield from wrapped(f"{span.title}: {span.drifted}")
        yield from wrapped(span.detail, "   ")


def _trend(sentences: ReportSentences) -> Iterator[str]:
    if sentences.trend_title:
        yield from wrapped(sentences.trend_title.upper())
        for window, value, state, labelled in sentences.trend:
            yield f"{window:<12}{value:>14}  {state:<6}{labelled:>24}"
        if sentences.trend_plan:
            yield from wrapped(sentences.trend_plan)
        if sentences.performance:
            yield ""
    if sentences.performance:
        yield f"{'PERFORMANCE, 95 % INTERVAL':<34}{'this window':>16}{'baseline':>14}{'change':>14}"
    for metric in sentences.performance:
        yield f"{metric.title:<34}{metric.value:>16}{metric.baseline:>14}{metric.change:>14}".rstrip()
        if metric.worth:
            yield from wrapped(metric.worth, "  ")


def _table(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    listed = list(rows)
    if listed:
        yield title
    for name, value in listed:
        yield f"{name:<24}{value:>18}"


def _quarantine(sentences: ReportSentences) -> Iterator[str]:
    if sentences.quarantine:
        yield "QUARANTINED, BY REASON"
    for row in sentences.quarantine:
        yield from wrapped(f"{row.title}: {row.count}", "- ")
        yield from wrapped(row.example, "  ")


def _failures(sentences: ReportSentences) -> Iterator[str]:
    if sentences.failures:
        yield "FAILED EXPECTATIONS"
    for failure in sentences.failures:
        yield from wrapped(f"{failure.title}: {failure.detail}", f"{failure.severity:<10}")
    yield from _more(sentences.more_failures)


def _findings(sentences: ReportSentences) -> Iterator[str]:
    if sentences.findings:
        yield "FINDINGS"
    for column, detail in sentences.findings:
        yield from wrapped(f"{column}: {detail}" if column else detail, "- ")
    yield from _more(sentences.more_findings)


def link_lines(links: Iterable[Link]) -> Iterator[str]:
    """Yield the lines of the links; nothing where there are none."""
    listed = tuple(links)
    if listed:
        yield "DETAILS"
    for link in listed:
        yield from wrapped(link.title)
        yield f"  {link.url}"  # Never wrapped: half an address does not work.


def footer_lines(about: Report | Notice, lines: Iterable[str]) -> Iterator[str]:
    """Yield who the model is and what the mail rests on.

    Args:
        about: The content of the mail.
        lines: What it rests on.
    """
    yield "-" * COLUMNS
    yield from wrapped(f"{about.model}: {about.description}" if about.description else about.model)
    yield from wrapped(f"Owner {about.owner}, namespace {about.namespace}, tier {about.tier}.")
    for line in lines:
        yield from wrapped(line)
    yield "Sent by Daywatch."


def _more(number: int) -> Iterator[str]:
    if number:
        yield f"and {number} more"
