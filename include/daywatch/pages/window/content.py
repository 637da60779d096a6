"""What the page of a window shows of its evidence: sections in the order in which one looks for a cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, MetricKind, headline_of
from daywatch.pages.window.columns import ColumnRow, column_rows
from daywatch.report.sentences.rows import FailureRow, PerformanceRow, failure_row, performance_rows
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.pages.window.evidence import StoredEvidence
    from daywatch.results import BadSlice, ConfusionCell, ExpectationResult, Finding, Metric
    from daywatch.verdicts import RuleOutcome, VerdictCause

_SLICES = 30
_CLASSES = 12
"""Classes of a confusion matrix at most: those with the most rows."""


@dataclass(frozen=True)
class Cause:
    """A cause of the verdict.

    Attributes:
        cause: The cause.
        depth: How many causes it follows from, 0 for none.
    """

    cause: VerdictCause
    depth: int


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix.

    Attributes:
        classes: The classes, in order.
        rows: For each class of the label, the rows predicted as each class, with the baseline's.
        left_out: Number of classes that are not shown.
    """

    classes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    left_out: int


@dataclass(frozen=True)
class Content:
    """The sections of the page.

    Attributes:
        causes: What made the window RED, AMBER or GREY; each is followed by what follows from it.
        green: Outcomes of rules that the window meets.
        counts: The counts of the export, with what each is.
        failed: Expectations that failed or could not be evaluated, in words, with examples.
        passed: Number of expectations that were met.
        columns: Columns by drift times importance, with distributions.
        more_columns: Number of columns that are not shown.
        performance: Performance of the whole window.
        confusion: The confusion matrix, None without one.
        service: Metrics of the service and of capture health: name and value.
        bad_slices: Slices that predict worse than in the baseline, the worst first.
        headline: Name of the metric of the other slices.
        slices: That metric of other slices.
        more_slices: Number of slices that are not shown.
        findings: What a person should know.
    """

    causes: tuple[Cause, ...]
    green: tuple[RuleOutcome, ...]
    counts: tuple[tuple[str, int, str], ...]
    failed: tuple[tuple[FailureRow, str], ...]
    passed: int
    columns: tuple[ColumnRow, ...]
    more_columns: int
    performance: tuple[PerformanceRow, ...]
    confusion: Confusion | None
    service: tuple[Metric, ...]
    bad_slices: tuple[BadSlice, ...]
    headline: str
    slices: tuple[Metric, ...]
    more_slices: int
    findings: tuple[Finding, ...]


def content_of(evidence: StoredEvidence, model: MonitoredModel | None) -> Content:
    """Return what the page shows.

    Args:
        evidence: The stored results.
        model: The model's configuration, None where its YAML is gone or has errors.
    """
    rules, metrics = evidence.verdict.rules, evidence.measurement.metrics
    columns, more_columns = column_rows(evidence, model)
    slices, more_slices, headline = _slices(evidence, rules)
    results = evidence.validation.results
    return Content(
        causes=tuple(_causes(evidence.verdict.causes)),
        green=tuple(one for one in rules if one.state is State.GREEN),
        counts=_counts(evidence.counts),
        failed=tuple((failure_row(one), _examples(one)) for one in results if one.success is not True),
        passed=sum(one.success is True for one in results),
        columns=columns,
        more_columns=more_columns,
        performance=performance_rows(metrics, rules),
        confusion=_confusion(evidence.measurement.confusion),
        service=tuple(one for one in metrics if _is_service(one)),
        bad_slices=evidence.measurement.bad_slices,
        headline=headline,
        slices=slices,
        more_slices=more_slices,
        findings=evidence.measurement.findings,
    )


def _causes(causes: Iterable[VerdictCause]) -> Iterator[Cause]:
    depths: dict[str, int] = {}
    for one in causes:
        depth = depths.get(one.parent, -1) + 1
        depths[one.fingerprint] = depth
        yield Cause(one, depth)


def _counts(counts: ExportCounts) -> tuple[tuple[str, int, str], ...]:
    return (
        ("Records read", counts.records, f"in {counts.objects:,} objects of {counts.source}"),
        ("Exported", counts.exported, "records with at least one row"),
        ("Quarantined", counts.quarantined, "records of which no row could be read"),
        ("Duplicate", counts.duplicates, "records with the event id of an earlier one"),
        ("Unanswered", counts.unanswered, "requests that failed or timed out"),
        ("Rows", counts.rows, "inferences"),
        ("Rows quarantined", counts.rows_quarantined, "rows of exported records that could not be read"),
        ("Labelled", counts.labelled, "rows whose label has arrived"),
        ("Labels quarantined", counts.labels_quarantined, "labels that could not be read"),
        ("Labels without a row", counts.labels_unmatched, "labels of no inference of this window"),
    )


def _examples(result: ExpectationResult) -> str:
    """Return example values of a failed expectation, empty for none."""
    return result.observed.partition(", such as ")[2]


def _confusion(cells: Sequence[ConfusionCell]) -> Confusion | None:
    if not cells:
        return None
    rows: dict[str, int] = {}
    for cell in cells:
        for name in (cell.label, cell.prediction):
            rows[name] = rows.get(name, 0) + cell.rows
    classes = sorted(sorted(rows, key=lambda name: (-rows[name], name))[:_CLASSES])
    found = {(cell.label, cell.prediction): (cell.rows, cell.baseline_rows) for cell in cells}
    shown = tuple(
        (label, tuple(found.get((label, answer), (0, 0)) for answer in classes)) for label in classes
    )
    return Confusion(tuple(classes), shown, len(rows) - len(classes))


def _is_service(metric: Metric) -> bool:
    definition = METRICS.get(metric.name)
    if definition is None or metric.slice or metric.column or metric.class_name:
        return False
    return definition.kind is MetricKind.OPERATIONS and metric.value is not None


def _slices(evidence: StoredEvidence, rules: Sequence[RuleOutcome]) -> tuple[tuple[Metric, ...], int, str]:
    """Return the slices that are not the worst ones, by what the headline metric lost, the most first."""
    measured = [one for one in evidence.measurement.metrics if one.slice and not one.column]
    named = [one.metric for one in rules if not (one.column or one.class_name or one.slice)]
    wanted = [*(one.metric for one in evidence.measurement.bad_slices[:1]), headline_of(named)]
    names = list(dict.fromkeys(one.name for one in measured))
    headline = next((name for name in wanted if name in names), headline_of(names))
    worst = {one.slice for one in evidence.measurement.bad_slices}
    found = [
        one for one in measured if one.name == headline and not one.class_name and one.slice not in worst
    ]
    found.sort(key=lambda one: (-_distance(one), one.slice))
    return tuple(found[:_SLICES]), max(0, len(found) - _SLICES), headline


def _distance(metric: Metric) -> float:
    if metric.value is None or metric.baseline is None:
        return -1.0
    return abs(metric.value - metric.baseline)
