"""Performance on labelled rows, compared with the baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.metrics import METRICS
from daywatch.config.model.columns import Output, Task
from daywatch.engine.duck import identifier
from daywatch.formatting import number
from daywatch.measure.columns.tables import Side
from daywatch.measure.performance.classes import always_named, make_classes, measured_classes
from daywatch.measure.performance.classification import ClassifierScope, classification_measures
from daywatch.measure.performance.confused_classes import confused_classes, confusion_findings
from daywatch.measure.performance.confusion import ClassCounts, Confusion, count_confusion
from daywatch.measure.performance.constant_answers import constant_classes, constant_numbers
from daywatch.measure.performance.intervals import Measure, Measures, difference, missing
from daywatch.measure.performance.labelled_rows import LabelledRows, read_labelled_rows
from daywatch.measure.performance.regression import regression_measures
from daywatch.results import ConfusionCell, Finding, FindingCode, Metric
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.tables import Tables

Cells = dict[tuple[str, str], int]
"""Number of rows by label and prediction."""

OTHER = "(other classes)"
"""In the confusion matrix, all classes without metrics of their own."""


class SideComparison(NamedTuple):
    """The performance of the window, compared with that of the baseline.

    Attributes:
        metrics: The metrics, each with the baseline's number.
        confusion: The confusion matrix, empty for a regression.
        findings: The classes that are confused more often than in the baseline.
    """

    metrics: list[Metric]
    confusion: Sequence[ConfusionCell] = ()
    findings: Sequence[Finding] = ()


class PerformanceEvaluator:
    """Evaluates a model on its labelled rows: on all rows of a side, or on a slice of them."""

    def __init__(self, tables: Tables, model: MonitoredModel) -> None:
        """Find out which classes get metrics of their own.

        Args:
            tables: The baseline and the window.
            model: The model, whose task decides what is measured.
        """
        self._tables = tables
        self._output = model.output
        self._regression = model.output.task is Task.REGRESSION
        self._classes: tuple[str, ...] = ()
        self._unmeasured = ""
        measured: dict[int, str] = {}
        if not self._regression:
            named = tuple(rule.named_class for rule in model.plan.all_rules if rule.named_class)
            self._classes, self._unmeasured = make_classes(tables, (*named, *always_named(model.output)))
            measured = measured_classes(tables, self._classes, named) if self._classes else {}
        self._scope = ClassifierScope(
            model.output, model.performance.lift_at, measured, model.performance.value
        )

    def labelled_rows(self, side: Side) -> LabelledRows:
        """Read a side's labelled rows, in the order of its file; ``LabelledRows.take`` returns a slice of them."""
        return read_labelled_rows(self._tables, side, self._output, self._classes)

    def measures(self, rows: LabelledRows) -> Measures:
        """Return all measures of the model's task on some labelled rows."""
        if self._regression:
            return regression_measures(rows.label, rows.prediction)
        if self._unmeasured:
            names = (
                name
                for name, one in METRICS.items()
                if self._output.task in one.tasks and not (one.needs_value and self._scope.value is None)
            )
            whole = (name for name in names if self._output.task not in METRICS[name].needs_class)
            return {(name, ""): missing(self._unmeasured, len(rows.label)) for name in whole}
        measures = classification_measures(rows, self._scope)
        derivation = self._output.derivation
        return {
            key: one if METRICS[key[0]].needs_probability else one.noted(derivation)
            for key, one in measures.items()
        }

    def compare_sides(self) -> SideComparison:
        """Compare the whole window with the whole baseline.

        Nothing is compared with a threshold here, so ``alert`` is None. One side is in memory at a time.
        """
        measures: dict[Side, Measures] = {}
        counted: dict[Side, Confusion] = {}
        for side in Side:
            rows = self.labelled_rows(side)
            measures[side] = self.measures(rows)
            if self._classes:
                counted[side] = count_confusion(rows.label, rows.prediction, len(rows.classes))
                measures[side] |= constant_classes(ClassCounts(counted[side]), self._positive)
            elif self._regression:
                measures[side] |= constant_numbers(rows.label, rows.prediction)
        metrics = compare_measures(measures[Side.WINDOW], measures[Side.BASELINE])
        if not counted:
            return SideComparison(metrics)
        cells = {side: self._cells(counted[side]) for side in Side}
        confusion = [
            ConfusionCell(
                label=label,
                prediction=prediction,
                rows=cells[Side.WINDOW].get((label, prediction), 0),
                baseline_rows=cells[Side.BASELINE].get((label, prediction), 0),
            )
            for label, prediction in sorted({*cells[Side.WINDOW], *cells[Side.BASELINE]})
        ]
        if self._output.task is not Task.MULTICLASS:  # (of two classes, precision and recall say the same)
            return SideComparison(metrics, confusion)
        confused = confused_classes(counted[Side.WINDOW], counted[Side.BASELINE])
        return SideComparison(metrics, confusion, confusion_findings(confused, self._classes))

    @property
    def _positive(self) -> int | None:
        """The number of the positive class of two."""
        is_binary = self._output.task is Task.BINARY
        return self._classes.index(self._output.positive_class) if is_binary else None

    def _cells(self, counted: Confusion) -> Cells:
        names = self._scope.classes
        cells: Cells = {}
        for label, prediction, count in zip(counted.label, counted.prediction, counted.count, strict=True):
            cell = names.get(int(label), OTHER), names.get(int(prediction), OTHER)
            cells[cell] = cells.get(cell, 0) + int(count)
        return cells


