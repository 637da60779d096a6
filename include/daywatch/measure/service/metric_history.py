"""What rules compare a window with: a metric's values in the windows before."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.model.history import History
from daywatch.days import DAY, HOUR
from daywatch.results import Against, Metric, Number, Record
from daywatch.window import Window, WindowUnit

if TYPE_CHECKING:
    from daywatch.config.model.rule import Rule

_OF_ANSWERS = ("prediction_drift", "target_drift")
"""Metrics of the whole window that name their column all the same."""

_SPARE = 3
"""Windows are looked for in so many times as many days: there may be none on weekends, or none with enough rows."""

_LATELY = timedelta(days=31)


class PastValue(Record):
    """A metric's value in a window before.

    Attributes:
        window: The window's key.
        value: The value.
        low: Lower end of its 95 % confidence interval, None if there is no interval.
        high: Upper end of that interval.
        rows: Number of rows that it comes from, None if they are not counted.
    """

    window: str
    value: float
    low: Number = None
    high: Number = None
    rows: int | None = None

    @property
    def day(self) -> date:
        """The window's first day."""
        return Window.parse(self.window).first


class MetricKey(NamedTuple):
    """Which metric a history is of.

    Attributes:
        metric: Name of the metric.
        column: Name of the column, empty for the whole window.
        class_name: Name of the class, empty for all classes together.
        slice: Name of the slice, empty for all rows.
    """

    metric: str
    column: str
    class_name: str
    slice: str

    def is_of(self, metric: Metric) -> bool:
        """Return whether a metric is the one."""
        about = (metric.class_name, metric.slice)
        same_column = metric.column == self.column or metric.name in _OF_ANSWERS
        return metric.name == self.metric and same_column and about == (self.class_name, self.slice)


class MetricHistory(Record):
    """A metric's values in the windows before, as far as a rule needs them.

    Attributes:
        metric: Name of the metric.
        column: Name of the column, empty for the whole window.
        class_name: Name of the class, empty for all classes together.
        slice: Name of the slice, empty for all rows.
        windows: Its values, the latest first; windows without a value are left out.
    """

    metric: str
    column: str = ""
    class_name: str = ""
    slice: str = ""
    windows: tuple[PastValue, ...] = ()

    @property
    def key(self) -> MetricKey:
        """Which metric it is."""
        return MetricKey(self.metric, self.column, self.class_name, self.slice)


def key_of(rule: Rule) -> MetricKey:
    """Return which metric a rule is about."""
    return MetricKey(rule.metric, rule.column, rule.class_name, rule.slice)


def needed_days(rules: Iterable[Rule], window: Window) -> dict[MetricKey, tuple[date, date]]:
    """Return for each metric that rules compare with windows before the first and the last day of these.

    Args:
        rules: The plan's rules.
        window: The window.
    """
    needed: dict[MetricKey, tuple[date, date]] = {}
    for rule in rules:
        if (days := _days(rule, window)) is not None:
            key = key_of(rule)
            first, last = needed.get(key, days)
            needed[key] = (min(first, days[0]), max(last, days[1]))
    return needed


def _days(rule: Rule, window: Window) -> tuple[date, date] | None:
    """Return the first and the last day of the windows that a rule looks back at, None if it does not."""
    is_hour = window.unit is WindowUnit.HOUR
    last = window.first if is_hour else window.first - DAY
    length = HOUR if is_hour else window.days * DAY
    start = datetime.combine(window.first, time())
    if rule.band is not None:
        return (start - _SPARE * rule.band.windows * length).date(), last
    if rule.reference is Against.SAME_MONTH:
        year, month = window.last.year - 1, window.last.month
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    if rule.reference is Against.SAME_WEEKDAY:
        return (start - _SPARE * rule.reference_windows * timedelta(weeks=1)).date(), last
    if isinstance(rule.reference, History):
        return min(start - _SPARE * rule.reference_windows * length, start - _LATELY).date(), last
    return None


def histories(
    needed: dict[MetricKey, tuple[date, date]], earlier: Iterable[tuple[Window, Sequence[Metric]]]
) -> tuple[MetricHistory, ...]:
    """Return the histories of metrics from the results of windows before.

    Args:
        needed: The metrics, and from which days they are needed.
        earlier: The windows, each with its metrics.
    """
    ordered = sorted(earlier, key=lambda one: one[0], reverse=True)
    return tuple(
        MetricHistory(
            **key._asdict(),
            windows=tuple(
                PastValue(window=window.key, value=one.value, low=one.low, high=one.high, rows=one.rows)
                for window, metrics in ordered
                if first <= window.first and window.last <= last
                for one in metrics
                if one.value is not None and key.is_of(one)
            ),
        )
        for key, (first, last) in needed.items()
    )
