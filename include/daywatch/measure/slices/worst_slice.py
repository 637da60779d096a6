"""Which slice explains worse predictions: its share of the errors, and of the change of the headline metric."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import LOWER_IS_BETTER, METRICS, headline_of
from daywatch.config.model.columns import Task
from daywatch.config.model.model import MonitoredModel
from daywatch.formatting import metric_title, metric_value, percent
from daywatch.profiles.magnitude import multiplied
from daywatch.results import BadSlice, Finding, FindingCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from daywatch.measure.performance.labelled_rows import LabelledRows
    from daywatch.results import Metric

CHANCE = 0.01
"""Probability that chance alone names any slice of a window as bad."""

MOST_BAD = 10
"""At most so many slices are named as bad, the worst first."""


@dataclass(frozen=True)
class PredictionErrors:
    """Prediction errors of some rows: wrong predictions, or the absolute errors of a regression.

    Attributes:
        rows: Rows with label and prediction.
        total: Sum of the errors, divided by the power of two ``exponent``.
        squares: Sum of the squares of the errors that are divided so.
        exponent: The power of two, 0 for ordinary errors.
    """

    rows: int
    total: float
    squares: float
    exponent: int = 0

    @property
    def mean(self) -> float:
        """Mean error of a row."""
        return self.total / self.rows if self.rows else 0.0

    def divided(self, exponent: int) -> PredictionErrors:
        """Return the same errors, divided by another power of two, which is at least as great."""
        less = self.exponent - exponent
        return replace(
            self,
            total=multiplied(self.total, less),
            squares=multiplied(self.squares, 2 * less),
            exponent=exponent,
        )


@dataclass(frozen=True)
class ErrorComparison:
    """Prediction errors of the window and of the baseline.

    Attributes:
        window: Errors of all rows of the window.
        baseline: Errors of all rows of the baseline.
        slices: By slice name, errors of the slice in the window and in the baseline; None in place of the latter
            where the slice has too few labels there.
    """

    window: PredictionErrors
    baseline: PredictionErrors
    slices: Mapping[str, tuple[PredictionErrors, PredictionErrors | None]]

    def of_one_size(self) -> ErrorComparison:
        """Return the comparison with all errors divided by the same power of two, so that they can be subtracted."""
        exponent = max(self.window.exponent, self.baseline.exponent)
        return ErrorComparison(
            self.window.divided(exponent),
            self.baseline.divided(exponent),
            {
                name: (window.divided(exponent), baseline.divided(exponent) if baseline else None)
                for name, (window, baseline) in self.slices.items()
            },
        )


def errors_of_rows(rows: LabelledRows) -> np.ndarray:
    """Return the error of each row: 1 for a wrong prediction, the absolute error of a regression, NaN if unknown."""
    import numpy as np

    if rows.label.dtype.kind == "f":
        with np.errstate(all="ignore"):
            size = np.abs(rows.prediction - rows.label)
        return np.where(np.isfinite(size), size, np.nan)
    return np.where(rows.prediction >= 0, rows.prediction != rows.label, np.nan)


def headline_of_slices(model: MonitoredModel) -> str:
    """Return the metric that describes slices: the plan's first performance metric, else accuracy or MAE."""
    rules = (
        rule for rule in model.plan.rules if not (rule.column or rule.class_name or rule.slice or rule.span)
    )
    name = headline_of(rule.metric for rule in rules)
    if name in METRICS and METRICS[name].kind is MetricKind.PERFORMANCE:
        return name
    if model.plan.is_standard and model.output.has_probability:
        return "roc_auc"
    return "mae" if model.output.task is Task.REGRESSION else "accuracy"