def compare_measures(window: Measures, baseline: Measures) -> list[Metric]:
    """Return the measures of a window, or of a slice of it, as metrics with the baseline's numbers.

    Args:
        window: The measures of the window.
        baseline: The same measures of the baseline.
    """
    return [_metric(key, measure, baseline[key]) for key, measure in window.items()]


def with_baseline_values(metrics: Sequence[Metric], values: Mapping[str, float]) -> list[Metric]:
    """Return metrics of which some are compared with a value that the plan names, which counts as exact.

    Args:
        metrics: The performance metrics of the whole window.
        values: The plan's values by metric.
    """
    return [
        _with_baseline(one, values[one.name]) if one.name in values and not one.class_name else one
        for one in metrics
    ]


def _with_baseline(metric: Metric, value: float) -> Metric:
    low, high = (None if end is None else end - value for end in (metric.low, metric.high))
    nothing = dict.fromkeys(("baseline_low", "baseline_high", "baseline_rows"))
    return metric.model_copy(
        update={**nothing, "baseline": value, "difference_low": low, "difference_high": high}
    )


def _metric(key: tuple[str, str], window: Measure, baseline: Measure) -> Metric:
    name, class_name = key
    difference_low, difference_high = difference(window, baseline)
    return Metric(
        name=name,
        class_name=class_name,
        value=window.value,
        low=window.low,
        high=window.high,
        rows=window.rows,
        baseline=baseline.value,
        baseline_low=baseline.low,
        baseline_high=baseline.high,
        baseline_rows=baseline.rows,
        difference_low=difference_low,
        difference_high=difference_high,
        method=f"95 % interval: {window.method}" if window.method else "",
        note=window.note,
    )


def label_findings(tables: Tables, output: Output) -> list[Finding]:
    """Return a finding if all labelled rows of the window have the same label."""
    found = tables.rows(
        f"SELECT label, count(*) FROM {identifier(Side.WINDOW)}"
        " WHERE label IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 2"
    )
    if len(found) != 1:
        return []
    ((label, count),) = found
    if output.task is not Task.REGRESSION:
        detail = f"labels are of one class only: '{shown(label)}' ({count:,})"
        return [Finding(code=FindingCode.ONE_CLASS, column="label", detail=detail, count=count)]
    if count == 1 or not math.isfinite(label):
        return []
    detail = f"all {count:,} labels are {number(label)}, so R2 is unknown"
    return [Finding(code=FindingCode.SAME_LABELS, column="label", detail=detail, count=count)]
