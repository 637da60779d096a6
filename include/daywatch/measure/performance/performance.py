"""Performance on labelled rows, with the baseline's numbers beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS
from daywatch.config.model.columns import Output, Task
from daywatch.engine.duck import identifier
from daywatch.measure.columns.tables import Side
from daywatch.measure.performance.classes import always_named, make_classes, measured_classes
from daywatch.measure.performance.classification import Wanted, classification_measures
from daywatch.measure.performance.confusion import count_confusion
from daywatch.measure.performance.intervals import Measure, Measures, difference, missing
from daywatch.measure.performance.labelled_rows import Answers, read_answers
from daywatch.measure.performance.regression import regression_measures
from daywatch.results import ConfusionCell, Finding, FindingCode, Metric
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.tables import Tables

Cells = dict[tuple[str, str], int]
"""Rows by label and prediction."""

OTHER = "(other classes)"
"""Stands in the confusion matrix for all classes that are not measured by themselves."""


class Performance:
    """What is measured of a model's labelled rows: of both sides, or of a slice of one of them."""

    def __init__(self, tables: Tables, model: MonitoredModel) -> None:
        """Look up which classes are measured by themselves."""
        self._tables = tables
        self._output = model.output
        self._regression = model.output.task is Task.REGRESSION
        self._classes: tuple[str, ...] = ()
        self._unmeasured = ""
        measured: dict[int, str] = {}
        if not self._regression:
            named = tuple(rule.class_name for rule in model.plan.rules if rule.class_name)
            self._classes, self._unmeasured = make_classes(tables, (*named, *always_named(model.output)))
            measured = measured_classes(tables, self._classes, named) if self._classes else {}
        self._wanted = Wanted(model.output, model.performance.lift_at, measured)

    def answers(self, side: Side) -> Answers:
        """Read a side's labelled rows, in the order of its file; ``Answers.take`` gives a slice of them."""
        return read_answers(self._tables, side, self._output, self._classes)

    def measures(self, answers: Answers) -> Measures:
        """Return all measures of the model's task on some rows."""
        if self._regression:
            return regression_measures(answers.label, answers.prediction)
        if self._unmeasured:
            names = (name for name, one in METRICS.items() if self._output.task in one.tasks)
            whole = (name for name in names if self._output.task not in METRICS[name].needs_class)
            return {(name, ""): missing(self._unmeasured, len(answers.label)) for name in whole}
        return classification_measures(answers, self._wanted)

    def window(self) -> tuple[list[Metric], list[ConfusionCell]]:
        """Return the metrics and the confusion matrix of the whole window, with the baseline's beside.

        Nothing is compared with a threshold here, so ``alert`` is None. One side is in memory at a time.
        """
        measures: dict[Side, Measures] = {}
        cells: dict[Side, Cells] = {}
        for side in Side:
            answers = self.answers(side)
            measures[side] = self.measures(answers)
            cells[side] = self._cells(answers) if self._classes else {}
        return compared(measures[Side.CURRENT], measures[Side.REFERENCE]), [
            ConfusionCell(
                label=label,
                prediction=prediction,
                rows=cells[Side.CURRENT].get((label, prediction), 0),
                baseline_rows=cells[Side.REFERENCE].get((label, prediction), 0),
            )
            for label, prediction in sorted({*cells[Side.CURRENT], *cells[Side.REFERENCE]})
        ]

    def _cells(self, answers: Answers) -> Cells:
        names = self._wanted.classes
        cells: Cells = {}
        counted = count_confusion(answers.label, answers.prediction, len(answers.classes))
        for label, prediction, count in zip(counted.label, counted.prediction, counted.count, strict=True):
            cell = names.get(int(label), OTHER), names.get(int(prediction), OTHER)
            cells[cell] = cells.get(cell, 0) + int(count)
        return cells


def compared(current: Measures, reference: Measures) -> list[Metric]:
    """Hold measures of a window, or of a slice of it, against the same measures of the baseline."""
    return [_metric(key, measure, reference[key]) for key, measure in current.items()]


def _metric(key: tuple[str, str], now: Measure, before: Measure) -> Metric:
    name, class_name = key
    difference_low, difference_high = difference(now, before)
    return Metric(
        name=name,
        class_name=class_name,
        value=now.value,
        low=now.low,
        high=now.high,
        rows=now.rows,
        baseline=before.value,
        baseline_low=before.low,
        baseline_high=before.high,
        baseline_rows=before.rows,
        difference_low=difference_low,
        difference_high=difference_high,
        method=f"95 % interval: {now.method}" if now.method else "",
        note=now.note,
    )


def class_findings(tables: Tables, output: Output) -> list[Finding]:
    """Say where all labelled rows of the window are of one class."""
    if output.task is Task.REGRESSION:
        return []
    found = tables.rows(
        f"SELECT label, count(*) FROM {identifier(Side.CURRENT)}"
        " WHERE label IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 2"
    )
    if len(found) != 1:
        return []
    ((label, count),) = found
    detail = f"labels are of one class only: '{shown(label)}' ({count:,})"
    return [Finding(code=FindingCode.ONE_CLASS, column="label", detail=detail, count=count)]