def slices_that_became_worse(errors: ErrorComparison) -> list[str]:
    """Return the slices that became worse by more than chance, the one that stands out most first.

    The test compares a slice's mean error with the slice's mean error in the baseline, or with that of the whole
    baseline where the slice has too few labels there. It is the one-sided z-test with pooled variance; for wrong
    predictions that is the test of two proportions. Its level is divided by the number of slices (Bonferroni).

    A slice stands out by its additional errors, minus its share by rows of the window's additional errors. So a
    slice that is half of the window and falls as much as the window does not stand out.
    """
    errors = errors.of_one_size()
    critical = NormalDist().inv_cdf(1 - CHANCE / max(1, len(errors.slices)))
    rise = errors.window.total - errors.window.rows * errors.baseline.mean
    worse = []
    for name, (window, of_slice) in errors.slices.items():
        baseline = of_slice or errors.baseline
        if _z(window, baseline) > critical:
            additional = window.total - window.rows * baseline.mean
            worse.append((rise * window.rows / errors.window.rows - additional, name))
    return [name for _, name in sorted(worse)]


def _z(window: PredictionErrors, baseline: PredictionErrors) -> float:
    if not window.rows or not baseline.rows:
        return 0.0
    rows = window.rows + baseline.rows
    mean = (window.total + baseline.total) / rows
    variance = (window.squares + baseline.squares) / rows - mean * mean
    spread = math.sqrt(max(0.0, variance) * (1 / window.rows + 1 / baseline.rows))
    return (window.mean - baseline.mean) / spread if spread else 0.0


def bad_slice(name: str, errors: ErrorComparison, headline: str, metric: Metric | None) -> BadSlice:
    """Return a slice with its shares of rows and errors.

    Args:
        name: The slice's name.
        errors: The errors of all rows and of all slices.
        headline: Name of the metric that describes slices.
        metric: That metric of this slice, None if it was not measured.
    """
    window, baseline = errors.slices[name]
    return BadSlice(
        slice=name,
        rows=window.rows,
        rows_share=window.rows / errors.window.rows,
        error_share=window.total / errors.window.total,
        baseline_error_share=baseline.total / errors.baseline.total
        if baseline is not None and errors.baseline.total > 0
        else None,
        metric=headline,
        value=metric.value if metric else None,
        baseline=metric.baseline if metric else None,
    )


def worst_slice_finding(bad: BadSlice, whole: Metric | None, without: float | None) -> Finding:
    """Return the finding that names the worst slice.

    Args:
        bad: The worst slice.
        whole: The headline metric of the whole window.
        without: The headline metric of the window's rows outside the slice.
    """
    expected = bad.baseline_error_share
    detail = (
        f"worst slice {bad.slice}: {percent(bad.rows_share)} of the rows, "
        f"{percent(bad.error_share)} of the prediction errors"
        f"{f' ({percent(expected)} in the baseline)' if expected is not None else ''}"
    )
    if whole is not None and whole.value is not None and without is not None:
        with_slice, without_slice = (metric_value(bad.metric, value) for value in (whole.value, without))
        detail += f"; without it {metric_title(bad.metric)} is {without_slice}, with it {with_slice}"
        part = contribution(bad.metric, whole.value, whole.baseline, without)
        if part is not None:
            detail += f": {percent(part)} of its change from {metric_value(bad.metric, whole.baseline)}"
    return Finding(code=FindingCode.WORST_SLICE, detail=detail, count=bad.rows)


def contribution(name: str, value: float, baseline: float | None, without: float) -> float | None:
    """Return a slice's share of the fall of a metric: how far leaving it out goes back towards the baseline.

    None where the metric has not become worse, or would be no better without the slice.

    Args:
        name: Name of the metric.
        value: Its value on the window.
        baseline: Its value on the baseline, None if unknown.
        without: Its value on the window's rows outside the slice.
    """
    if baseline is None or name == "me" or name.startswith("residual_"):
        return None  # (the best value of these is 0, from either side)
    fall, regained = baseline - value, without - value
    worse = fall < 0 if name in LOWER_IS_BETTER else fall > 0
    return regained / fall if worse and regained / fall > 0 else None
