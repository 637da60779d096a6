"""Performance of each slice, and its share of the window's prediction errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.slices import ANY
from daywatch.measure.columns.tables import Side
from daywatch.measure.performance.intervals import Measures, missing
from daywatch.measure.performance.performance import PerformanceEvaluator, compare_measures
from daywatch.measure.slices.worst_slice import (
    CHANCE,
    MOST_BAD,
    ErrorComparison,
    PredictionErrors,
    bad_slice,
    errors_of_rows,
    headline_of_slices,
    slices_that_became_worse,
    worst_slice_finding,
)
from daywatch.profiles.magnitude import divided, exponent_of_arrays
from daywatch.results import BadSlice, Finding, Metric

if TYPE_CHECKING:
    import numpy as np

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.performance.labelled_rows import LabelledRows
    from daywatch.measure.slices.partition import Partition
    from daywatch.measure.slices.row_index import RowIndex
    from daywatch.measure.slices.volume import SliceCounts


_LEAST_ALL_WRONG = 10
"""Fewer wrong predictions than that are not looked at where a slice has too few labels."""


@dataclass(frozen=True)
class SlicePerformance:
    """The results on labelled rows.

    Attributes:
        metrics: The performance metrics by slice name.
        bad: Slices that predict worse than in the baseline by more than chance, the worst first.
        findings: The worst slice in a sentence, if there is one.
        all_wrong: Slices with too few labels that are measured all the same, because every prediction is wrong.
    """

    metrics: dict[str, list[Metric]]
    bad: tuple[BadSlice, ...] = ()
    findings: tuple[Finding, ...] = ()
    all_wrong: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _SideResults:
    """Errors and measures of the slices on one side.

    Attributes:
        whole: The prediction errors of all rows of the side.
        errors: The prediction errors by slice name.
        measures: The performance measures by slice name.
    """

    whole: PredictionErrors
    errors: dict[str, PredictionErrors]
    measures: dict[str, Measures]

    def error_share(self, slice_: str) -> float | None:
        """Return a slice's share of the prediction errors, None where there are no errors."""
        return self.errors[slice_].total / self.whole.total if self.whole.total else None


def slice_performance(
    performance: PerformanceEvaluator,
    model: MonitoredModel,
    partitions: list[Partition],
    slices: list[SliceCounts],
    labelled: dict[Side, np.ndarray],
    whole: list[Metric],
) -> SlicePerformance:
    """Measure each slice that has enough labels in the window, with one side in memory at a time.

    A slice whose predictions are all wrong beyond chance is measured whatever the plan's minimum is.

    Args:
        performance: The evaluator of the baseline and the window.
        model: The model, whose plan names the headline metric.
        partitions: Which rows belong to which slice.
        slices: All slices of the model.
        labelled: For each row of each side, whether it has a label.
        whole: The performance metrics of the whole window.
    """
    all_wrong = _all_wrong(performance, partitions, slices, labelled, whole)
    measured = [one for one in slices if one.name in all_wrong or not one.lacks_labels(Side.WINDOW)]
    if not measured:
        return SlicePerformance({})
    baseline = _measure_side(
        performance,
        performance.labelled_rows(Side.BASELINE),
        _labelled_indexes(partitions, labelled, Side.BASELINE),
        measured,
    )
    rows, indexes = (
        performance.labelled_rows(Side.WINDOW),
        _labelled_indexes(partitions, labelled, Side.WINDOW),
    )
    window = _measure_side(performance, rows, indexes, measured)
    metrics = _metrics(model, measured, window, baseline)
    errors = ErrorComparison(
        window.whole,
        baseline.whole,
        {
            one.name: (
                window.errors[one.name],
                None if one.lacks_labels(Side.BASELINE) else baseline.errors[one.name],
            )
            for one in measured
        },
    )
    worse = slices_that_became_worse(errors)[:MOST_BAD]
    if not worse:
        return SlicePerformance(metrics, all_wrong=all_wrong)
    headline = headline_of_slices(model)
    bad = tuple(bad_slice(name, errors, headline, _find(metrics[name], headline)) for name in worse)
    worst = next(one for one in measured if one.name == worse[0])
    positions = indexes[worst.partition].positions[worst.number]
    without = _value_without(performance, rows, positions, headline)
    finding = worst_slice_finding(bad[0], _find(whole, headline), without)
    return SlicePerformance(metrics, bad, (finding,), all_wrong)


