"""Which slice is to blame where predictions became worse: its part in the errors, and in the fall of the metric."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from daywatch.config.metrics import ERRORS, METRICS, MetricKind, headline_of
from daywatch.config.model.columns import Task
from daywatch.config.model.model import MonitoredModel
from daywatch.formatting import metric_title, metric_value, percent
from daywatch.results import BadSlice, Finding, FindingCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from daywatch.measure.performance.labelled_rows import Answers
    from daywatch.results import Metric

CHANCE = 0.01
"""How likely it is that chance alone names a slice of a window as bad."""

MOST_BAD = 10
"""Slices that are named as bad, the worst first."""


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
class Compared:
    """Errors of the window and what they are held against.

    Attributes:
        window: Of all rows.
        baseline: Of all rows of the baseline.
        slices: Of each slice: of the window, and of the baseline where it has labels enough there.
    """

    window: Errors
    baseline: Errors
    slices: Mapping[str, tuple[Errors, Errors | None]]


def errors_of_rows(answers: Answers) -> np.ndarray:
    """Return each row's error: 1 for a wrong prediction, of a regression its size; NaN where nobody knows."""
    import numpy as np

    if answers.label.dtype.kind == "f":
        with np.errstate(all="ignore"):
            size = np.abs(answers.prediction - answers.label)
        return np.where(np.isfinite(size), size, np.nan)
    return np.where(answers.prediction >= 0, answers.prediction != answers.label, np.nan)


def headline_of_slices(model: MonitoredModel) -> str:
    """Return the metric that slices are told by: the plan's first on performance, else accuracy or MAE."""
    rules = (
        rule for rule in model.plan.rules if not (rule.column or rule.class_name or rule.slice or rule.span)
    )
    name = headline_of(rule.metric for rule in rules)
    if name in METRICS and METRICS[name].kind is MetricKind.PERFORMANCE:
        return name
    return "mae" if model.output.task is Task.REGRESSION else "accuracy"


def became_worse(found: Compared) -> list[str]:
    """Return the slices that became worse by more than chance, the one that stands out most first.

    Compared are errors a row with those of the slice in the baseline (of the whole baseline where the slice has
    too few labels there), by the one-sided z-test with pooled variance: for wrong predictions the test of two
    proportions. Its level is divided by the number of slices (Bonferroni). A slice stands out by its additional
    errors beyond the part of the window's additional errors that its share of rows explains: one that is half of
    the window and falls as the window does stands out by nothing.
    """
    beyond = NormalDist().inv_cdf(1 - CHANCE / max(1, len(found.slices)))
    rise = found.window.total - found.window.rows * found.baseline.mean
    worse = []
    for name, (errors, of_baseline) in found.slices.items():
        usual = of_baseline or found.baseline
        if _z(errors, usual) > beyond:
            additional = errors.total - errors.rows * usual.mean
            worse.append((rise * errors.rows / found.window.rows - additional, name))
    return [name for _, name in sorted(worse)]


def _z(errors: Errors, usual: Errors) -> float:
    if not errors.rows or not usual.rows:
        return 0.0
    rows = errors.rows + usual.rows
    mean = (errors.total + usual.total) / rows
    variance = (errors.squares + usual.squares) / rows - mean**2
    spread = math.sqrt(max(0.0, variance) * (1 / errors.rows + 1 / usual.rows))
    return (errors.mean - usual.mean) / spread if spread else 0.0


def bad_slice(name: str, found: Compared, headline: str, metric: Metric | None) -> BadSlice:
    """Return a slice with its part in rows and errors.

    Args:
        name: The slice.
        found: All errors.
        headline: Name of the metric that it is told by.
        metric: Of the slice.
    """
    errors, of_baseline = found.slices[name]
    before = of_baseline is not None and found.baseline.total > 0
    return BadSlice(
        slice=name,
        rows=errors.rows,
        rows_share=errors.rows / found.window.rows,
        error_share=errors.total / found.window.total,
        baseline_error_share=of_baseline.total / found.baseline.total if of_baseline and before else None,
        metric=headline,
        value=metric.value if metric else None,
        baseline=metric.baseline if metric else None,
    )


def worst_slice_finding(bad: BadSlice, whole: Metric | None, without: float | None) -> Finding:
    """Name the worst slice.

    Args:
        bad: The slice.
        whole: The headline metric of the whole window.
        without: The same of the window's rows outside the slice.
    """
    before = bad.baseline_error_share
    detail = (
        f"worst slice {bad.slice}: {percent(bad.rows_share)} of the rows, "
        f"{percent(bad.error_share)} of the prediction errors"
        f"{f' ({percent(before)} in the baseline)' if before is not None else ''}"
    )
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

    Args:
        name: The metric.
        value: Of the window.
        baseline: Of the whole baseline.
        without: Of the window's rows outside the slice.
    """
    if baseline is None or name == "me" or name.startswith("residual_"):
        return None  # (the best of these is 0, from either side)
    fall, regained = baseline - value, without - value
    worse = fall < 0 if name in ERRORS else fall > 0
    return regained / fall if worse and regained / fall > 0 else None
