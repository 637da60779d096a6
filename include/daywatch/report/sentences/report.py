"""The sentences and cells of a report; HTML and plain text are two layouts of them."""

from __future__ import annotations

from dataclasses import dataclass

from daywatch.config.drift_methods import L_INFINITY, STAT_TESTS
from daywatch.formatting import count, metric_title, metric_value, percent, plural
from daywatch.report.content import Missing, Report
from daywatch.report.sentences.incidents import MOST_INCIDENTS, IncidentRow, incident_rows, shading
from daywatch.report.sentences.quarantine import QuarantineRow, quarantine_rows
from daywatch.report.sentences.rows import (
    ColumnBlock,
    FailureRow,
    PerformanceRow,
    RuleRow,
    column_block,
    failure_row,
    performance_rows,
    rule_row,
)
from daywatch.report.sentences.slices import MOST_SLICES, SliceRow, slice_row
from daywatch.report.sentences.spans import SpanRow, span_row
from daywatch.report.sentences.verdict import headline, meaning, recovery, since
from daywatch.report.sentences.versions import VersionRow, version_rows
from daywatch.results import FindingCode, Severity, State
from daywatch.verdicts import causes_first

MOST_LISTED = 10
"""Failed expectations, findings and rules that are listed before ``and n more``."""

_AT_THE_TOP = (FindingCode.WORST_SLICE, FindingCode.CLASSES_CONFUSED)
"""Findings that explain the verdict, so they are not listed with the others."""

_SEVERITY_ORDER = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True)
class ReportSentences:
    """What both layouts show, in the reader's order."""

    subject: str
    state: str
    headline: str
    meaning: str
    since: str
    incidents: tuple[IncidentRow, ...]
    more_incidents: int
    worst_slice: str
    confused_classes: str
    deadline: str
    other_reasons: tuple[str, ...]
    missing: tuple[Missing, ...]
    rules: tuple[RuleRow, ...]
    more_rules: int
    versions: tuple[VersionRow, ...]
    slices: tuple[SliceRow, ...]
    slices_metric: str
    columns: tuple[ColumnBlock, ...]
    spans: tuple[SpanRow, ...]
    trend_first: bool
    trend_title: str
    trend_caption: str
    trend: tuple[tuple[str, str, str, str], ...]
    trend_plan: str
    shading: str
    performance: tuple[PerformanceRow, ...]
    counts: tuple[tuple[str, str], ...]
    quarantine: tuple[QuarantineRow, ...]
    failures: tuple[FailureRow, ...]
    more_failures: int
    findings: tuple[tuple[str, str], ...]
    more_findings: int
    footer: tuple[str, ...]


def report_sentences(report: Report) -> ReportSentences:
    """Put a report into words.

    Args:
        report: Content of the report, with captured text made visible.
    """
    verdict = report.verdict
    bad = causes_first(verdict.rules)
    failed = sorted(report.failed_expectations, key=lambda result: _SEVERITY_ORDER.index(result.severity))
    others = [finding for finding in report.findings if finding.code not in _AT_THE_TOP]
    news = [text for text in (recovery(report), verdict.short) if text]
    return ReportSentences(
        subject=f"[{verdict.state}] {report.model} {report.window}{': ' if news else ''}{', '.join(news)}",
        state=str(verdict.state),
        headline=headline(report),
        meaning=meaning(report) if verdict.reasons and verdict.state is not State.GREEN else "",
        since=since(report),
        incidents=incident_rows(report),
        more_incidents=max(0, len(report.incidents) - MOST_INCIDENTS),
        worst_slice=_sentence(report, FindingCode.WORST_SLICE),
        confused_classes=_sentence(report, FindingCode.CLASSES_CONFUSED),
        deadline=f"within {plural(report.action.within_hours, 'hour')} of this mail" if report.action else "",
        other_reasons=_other_reasons(report),
        missing=report.missing[:MOST_LISTED],
        rules=tuple(rule_row(rule) for rule in bad[:MOST_LISTED]),
        more_rules=max(0, len(bad) - MOST_LISTED),
        versions=version_rows(report, bad),
        slices=tuple(slice_row(bad) for bad in report.bad_slices[:MOST_SLICES]),
        slices_metric=metric_title(report.bad_slices[0].metric) if report.bad_slices else "",
        columns=tuple(column_block(column) for column in report.worst_columns),
        spans=tuple(span_row(summary) for summary in report.longer_windows),
        trend_first=_is_trend_first(report),
        trend_title=_trend_title(report),
        trend_caption=_trend_caption(report),
        trend=_trend(report),
        trend_plan=_trend_plan(report),
        shading=shading(report),
        performance=performance_rows(report.metrics, verdict.rules),
        counts=_counts(report),
        quarantine=quarantine_rows(report),
        failures=tuple(failure_row(result) for result in failed[:MOST_LISTED]),
        more_failures=max(0, len(failed) - MOST_LISTED),
        findings=tuple((finding.column, finding.detail) for finding in others[:MOST_LISTED]),
        more_findings=max(0, len(others) - MOST_LISTED),
        footer=_footer(report),
    )