def _all_wrong(
    performance: PerformanceEvaluator,
    partitions: list[Partition],
    slices: list[SliceCounts],
    labelled: dict[Side, np.ndarray],
    whole: list[Metric],
) -> frozenset[str]:
    """Return the slices with too few labels for a measurement, but whose predictions are all wrong beyond chance.

    A fault that is total needs no large sample: chance would make all of n predictions wrong with the n-th power of
    the baseline's share of wrong ones. A regression has no wrong predictions.
    """
    import numpy as np

    accuracy = _find(whole, "accuracy")
    if accuracy is None or accuracy.baseline is None:
        return frozenset()
    few = [
        one
        for one in slices
        if one.lacks_labels(Side.WINDOW) and one.labelled[Side.WINDOW] >= _LEAST_ALL_WRONG
    ]
    if not few:
        return frozenset()
    error = errors_of_rows(performance.labelled_rows(Side.WINDOW))
    right = np.where(np.isfinite(error), error, 0.0) == 0
    found = [index.sums(right) for index in _labelled_indexes(partitions, labelled, Side.WINDOW)]
    level, wrong = CHANCE / len(slices), 1 - accuracy.baseline
    return frozenset(
        one.name
        for one in few
        if not found[one.partition][one.number] and wrong ** one.labelled[Side.WINDOW] < level
    )


def _labelled_indexes(
    partitions: list[Partition], labelled: dict[Side, np.ndarray], side: Side
) -> list[RowIndex]:
    return [partition.index[side].among(labelled[side]) for partition in partitions]


def _measure_side(
    performance: PerformanceEvaluator,
    rows: LabelledRows,
    indexes: list[RowIndex],
    slices: list[SliceCounts],
) -> _SideResults:
    import numpy as np

    error = errors_of_rows(rows)
    known = np.isfinite(error)
    error = np.where(known, error, 0.0)
    exponent = exponent_of_arrays(error)
    error = divided(error, exponent)
    values = (known, error, np.square(error))
    sums = [[index.sums(one).tolist() for one in values] for index in indexes]
    positions = [index.positions for index in indexes]
    errors, measures = {}, {}
    for one in slices:
        count, total, squares = (of_slice[one.number] for of_slice in sums[one.partition])
        errors[one.name] = PredictionErrors(int(count), total, squares, exponent)
        measures[one.name] = performance.measures(rows.take(positions[one.partition][one.number]))
    count, total, squares = (float(one.sum()) for one in values)
    return _SideResults(PredictionErrors(int(count), total, squares, exponent), errors, measures)


def _metrics(
    model: MonitoredModel, slices: list[SliceCounts], window: _SideResults, baseline: _SideResults
) -> dict[str, list[Metric]]:
    """Return error share and performance metrics by slice; of single classes only those that a rule names."""
    named = {(rule.metric, rule.class_name) for rule in model.plan.all_rules if rule.slice}
    found = {}
    for one in slices:
        lacking = one.lacks_labels(Side.BASELINE)
        expected = baseline.measures[one.name]
        if lacking:
            expected = {key: missing(lacking) for key in expected}
        metrics = [
            metric
            for metric in compare_measures(window.measures[one.name], expected)
            if not metric.class_name or {(metric.name, metric.class_name), (metric.name, ANY)} & named
        ]
        found[one.name] = [_error_share(one.name, window, baseline, known=not lacking), *metrics]
    return found


def _error_share(slice_: str, window: _SideResults, baseline: _SideResults, *, known: bool) -> Metric:
    return Metric(
        name="prediction_error_share",
        value=window.error_share(slice_),
        baseline=baseline.error_share(slice_) if known else None,
        rows=window.errors[slice_].rows,
        baseline_rows=baseline.errors[slice_].rows,
        note="" if window.whole.total else "the window has no prediction errors",
    )


def _find(metrics: list[Metric], name: str) -> Metric | None:
    return next((one for one in metrics if one.name == name and not one.class_name), None)


def _value_without(
    performance: PerformanceEvaluator, rows: LabelledRows, positions: np.ndarray, headline: str
) -> float | None:
    """Return the headline metric of the window's labelled rows outside a slice."""
    import numpy as np

    outside = np.ones(len(rows.label), dtype=bool)
    outside[positions] = False
    measure = performance.measures(rows.take(outside)).get((headline, "")) if outside.any() else None
    return measure.value if measure else None
