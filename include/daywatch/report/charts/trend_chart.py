"""The chart of the headline metric over the last windows, coloured and shaped by verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from daywatch.formatting import metric_value
from daywatch.report.charts.canvas import BASELINE, INK, MUTED, STATE_COLOURS, WIDTH, Canvas
from daywatch.report.figures import HistoryPoint, ThresholdLine
from daywatch.results import State

_HEIGHT = 212
_LEFT, _TOP, _BOTTOM = 22.0, 26.0, _HEIGHT - 38.0
_LETTERS = 13


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

    def x(self, i: int) -> float:
        return _LEFT + self.step * i

    def y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (value - self.low) / (self.high - self.low)


def trend_png(
    metric: str,
    history: Sequence[HistoryPoint],
    lines: Sequence[ThresholdLine],
    baseline: float | None,
) -> bytes:
    """Plot a metric over the windows as PNG.

    Args:
        metric: Name of the metric, for the unit of its values.
        history: The windows, oldest first.
        lines: Thresholds of the plan.
        baseline: Value of the metric on the baseline, None for none.
    """
    canvas = Canvas(_HEIGHT)
    marks = [
        _Mark(line.value, f"{line.state.lower()} {line.text}", STATE_COLOURS[line.state]) for line in lines
    ]
    if baseline is not None:
        marks.append(_Mark(baseline, f"baseline {metric_value(metric, baseline)}", MUTED))
    axes = _axes(canvas, history, marks)
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
    for i in range(len(history)):
        _value(canvas, metric, history, i, axes)
    _days(canvas, history, axes)
    return canvas.png()


def _axes(canvas: Canvas, history: Sequence[HistoryPoint], marks: Sequence[_Mark]) -> _Axes:
    """Fit all values and thresholds with space above and below, and leave a margin for their names."""
    margin = max([canvas.width(mark.text, _LETTERS) for mark in marks] + [0.0]) + 24
    values = [point.value for point in history if point.value is not None] + [mark.value for mark in marks]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    air = (high - low) * 0.14 or abs(high) * 0.1 or 1.0
    right = WIDTH - margin
    return _Axes(right, (right - _LEFT) / max(len(history) - 1, 1), low - air, high + air)


def _margin(canvas: Canvas, marks: Sequence[_Mark], axes: _Axes) -> None:
    """Write the names of the dashed lines from the top, moved apart where they would overlap."""
    y = 0.0
    for mark in sorted(marks, key=lambda mark: (-mark.value, mark.text)):
        y = max(axes.y(mark.value), y + 17)
        canvas.text(axes.right + 18, y, mark.text, fill=mark.colour, anchor="lm")


def _value(canvas: Canvas, metric: str, history: Sequence[HistoryPoint], i: int, axes: _Axes) -> None:
    """Write the value of the first window, the last one and each that is not GREEN."""
    point, last = history[i], i == len(history) - 1
    if point.value is None:
        canvas.text(axes.x(i), _BOTTOM - 15, "none", size=_LETTERS)
        return
    if point.state is State.GREEN and i > 0 and not last:
        return
    y = axes.y(point.value)
    before = history[i - 1].value if i else None
    y += 18 if before is not None and before > point.value else -18
    colour = STATE_COLOURS[point.state]
    canvas.text(axes.x(i), y, metric_value(metric, point.value), size=_LETTERS + last, fill=colour)


def _days(canvas: Canvas, history: Sequence[HistoryPoint], axes: _Axes) -> None:
    """Write month and day of the last window, and of those before it as far as there is room."""
    room = canvas.width("00-00", _LETTERS) + 7
    every = max(1, -int(-room // axes.step))
    last = len(history) - 1
    for i in range(last, -1, -every):
        canvas.text(axes.x(i), _HEIGHT - 14, history[i].window[5:10], fill=INK if i == last else MUTED)
