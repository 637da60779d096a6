"""What a rule compares a metric's value with: the baseline, earlier windows, or a band that these give."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import mean, median
from typing import TYPE_CHECKING

from daywatch.config.model.conditions import Band, Expected
from daywatch.config.model.history import History
from daywatch.days import DAY
from daywatch.formatting import interval, interval_and_baseline, metric_value, plural, signed
from daywatch.measure.performance.intervals import Measure, difference
from daywatch.results import Against
from daywatch.window import Window, WindowUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daywatch.config.model.history import BandSettings
    from daywatch.config.model.rule import Rule
    from daywatch.measure.service.metric_history import MetricHistory, PastValue
    from daywatch.results import Metric

_NORMAL = 1.482602218505602
"""Standard deviations of a normal distribution in its median absolute deviation: 1 / norm.ppf(0.75)."""

_MEAN_DEVIATION = 1.2533141373155003
"""Standard deviations of it in its mean absolute deviation: sqrt(pi / 2)."""

_WINDOWS_A_WEEK: dict[WindowUnit | None, int] = {WindowUnit.HOUR: 7 * 24, WindowUnit.DAY: 7}
_LEAST_OF_BAND = 5
_LEAST_OF_WEEKDAY = 2


@dataclass(frozen=True)
class Reference:
    """What a metric's value is compared with.

    Attributes:
        expected: The numbers.
        context: What follows the value in a sentence, empty for nothing.
        baseline: The number that stands next to the value: the baseline's, that of earlier windows, or the middle of
            the band.
        lacking: Why there is nothing to compare with, empty where there is, or where nothing more is known.
        of_history: Whether it is of earlier windows, and not the baseline.
    """

    expected: Expected = field(default_factory=Expected)
    context: str = ""
    baseline: float | None = None
    lacking: str = ""
    of_history: bool = False


def reference_of(
    rule: Rule, metric: Metric, history: MetricHistory | None, window: Window | None, no_baseline: str = ""
) -> Reference:
    """Return what a rule compares a metric with.

    Args:
        rule: The rule.
        metric: The metric, with a value.
        history: The metric's values in earlier windows, None if nothing is known of them.
        window: The window, None where nothing says which one it is.
        no_baseline: Why the baseline does not have the metric, empty where nothing more is known.
    """
    known = history.windows if history is not None else ()
    if rule.band is not None:
        return _of_band(rule.band, metric, known, window)
    if rule.reference is None:
        expected = Expected(metric.baseline, metric.difference_low, metric.difference_high)
        return Reference(expected, interval_and_baseline(metric), metric.baseline, no_baseline)
    return _of_windows(rule, metric, known, window)


def _of_windows(rule: Rule, metric: Metric, known: Sequence[PastValue], window: Window | None) -> Reference:
    """Compare with one number of earlier windows."""
    wanted = rule.reference_windows
    if rule.reference is Against.SAME_MONTH:
        found, noun = list(known), "median of the same month last year"
    elif rule.reference is Against.SAME_WEEKDAY:
        found = [
            one for one in known if window is not None and Window.parse(one.window).has_weekday_of(window)
        ][:wanted]
        noun = f"median of {plural(len(found), 'same weekday')} before"
    elif rule.reference is History.PREVIOUS:
        found = list(known[:1])
        noun = f"{found[0].window}" if found else ""
    else:
        found, noun = (
            list(known[:wanted]),
            f"{rule.reference} of the {plural(min(wanted, len(known)), 'window')} before",
        )
    least = -(-wanted // 2) if rule.reference in (History.MEAN, History.MEDIAN) else 1
    if len(found) < least:
        return Reference(lacking=_from_when(rule, len(found), least, window), of_history=True)
    reduce: Callable[[Sequence[float]], float] = mean if rule.reference is History.MEAN else median
    value = float(reduce([one.value for one in found]))
    past = Measure(value, value, value)  # (of several windows, the number counts as exact)
    if rule.reference is History.PREVIOUS:
        past = Measure(value, found[0].low, found[0].high)
    expected = Expected(value, *difference(Measure(metric.value, metric.low, metric.high), past))
    change = signed(metric.name, (metric.value or 0.0) - value)
    context = f"{noun} {metric_value(metric.name, value)}, {change}"
    spread = interval(metric)
    return Reference(expected, f"{spread}; {context}" if spread else context, value, of_history=True)


def _of_band(
    settings: BandSettings, metric: Metric, known: Sequence[PastValue], window: Window | None
) -> Reference:
    """Compare with the band that a metric's own history gives.

    The middle is the median, of the same weekday if the band has that season. The half width is the sensitivity times
    a robust standard deviation of the next value: from the median absolute deviation of all values from their
    medians, corrected for the medians that were taken (Rousseeuw and Croux, JASA 88, 1993, for the deviation). If more
    than half of the values are the same, it comes from the mean absolute deviation.
    """
    found = list(known[: settings.windows])
    least = max(_LEAST_OF_BAND, -(-settings.windows // 2))
    alike = found
    if settings.season is not None:
        alike = [
            one for one in found if window is not None and Window.parse(one.window).has_weekday_of(window)
        ]
    if len(found) < least or (settings.season is not None and len(alike) < _LEAST_OF_WEEKDAY):
        missing = max(least - len(found), 0)
        if settings.season is not None:
            every = _WINDOWS_A_WEEK.get(window.unit, 1) if window is not None else 1
            missing = max(missing, every * (_LEAST_OF_WEEKDAY - len(alike)))
        return Reference(lacking=_not_yet(len(found), least, missing, window), of_history=True)
    groups: dict[tuple[int, int], list[float]] = {}
    for one in found:
        groups.setdefault(_season(one) if settings.season is not None else (0, 0), []).append(one.value)
    middles = {key: median(values) for key, values in groups.items()}
    deviations = [abs(value - middles[key]) for key, values in groups.items() for value in values]
    spread = robust_deviation(deviations)
    free = len(found) / max(len(found) - len(groups), 1)
    of_next = 1 + math.pi / (2 * len(alike))  # the variance of the next value, and of the median of these
    middle = float(median([one.value for one in alike]))
    band = Band(middle, settings.sensitivity * spread * math.sqrt(free * of_next))
    low, high = (metric_value(metric.name, middle + sign * band.half) for sign in (-1, 1))
    context = f"band {low} to {high} of {plural(len(found), 'window')}"
    return Reference(Expected(band=band), context, middle, of_history=True)


def _season(past: PastValue) -> tuple[int, int]:
    """Return the weekday of a window, and the hour where it is one."""
    window = Window.parse(past.window)
    return window.first.weekday(), window.start.hour if window.unit is WindowUnit.HOUR else 0


def robust_deviation(distances: Sequence[float]) -> float:
    """Return a robust standard deviation: from the median distance, or from the mean if most values are the same.

    Args:
        distances: The distances of values from their median, at least one.
    """
    return _NORMAL * median(distances) or _MEAN_DEVIATION * mean(distances)


def _from_when(rule: Rule, known: int, least: int, window: Window | None) -> str:
    """Return that too few windows are known, and from which day on there are enough."""
    if window is None:
        return "no window before is known"
    if rule.reference is Against.SAME_MONTH:
        return f"no window of {window.last.replace(day=1, year=window.last.year - 1):%B %Y} is known"
    every = _WINDOWS_A_WEEK.get(window.unit, 1) if rule.reference is Against.SAME_WEEKDAY else 1
    return _enough_from(known, least, (least - known) * every, window)


def _not_yet(known: int, least: int, missing: int, window: Window | None) -> str:
    if window is None:
        return "no window before is known"
    return _enough_from(known, least, missing, window)


def _enough_from(known: int, least: int, steps: int, window: Window) -> str:
    """Return how many windows are known, and from when on there are enough.

    Args:
        known: Number of windows that are known.
        least: Number of windows that are needed.
        steps: In how many days there are enough; of longer windows, and of hours, in how many windows.
        window: The window.
    """
    short = f"{known} of the {plural(least, 'window')} before that it needs are known"
    if window.unit is WindowUnit.DAY:
        return f"{short}; with a window each day there are enough from {window.first + steps * DAY} on"
    return f"{short}; it can be judged after {plural(steps, 'more window')}"
