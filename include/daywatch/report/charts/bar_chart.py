"""The chart of one column: the shares of its values in the baseline and in this window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daywatch.report.charts.canvas import BASELINE, CURRENT, GRID, INK, WIDTH, Canvas
from daywatch.report.figures import Bar

_LEFT, _RIGHT, _TOP = 2.0, WIDTH - 2.0, 52.0
_BARS = 98.0
_LETTERS = 13
_LINE = 15
_NOTABLE = 0.05
"""A share that changed by so much or more is written above its bars."""


@dataclass(frozen=True)
class _AxisLabel:
    """A label below its bars, in one or two lines."""

    centre: float
    half: float
    lines: tuple[str, ...]


def plotted_labels(labels: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return labels that the font has letters for, and a sentence that explains those that became a number.

    Args:
        labels: Labels of the bars.
    """
    plain = [label.replace("…", "...") for label in labels]
    plotted = tuple(label if label.isascii() else f"#{i}" for i, label in enumerate(plain, 1))
    replaced = [f"{short} {label}" for short, label in zip(plotted, plain, strict=True) if short != label]
    return plotted, f"Labels: {', '.join(replaced)}." if replaced else ""


def bars_png(baseline: Sequence[Bar], current: Sequence[Bar]) -> bytes:
    """Plot a column's shares as PNG.

    Args:
        baseline: Label and share of the baseline's rows.
        current: The same labels with the share of this window's rows.
    """
    labels, _ = plotted_labels([label for label, _ in baseline])
    step = (_RIGHT - _LEFT) / max(len(labels), 1)
    axis = _axis_labels(labels, step)
    canvas = Canvas(round(_TOP + _BARS) + 10 + _LINE * max([len(label.lines) for label in axis] + [1]))
    bottom = _TOP + _BARS
    _legend(canvas)
    canvas.line([(_LEFT, bottom), (_RIGHT, bottom)], GRID, 1)
    highest = max([share for _, share in (*baseline, *current)] + [0.01])
    width = min(step * 0.38, 34.0)
    for i, ((_, before), (_, now)) in enumerate(zip(baseline, current, strict=True)):
        x = _LEFT + step * (i + 0.5)
        heights = [_BARS * share / highest for share in (before, now)]
        canvas.box(x - width - 0.75, bottom - heights[0], x - 0.75, bottom, BASELINE, 2)
        canvas.box(x + 0.75, bottom - heights[1], x + width + 0.75, bottom, CURRENT, 2)
        if max(before, now) == highest or abs(now - before) >= _NOTABLE:
            _values(canvas, x, bottom - max(heights) - 9, before, now, step)
    for label in axis:
        for i, line in enumerate(label.lines):
            canvas.text(label.centre, bottom + 13 + _LINE * i, line, size=_LETTERS)
    return canvas.png()


def _legend(canvas: Canvas) -> None:
    canvas.box(2, 9, 14, 21, BASELINE, 2)
    canvas.text(20, 15, "baseline", anchor="lm")
    x = 20 + canvas.width("baseline", _LETTERS) + 18
    canvas.box(x, 9, x + 12, 21, CURRENT, 2)
    canvas.text(x + 18, 15, "this window", fill=INK, anchor="lm")
    canvas.text(_RIGHT, 15, "share of rows", anchor="rm")


def _values(canvas: Canvas, x: float, y: float, before: float, now: float, step: float) -> None:
    """Write the percentages above a pair of bars; only the window's where there is little room."""
    texts = (f"{before * 100:.0f}", f"{now * 100:.0f} %")
    widths = [canvas.width(text, _LETTERS) for text in texts]
    arrow = 17.0
    whole = sum(widths) + arrow
    if whole > step * 1.15:
        canvas.text(x, y, texts[1], fill=INK)
        return
    start = min(max(x - whole / 2, _LEFT), _RIGHT - whole)
    canvas.text(start, y, texts[0], anchor="lm")
    canvas.text(start + widths[0] + arrow, y, texts[1], fill=INK, anchor="lm")
    canvas.arrow(start + widths[0] + 3, start + widths[0] + arrow - 3, y)


def _axis_labels(labels: Sequence[str], step: float) -> list[_AxisLabel]:
    """Place the labels, the last one first, and leave out those that would touch another."""
    ruler = Canvas(1)
    placed: list[_AxisLabel] = []
    for i in [len(labels) - 1, *range(len(labels) - 1)] if labels else []:
        lines = tuple(
            _fitting(ruler, line, max(step * 1.05, 52.0)) for line in _wrapped(ruler, labels[i], step)
        )
        half = max(ruler.width(line, _LETTERS) for line in lines) / 2
        centre = min(max(_LEFT + step * (i + 0.5), _LEFT + half), _RIGHT - half)
        if all(abs(centre - other.centre) >= half + other.half + 4 for other in placed):
            placed.append(_AxisLabel(centre, half, lines))
    return placed


def _wrapped(ruler: Canvas, label: str, step: float) -> list[str]:
    """Break a label into at most two lines where it is wider than its bars."""
    words = label.split(" ")
    first = words.pop(0)
    while words and ruler.width(f"{first} {words[0]}", _LETTERS) <= step * 0.95:
        first = f"{first} {words.pop(0)}"
    return [first, " ".join(words)] if words else [first]


def _fitting(ruler: Canvas, text: str, room: float) -> str:
    """Cut a line that is wider than its room."""
    if ruler.width(text, _LETTERS) <= room:
        return text
    while text and ruler.width(text + "...", _LETTERS) > room:
        text = text[:-1]
    return text + "..."