def _sentence(report: Report, code: FindingCode) -> str:
    """Return the finding of that code as a sentence, with a capital letter and a full stop; empty without one."""
    found = (finding.detail for finding in report.findings if finding.code is code)
    return next((f"{detail[:1].upper()}{detail[1:]}." for detail in found), "")


def _other_reasons(report: Report) -> tuple[str, ...]:
    """Return the reasons that are neither in the headline nor in the table of rules."""
    in_rules = {rule.reason for rule in report.verdict.rules}
    return tuple(reason for reason in report.verdict.reasons[1:] if reason not in in_rules)[:MOST_LISTED]


def _is_trend_first(report: Report) -> bool:
    """Return whether the trend stands above the columns: where it is the trend of the rule that failed first."""
    failing = report.verdict.failing
    return failing is not None and failing.metric == report.headline_metric and not failing.column


def _trend_title(report: Report) -> str:
    if not (report.headline_metric and report.history):
        return ""
    return f"{metric_title(report.headline_metric)}, last {plural(len(report.history), 'window')}"


def _trend(report: Report) -> tuple[tuple[str, str, str, str], ...]:
    """Return window, value, state and labelled rows of the trend's windows."""
    return tuple(
        (
            point.window,
            metric_value(report.headline_metric, point.value),
            str(point.state),
            f"{count(point.labelled)} of {count(point.rows)} rows",
        )
        for point in report.history
    )


def _trend_plan(report: Report) -> str:
    lines = [f"{line.state.lower()} {line.text}" for line in report.threshold_lines]
    plan = f"Plan: {', '.join(lines)}." if lines else ""
    return " ".join(filter(None, (plan, shading(report))))


def _trend_caption(report: Report) -> str:
    """Return the trend's numbers in words, as the chart's alternative text."""
    points = "; ".join(f"{window} {value} {state}" for window, value, state, _ in _trend(report))
    return f"{metric_title(report.headline_metric)}: {points}. {_trend_plan(report)}".rstrip()


def _counts(report: Report) -> tuple[tuple[str, str], ...]:
    """Return where the records went; nothing where there were none."""
    counts = report.counts
    if not counts.records:
        return ()
    labelled = count(counts.labelled)
    if counts.rows:
        labelled += f" ({percent(counts.labelled / counts.rows)})"
    bad_labels = counts.labels_quarantined
    unanswered = (("Requests unanswered", count(counts.unanswered)),) if counts.unanswered else ()
    filtered = (("Records that do not count", count(counts.filtered)),) if counts.filtered else ()
    return (
        ("Records read", count(counts.records)),
        ("Rows exported", count(counts.rows)),
        ("Records quarantined", count(counts.quarantined)),
        *((("Rows quarantined", count(counts.rows_quarantined)),) if counts.rows_quarantined else ()),
        *unanswered,
        *filtered,
        ("Rows labelled", labelled),
        *((("Labels quarantined", count(bad_labels)),) if bad_labels else ()),
    )


def _footer(report: Report) -> tuple[str, ...]:
    """Say what the window was compared with, and how the scores were computed."""
    task = report.task.replace("_", " ")
    compared = f"Baseline {report.baseline_id or 'none'}, revision {report.revision}, {task}."
    if report.derivation:
        compared = f"{compared} {report.derivation}"
    if not report.metrics:
        return (compared,)
    methods = sorted({metric.method for metric in report.metrics if metric.name == "drift_score"} - {""})
    theirs = ", ".join(one for one in methods if one in STAT_TESTS)
    monitors = ", ".join(one for one in methods if one in L_INFINITY)
    standard = ", ".join(one for one in methods if one not in STAT_TESTS and one not in L_INFINITY)
    drift = f" Drift by Evidently's {theirs}." if theirs else ""
    drift += f" Drift by Model Monitor's {monitors}." if monitors else ""
    drift += f" Drift by the standard plan's {standard}." if standard else ""
    return (
        compared,
        "All scores are computed from every row of the window, not from a sample. The warehouse and the "
        f"verdict have the same numbers.{drift}",
    )
