"""Performance of each slice, and which slice is to blame where it fell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from daywatch.config.metrics import ERRORS, METRICS, Kind, headline_of
from daywatch.config.model import MonitoredModel, Task
from daywatch.measure.intervals import Measures, missing
from daywatch.measure.performance import Performance, compared
from daywatch.measure.tables import Side
from daywatch.numbers import metric_title, metric_value, percent
from daywatch.results import BadSlice, Finding, FindingCode, Metric

if TYPE_CHECKING:
    import numpy as np

    from daywatch.measure.answers import Answers
    from daywatch.measure.slice_metrics import Slice
    from daywatch.measure.slices import Cut, Division

MOST_BAD = 10
"""Slices that are named as bad, the worst first."""

CHANCE = 0.01
"""How likely it is that chance alone names a slice of a window as bad."""


@dataclass(frozen=True)
class Errors:
    """Prediction errors of some rows: wrong predictions, or of a regression the absolute errors.

    Attributes:
        rows: Rows with label and prediction.
        total: Errors added up.
        squares: Their squares added up.
    """

    rows: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """Errors a row."""
        return self.total / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class _Side:
    """What is measured of one side."""

    whole: Errors
    errors: dict[str, Errors]
    measures: dict[str, Measures]


@dataclass(frozen=True)
class SlicePerformance:
    """What was measured of labelled rows.

    Attributes:
        metrics: By slice.
        bad: Slices that predict worse than in the baseline, by more than chance, the worst first.
        findings: The worst one in a sentence.
    """

    metrics: dict[str, list[Metric]]
    bad: tuple[BadSlice, ...]
    findings: tuple[Finding, ...]


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
        return SlicePerformance({}, (), ())
    found: dict[Side, _Side] = {}
    for side in Side:  # the window last: its answers are needed once more
        divisions = [cut.sides[side].among(labelled[side]) for cut in cuts]
        answers = performance.answers(side)
        found[side] = _measured_side(performance, answers, divisions, measured, side)
    now, before = found[Side.CURRENT], found[Side.REFERENCE]
    named = {(rule.metric, rule.class_name) for rule in model.plan.rules if rule.slice}
    metrics = {
        one.name: [
            _error_share(one, now, before),
            *(
                metric
                for metric in compared(now.measures[one.name], _of_baseline(one, now, before))
                if not metric.class_name or (metric.name, metric.class_name) in named
            ),
        ]
        for one in measured
    }
    headline = headline_of_slices(model)
    ranked = _ranked(measured, now, before)
    bad = tuple(_bad(one, headline, metrics[one.name], now, before) for one in ranked[:MOST_BAD])
    if not ranked:
        return SlicePerformance(metrics, (), ())
    number, code = ranked[0].cut
    without = _without(performance, answers, divisions[number].parts[code], headline)
    return SlicePerformance(metrics, bad, (_finding(bad[0], without, window),))


def headline_of_slices(model: MonitoredModel) -> str:
    """Return the metric that slices are told by: the plan's first on performance, else accuracy or MAE."""
    of_window = (
        rule.metric
        for rule in model.plan.rules
        if not (rule.column or rule.class_name or rule.slice or rule.span)
    )
    name = headline_of(of_window)
    if name in METRICS and METRICS[name].kind is Kind.PERFORMANCE:
        return name
    return "mae" if model.output.task is Task.REGRESSION else "accuracy"


def _measured_side(
    performance: Performance, answers: Answers, divisions: list[Division], slices: list[Slice], side: Side
) -> _Side:
    import numpy as np

    error = _errors_of_rows(answers)
    counted = np.isfinite(error)
    error = np.where(counted, error, 0.0)
    sums = [
        [division.sums(values).tolist() for values in (counted, error, np.square(error))]
        for division in divisions
    ]
    parts = [division.parts for division in divisions]
    errors, measures = {}, {}
    for one in slices:
        number, code = one.cut
        rows, total, squares = (values[code] for values in sums[number])
        errors[one.name] = Errors(int(rows), total, squares)
        if not one.lacks_labels(side):
            measures[one.name] = performance.measures(answers.take(parts[number][code]))
    whole = Errors(int(counted.sum()), float(error.sum()), float(np.square(error).sum()))
    return _Side(whole, errors, measures)


def _errors_of_rows(answers: Answers) -> np.ndarray:
    """Return each row's error: 1 for a wrong prediction, of a regression its size; NaN where nobody knows."""
    import numpy as np

    if not answers.classes and answers.label.dtype.kind == "f":
        with np.errstate(all="ignore"):
            size = np.abs(answers.prediction - answers.label)
        return np.where(np.isfinite(size), size, np.nan)
    return np.where(answers.prediction >= 0, answers.prediction != answers.label, np.nan)


