"""A window's numbers compared with the thresholds that its baseline gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daywatch.config.metrics import LOWER_IS_BETTER
from daywatch.formatting import number
from daywatch.measure.calibration.limits import JUDGED_PERFORMANCE
from daywatch.measure.calibration.shares import range_of
from daywatch.results import FindingCode, Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daywatch.config.model.rule import Rule
    from daywatch.measure.calibration.limits import Calibration, ColumnRange, PerformanceLimit
    from daywatch.measure.drift.scoring import Score
    from daywatch.profiles.profile import Profile
    from daywatch.results import Finding

OUT_OF_RANGE, NEW_CATEGORY = "out_of_range_share", "new_category_share"

_LEAST_CHANGE = 0.05
"""A performance that changed by less than this share is the same."""


def calibrated_score(score: Score, rows: int, calibration: Calibration) -> Score:
    """Return a score with the threshold that the baseline's days give for so many rows.

    Args:
        score: The score of a column.
        rows: The window's values of it.
        calibration: The baseline's calibration.
    """
    limit = calibration.distance(score.column.name, score.method)
    if limit is None or score.value is None:
        return score
    threshold = limit.at(rows)
    return replace(score, threshold=threshold, drifted=score.value > threshold)


def with_limit(metric: Metric, rows: int, calibration: Calibration) -> Metric:
    """Return the metric of a share with its threshold, the same metric where the baseline gives none.

    Args:
        metric: The metric.
        rows: The rows, values or records that it is a share of.
        calibration: The baseline's calibration.
    """
    limit = calibration.share(metric.name, metric.column)
    if limit is None or metric.value is None:
        return metric
    threshold = limit.at(rows)
    return metric.model_copy(
        update={
            "rows": rows,
            "baseline": limit.hits / limit.rows if limit.rows else None,
            "threshold": threshold,
            "alert": metric.value > threshold,
        }
    )


def ranges_of(
    calibration: Calibration | None, baseline: Profile | None, rules: Iterable[Rule]
) -> dict[str, ColumnRange]:
    """Return the baseline's range of columns whose values out of it are counted.

    Args:
        calibration: The baseline's calibration, None for a plan without the standard rules.
        baseline: The baseline's profile.
        rules: The plan's rules, which name the columns then.
    """
    if calibration is not None:
        return {one.column: one for one in calibration.ranges}
    named = dict.fromkeys(rule.column for rule in rules if rule.metric == OUT_OF_RANGE)
    columns = (baseline.column(name) for name in named) if baseline is not None else ()
    return {
        one.name: range_of(one.name, one.min, one.max)
        for one in columns
        if one is not None and one.min is not None and one.max is not None
    }


def range_metrics(
    outside: Mapping[str, tuple[int, int]],
    ranges: Mapping[str, ColumnRange],
    calibration: Calibration | None,
) -> Iterator[Metric]:
    """Yield the share of each column's values that are out of the baseline's range.

    Args:
        outside: By column, the values out of range, and all values.
        ranges: The ranges.
        calibration: The baseline's calibration, None for a plan without the standard rules.
    """
    for column, (hits, rows) in outside.items():
        if rows:
            known = ranges[column]
            method = f"range {number(known.low)} to {number(known.high)}"
            yield _of_baseline(
                Metric(name=OUT_OF_RANGE, column=column, value=hits / rows, method=method), rows, calibration
            )


def category_metrics(
    findings: Iterable[Finding], filled: Mapping[str, int], calibration: Calibration | None
) -> Iterator[Metric]:
    """Yield the share of each column's values in categories that the baseline does not have.

    Args:
        findings: The findings, of which new categories count.
        filled: The values of each column of categories.
        calibration: The baseline's calibration, None for a plan without the standard rules.
    """
    new = {one.column: one.count for one in findings if one.code is FindingCode.NEW_CATEGORY}
    for column, rows in filled.items():
        if rows:
            metric = Metric(name=NEW_CATEGORY, column=column, value=new.get(column, 0) / rows)
            yield _of_baseline(metric, rows, calibration)


def _of_baseline(metric: Metric, rows: int, calibration: Calibration | None) -> Metric:
    """Return a share with the baseline's: by its other days, or 0 by all of its own rows."""
    if calibration is None:
        return metric.model_copy(update={"rows": rows, "baseline": 0.0})
    return with_limit(metric, rows, calibration)


def performance_alerts(metrics: Iterable[Metric], calibration: Calibration) -> Iterator[Metric]:
    """Yield performance metrics, each with whether it became worse than the baseline beyond chance.

    A change counts if the interval of the difference excludes 0, if it is a twentieth of the baseline's value, and if
    no day of the baseline explains it. Without days, the interval alone decides.

    Args:
        metrics: The performance metrics of the window.
        calibration: The baseline's calibration.
    """
    limits = {one.metric: one for one in calibration.performance}
    for metric in metrics:
        compared = metric.name in JUDGED_PERFORMANCE and not metric.class_name
        yield _compared(metric, limits.get(metric.name)) if compared else metric


def _compared(metric: Metric, limit: PerformanceLimit | None) -> Metric:
    value, baseline = metric.value, metric.baseline
    if value is None or baseline is None:
        return metric
    lower = metric.name in LOWER_IS_BETTER
    fall = value - baseline if lower else baseline - value
    # The end of the interval of the difference that is nearest to no change.
    near = metric.difference_low if lower else metric.difference_high
    if near is None:
        return metric
    beyond = near if lower else -near
    is_worse = beyond > 0 and fall >= _LEAST_CHANGE * abs(baseline)
    threshold = None if limit is None else limit.high if lower else limit.low
    if is_worse and threshold is not None:
        is_worse = value > threshold if lower else value < threshold
    return metric.model_copy(update={"alert": is_worse, "threshold": threshold})
