"""The chart of the headline metric over the last windows, coloured and shaped by verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from daywatch.formatting import metric_value
from daywatch.report.charts.canvas import BASELINE, INCIDENT, INK, MUTED, STATE_COLOURS, WIDTH, Canvas
from daywatch.report.charts.placement import Box, Taken
from daywatch.report.figures import HistoryPoint, ThresholdLine
from daywatch.results import State

_HEIGHT = 212
_LEFT, _TOP, _BOTTOM = 22.0, 26.0, _HEIGHT - 38.0
_LETTERS = 13
_ORDINARY = (1e-300, 1e300)
_NAME = 17.0
"""Units between the names of two dashed lines."""

_MOST_NAMES = 10
_HALF_STEP = 14.0
"""How far the ground of an incident reaches beyond its first and last window at most."""


@dataclass(frozen=True)
class _Mark:
    """A dashed line across the chart, named in its margin."""

    value: float
    text: str
    colour: str


@dataclass(frozen=True)
class _Axes:
    """Positions of windows and values on the canvas."""

    right: float
    step: float
    low: float
    high: float
    unit: float = 1.0

    def x(self, i: int) -> float:
        return _LEFT + self.step * i

    def y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (value / self.unit - self.low) / (self.high - self.low)


def trend_png(
    metric: str,
    history: Sequence[HistoryPoint],
    lines: Sequence[ThresholdLine],
    baseline: float | None,
    shaded: Sequence[str] = (),
) -> bytes:
    """Plot a metric over the windows as PNG.

    Args:
        metric: Name of the metric, for the unit of its values.
        history: The windows, oldest first.
        lines: Thresholds of the plan.
        baseline: Value of the metric on the baseline, None for none.
        shaded: Keys of the windows during which the incident was open, one after the other.
    """
    canvas = Canvas(_HEIGHT)
    marks = [
        _Mark(line.value, f"{line.state.lower()} {line.text}", STATE_COLOURS[line.state]) for line in lines
    ]
    if baseline is not None:
        marks.append(_Mark(baseline, f"baseline {metric_value(metric, baseline)}", MUTED))
    axes = _axes(canvas, history, marks)
    _shade(canvas, history, shaded, axes)
    for mark in marks:
        canvas.dashes(axes.y(mark.value), _LEFT - 14, axes.right + 12, mark.colour)
    _margin(canvas, marks, axes)
    for i, (before, point) in enumerate(pairwise(history), 1):
        if before.value is not None and point.value is not None:  # A gap is shown as a gap.
            canvas.line(
                [(axes.x(i - 1), axes.y(before.value)), (axes.x(i), axes.y(point.value))], BASELINE, 2
            )
    for i, point in enumerate(history):
        canvas.marker(point.state, axes.x(i), _BOTTOM if point.value is None else axes.y(point.value))
    _values(canvas, metric, history, axes)
    _days(canvas, history, axes)
    return canvas.png()


def _shade(canvas: Canvas, history: Sequence[HistoryPoint], shaded: Sequence[str], axes: _Axes) -> None:
    """Fill the ground behind the windows of the incident, from half a step before the first to half one behind."""
    places = [i for i, point in enumerate(history) if point.window in shaded]
    if places:
        half = min(axes.step / 2, _HALF_STEP)
        left, right = axes.x(places[0]) - half, axes.x(places[-1]) + half
        canvas.box(max(left, 0), 2, min(right, axes.right + _HALF_STEP), _BOTTOM + 8, INCIDENT)


def _axes(canvas: Canvas, history: Sequence[HistoryPoint], marks: Sequence[_Mark]) -> _Axes:
    """Fit all values and thresholds with space above and below, and leave a margin for their names."""
    margin = max([canvas.width(mark.text, _LETTERS) for mark in marks] + [0.0]) + 24
    values = [point.value for point in history if point.value is not None] + [mark.value for mark in marks]
    # The distance between two numbers may be too large for a number, or their seventh part too small.
    unit = max(map(abs, values), default=0.0) or 1.0
    unit = unit if not _ORDINARY[0] < unit < _ORDINARY[1] else 1.0
    low, high = (min(values) / unit, max(values) / unit) if values else (0.0, 1.0)
    air = (high - low) * 0.14 or abs(high) * 0.1 or 1.0
    right = WIDTH - margin
    return _Axes(right, (right - _LEFT) / max(len(history) - 1, 1), low - air, high + air, unit)


def _margin(canvas: Canvas, marks: Sequence[_Mark], axes: _Axes) -> None:
    """Write the names of the dashed lines from the top, moved apart where they would overlap.

    Those that find no room are left out: the sentence below the chart has all of them.
    """
    named = list(dict.fromkeys(sorted(marks, key=lambda mark: (-mark.value, mark.text))))[:_MOST_NAMES]
    places = [axes.y(mark.value) for mark in named]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + _NAME)
    lowest = _BOTTOM + 8  # below are the days
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], lowest)
        lowest = places[i] - _NAME
    for mark, y in zip(named, places, strict=True):
        canvas.text(axes.right + 18, y, mark.text, fill=mark.colour, anchor="lm")


def _values(canvas: Canvas, metric: str, history: Sequence[HistoryPoint], axes: _Axes) -> None:
    """Write the value of the last window, the first one and each that is not GREEN, as far as there is room."""
    last, taken = len(history) - 1, Taken()
    for i in [last, 0, *range(last - 1, 0, -1)] if history else []:
        point = history[i]
        if point.state is State.GREEN and point.value is not None and 0 < i < last:
            continue
        text, y = _value(metric, history, i, axes)
        size = _LETTERS + (i == last)
        half = canvas.width(text, size) / 2
        x = max(min(axes.x(i), axes.right + 14 - half), half + 1)
        if taken.claim(Box(x - half, y - 7, x + half, y + 7)):
            colour = STATE_COLOURS[point.state] if point.value is not None else MUTED
            canvas.text(x, y, text, size=size, fill=colour)


def _value(metric: str, history: Sequence[HistoryPoint], i: int, axes: _Axes) -> tuple[str, float]:
    """Return the text of a window's value and its height: away from the line that comes from the left."""
    value, before = history[i].value, history[i - 1].value if i else None
    if value is None:
        return "none", _BOTTOM - 15
    falls = before is not None and before > value
    return metric_value(metric, value), axes.y(value) + (18 if falls else -18)


def _days(canvas: Canvas, history: Sequence[HistoryPoint], axes: _Axes) -> None:
    """Write month and day of the last window, and of those before it as far as there is room."""
    room = canvas.width("00-00", _LETTERS) + 7
    every = max(1, -int(-room // axes.step))
    last = len(history) - 1
    for i in range(last, -1, -every):
        canvas.text(axes.x(i), _HEIGHT - 14, _label(history[i].window), fill=INK if i == last else MUTED)


def _label(window: str) -> str:
    """Return the end of a window's key: ``02-09`` of a day, ``W06`` of a week, ``09T14`` of an hour."""
    return window[-5:] if "T" in window else window[5:10]