def _of_baseline(one: Slice, now: _Side, before: _Side) -> Measures:
    if one.name in before.measures:
        return before.measures[one.name]
    note = one.lacks_labels(Side.REFERENCE)
    return {key: missing(note) for key in now.measures[one.name]}


def _error_share(one: Slice, now: _Side, before: _Side) -> Metric:
    of_slice, of_baseline = now.errors[one.name], before.errors[one.name]
    known = one.name in before.measures
    return Metric(
        name="prediction_error_share",
        value=_part(of_slice.total, now.whole.total),
        baseline=_part(of_baseline.total, before.whole.total) if known else None,
        rows=of_slice.rows,
        baseline_rows=of_baseline.rows,
        note="" if now.whole.total else "the window has no prediction errors",
    )


def _part(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _ranked(slices: list[Slice], now: _Side, before: _Side) -> list[Slice]:
    """Return the slices that became worse by more than chance, the one that stands out most first.

    Compared are errors a row with those of the slice in the baseline (of the whole baseline where the slice has
    too few labels there), by the z-test with pooled variance: for wrong predictions the test of two proportions.
    The level is divided by the number of slices (Bonferroni), and one-sided. A slice stands out by its additional errors,
    beyond the part of all additional errors that its share of rows explains: one that is half of the window
    and falls as the window does, does not.
    """
    beyond = NormalDist().inv_cdf(1 - CHANCE / len(slices))
    rise = now.whole.total - now.whole.rows * before.whole.mean
    found = []
    for one in slices:
        errors = now.errors[one.name]
        usual = before.errors[one.name] if one.name in before.measures else before.whole
        additional = errors.total - errors.rows * usual.mean
        stands_out = additional - rise * errors.rows / now.whole.rows if now.whole.rows else 0.0
        if _z(errors, usual) > beyond:
            found.append((-stands_out, one.name, one))
    return [one for _, _, one in sorted(found, key=lambda item: item[:2])]


def _z(errors: Errors, usual: Errors) -> float:
    rows = errors.rows + usual.rows
    if not errors.rows or not usual.rows:
        return 0.0
    mean = (errors.total + usual.total) / rows
    variance = (errors.squares + usual.squares) / rows - mean**2
    spread = math.sqrt(max(0.0, variance) * (1 / errors.rows + 1 / usual.rows))
    return (errors.mean - usual.mean) / spread if spread else 0.0


def _bad(one: Slice, headline: str, metrics: list[Metric], now: _Side, before: _Side) -> BadSlice:
    metric = next((metric for metric in metrics if metric.name == headline and not metric.class_name), None)
    share = metrics[0]
    errors = now.errors[one.name]
    return BadSlice(
        slice=one.name,
        rows=errors.rows,
        rows_share=errors.rows / now.whole.rows,
        error_share=share.value or 0.0,
        baseline_error_share=share.baseline,
        metric=headline,
        value=metric.value if metric else None,
        baseline=metric.baseline if metric else None,
    )


def _without(performance: Performance, answers: Answers, rows: np.ndarray, headline: str) -> float | None:
    """Return the headline metric of the window's labelled rows outside a slice."""
    import numpy as np

    outside = np.ones(len(answers.label), dtype=bool)
    outside[rows] = False
    if not outside.any():
        return None
    measure = performance.measures(answers.take(outside)).get((headline, ""))
    return measure.value if measure else None


def _finding(bad: BadSlice, without: float | None, window: list[Metric]) -> Finding:
    """Name the worst slice with its part in the errors, and in the fall of the headline metric."""
    before = (
        f" ({percent(bad.baseline_error_share)} in the baseline)"
        if bad.baseline_error_share is not None
        else ""
    )
    detail = (
        f"worst slice {bad.slice}: {percent(bad.rows_share)} of the rows, "
        f"{percent(bad.error_share)} of the prediction errors{before}"
    )
    whole = next((one for one in window if one.name == bad.metric and not one.class_name), None)
    if whole is not None and whole.value is not None and without is not None:
        now, other = (metric_value(bad.metric, value) for value in (whole.value, without))
        detail += f"; without it {metric_title(bad.metric)} is {other}, with it {now}"
        part = contribution(bad.metric, whole.value, whole.baseline, without)
        if part is not None:
            detail += f": {percent(part)} of its change from {metric_value(bad.metric, whole.baseline)}"
    return Finding(code=FindingCode.WORST_SLICE, detail=detail, count=bad.rows)


def contribution(name: str, value: float, baseline: float | None, without: float) -> float | None:
    """Return a slice's part in the fall of a metric: of the way back to the baseline, what leaving it out goes.

    None where the metric has not become worse, or would be no better without the slice.
    """
    if baseline is None or name == "me" or name.startswith("residual_"):
        return None  # (the best of these is 0, from either side)
    fall, regained = baseline - value, without - value
    worse = fall < 0 if name in ERRORS else fall > 0
    return regained / fall if worse and regained / fall > 0 else None
