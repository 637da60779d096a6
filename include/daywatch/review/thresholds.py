"""The thresholds that a window's numbers were compared with, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.formatting import plural
from daywatch.measure.service.past_windows import alert_name
from daywatch.results import Number, Record

if TYPE_CHECKING:
    from daywatch.judge.evidence import Evidence
    from daywatch.results import Metric


class Compared(Record):
    """A number of a window next to its threshold.

    Attributes:
        name: What it is, such as ``drift_score(amount)``.
        metric: Name of the metric.
        value: The number.
        baseline: The baseline's number.
        threshold: The threshold.
        rows: The rows or values for which a calibrated threshold holds.
        days: The days of the baseline that it was calibrated on, 0 for its rows alone; None if it is not
            calibrated.
        method: How the number was computed.
        beyond: Whether the number is beyond the threshold.
    """

    name: str
    metric: str
    value: Number
    baseline: Number
    threshold: Number
    rows: int | None
    days: int | None
    method: str
    beyond: bool

    @property
    def origin(self) -> str:
        """Where the threshold comes from, in a few words."""
        if self.days is None:
            return "of its method or of the YAML"
        what = (
            f"calibrated on {plural(self.days, 'day')} of the baseline"
            if self.days
            else "calibrated on the rows of the baseline"
        )
        return f"{what} for {plural(self.rows, 'row')}" if self.rows is not None else what


def compared_numbers(evidence: Evidence) -> tuple[Compared, ...]:
    """Return the numbers of the whole window that have a threshold, those beyond it first.

    Args:
        evidence: What was exported, validated and measured.
    """
    found = [
        _compared(one, evidence)
        for one in evidence.metrics
        if not (one.slice or one.class_name) and one.value is not None and one.threshold is not None
    ]
    return tuple(sorted(found, key=lambda one: not one.beyond))


def _compared(metric: Metric, evidence: Evidence) -> Compared:
    rows, days = _calibrated(metric, evidence)
    return Compared(
        name=alert_name(metric.name, metric.column),
        metric=metric.name,
        value=metric.value,
        baseline=metric.baseline,
        threshold=metric.threshold,
        rows=rows,
        days=days,
        method=metric.method,
        beyond=bool(metric.alert),
    )


def _calibrated(metric: Metric, evidence: Evidence) -> tuple[int | None, int | None]:
    """Return the rows for which a metric's threshold holds, and the days that it comes from."""
    calibration = evidence.calibration
    if calibration is None:
        return None, None
    if limit := calibration.distance(metric.column, metric.method):
        column = evidence.profile.column(metric.column)
        values = column.count if column else None
        return values, limit.days
    if calibration.share(metric.name, metric.column):
        return metric.rows, calibration.days
    of_days = next((one for one in calibration.performance if one.metric == metric.name), None)
    return (None, of_days.days) if of_days and not metric.column else (None, None)
