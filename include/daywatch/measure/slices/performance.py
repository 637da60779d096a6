"""Performance of each slice, beside its part in the window's prediction errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.measure.columns.tables import Side
from daywatch.measure.performance.intervals import Measures, missing
from daywatch.measure.performance.performance import Performance, compared
from daywatch.measure.slices.worst_slice import (
    MOST_BAD,
    Compared,
    Errors,
    bad_slice,
    became_worse,
    errors_of_rows,
    headline_of_slices,
    worst_slice_finding,
)
from daywatch.results import BadSlice, Finding, Metric

if TYPE_CHECKING:
    import numpy as np

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.performance.labelled_rows import Answers
    from daywatch.measure.slices.partition import Cut, Division
    from daywatch.measure.slices.volume import Slice


@dataclass(frozen=True)
class SlicePerformance:
    """What was measured of labelled rows.

    Attributes:
        metrics: By slice.
        bad: Slices that predict worse than in the baseline, by more than chance, the worst first.
        findings: The worst one in a sentence.
    """

    metrics: dict[str, list[Metric]]
    bad: tuple[BadSlice, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Sided:
    """What was measured of one side: of slices with labels enough there."""

    whole: Errors
    errors: dict[str, Errors]
    measures: dict[str, Measures]


def slice_performance(
    performance: Performance,
    model: MonitoredModel,
    cuts: list[Cut],
    slices: list[Slice],
    labelled: dict[Side, np.ndarray],
    window: list[Metric],
) -> SlicePerformance:
    """Measure each slice that has labels enough, one side in memory at a time.

    Args:
        performance: Of the baseline and the window.
        model: What is measured, and the plan's headline metric.
        cuts: Which rows belong to which slices.
        slices: All of them.
        labelled: Which rows of each side have a label.
        window: Performance of the whole window.
    """
    measured = [one for one in slices if not one.lacks_labels(Side.CURRENT)]
    if not measured:
        return SlicePerformance({})
    before = _sided(
        performance, performance.answers(Side.REFERENCE), _among(cuts, labelled, Side.REFERENCE), measured
    )
    answers, divisions = performance.answers(Side.CURRENT), _among(cuts, labelled, Side.CURRENT)
    now = _sided(performance, answers, divisions, measured)
    metrics = _metrics(model, measured, now, before)
    found = Compared(
        now.whole,
        before.whole,
        {
            one.name: (
                now.errors[one.name],
                before.errors[one.name] if not one.lacks_labels(Side.REFERENCE) else None,
            )
            for one in measured
        },
    )
    worse = became_worse(found)[:MOST_BAD]
    if not worse:
        return SlicePerformance(metrics)
    headline = headline_of_slices(model)
    bad = tuple(bad_slice(name, found, headline, _named(metrics[name], headline)) for name in worse)
    number, code = next(one.cut for one in measured if one.name == worse[0])
    without = _without(performance, answers, divisions[number].parts[code], headline)
    return SlicePerformance(metrics, bad, (worst_slice_finding(bad[0], _named(window, headline), without),))


def _among(cuts: list[Cut], labelled: dict[Side, np.ndarray], side: Side) -> list[Division]:
    return [cut.sides[side].among(labelled[side]) for cut in cuts]


def _sided(
    performance: Performance, answers: Answers, divisions: list[Division], slices: list[Slice]
) -> _Sided:
    import numpy as np

    error = errors_of_rows(answers)
    counted = np.isfinite(error)
    error = np.where(counted, error, 0.0)
    of_rows = (counted, error, np.square(error))
    sums = [[division.sums(values).tolist() for values in of_rows] for division in divisions]
    parts = [division.parts for division in divisions]
    errors, measures = {}, {}
    for one in slices:
        number, code = one.cut
        rows, total, squares = (values[code] for values in sums[number])
        errors[one.name] = Errors(int(rows), total, squares)
        measures[one.name] = performance.measures(answers.take(parts[number][code]))
    rows, total, squares = (float(values.sum()) for values in of_rows)
    return _Sided(Errors(int(rows), total, squares), errors, measures)


def _metrics(
    model: MonitoredModel, slices: list[Slice], now: _Sided, before: _Sided
) -> dict[str, list[Metric]]:
    """Return the part in the errors and all performance metrics; of single classes those that a rule names."""
    named = {(rule.metric, rule.class_name) for rule in model.plan.rules if rule.slice}
    found = {}
    for one in slices:
        lacking = one.lacks_labels(Side.REFERENCE)
        reference = before.measures[one.name]
        if lacking:
            reference = {key: missing(lacking) for key in reference}
        measured = [
            metric
            for metric in compared(now.measures[one.name], reference)
            if not metric.class_name or (metric.name, metric.class_name) in named
        ]
        found[one.name] = [_error_share(one, now, before, known=not lacking), *measured]
    return found


def _error_share(one: Slice, now: _Sided, before: _Sided, *, known: bool) -> Metric:
    errors, usual = now.errors[one.name], before.errors[one.name]
    return Metric(
        name="prediction_error_share",
        value=errors.total / now.whole.total if now.whole.total else None,
        baseline=usual.total / before.whole.total if known and before.whole.total else None,
        rows=errors.rows,
        baseline_rows=usual.rows,
        note="" if now.whole.total else "the window has no prediction errors",
    )


def _named(metrics: list[Metric], name: str) -> Metric | None:
    return next((one for one in metrics if one.name == name and not one.class_name), None)


def _without(performance: Performance, answers: Answers, rows: np.ndarray, headline: str) -> float | None:
    """Return the headline metric of the window's labelled rows outside a slice."""
    import numpy as np

    outside = np.ones(len(answers.label), dtype=bool)
    outside[rows] = False
    measure = performance.measures(answers.take(outside)).get((headline, "")) if outside.any() else None
    return measure.value if measure else None
