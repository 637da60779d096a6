"""The chart of one column: the shares of its values in the baseline and in this window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from daywatch.report.charts.canvas import BASELINE, CURRENT, GRID, INK, MUTED, WIDTH, Canvas
from daywatch.report.charts.placement import Box, Taken
from daywatch.report.figures import Bar

_LEFT, _RIGHT, _TOP = 2.0, WIDTH - 2.0, 52.0
_BARS = 98.0
_BOTTOM = _TOP + _BARS
_LETTERS = 13
_LINE = 15
_NOTABLE = 0.05
"""A share that changed by so much or more is written above its bars."""

_RANGE = re.compile(r"(below|above) \S+|\S+ to \S+")
"""Labels of bins: where one is left out, its neighbours say what it is."""


@dataclass(frozen=True)
class _AxisLabel:
    """A label below its bars, in one or two lines."""

    centre: float
    lines: tuple[str, ...]


def plotted_labels(labels: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the labels below the bars, and a sentence that explains those that became a number.

    A label becomes a number if the font has no letters for it, or if it finds no room.

    Args:
        labels: Labels of the bars.
    """
    plain = [label.replace("…", "...") for label in labels]
    plotted = [label if label.isascii() else f"#{i}" for i, label in enumerate(plain, 1)]
    # A number is shorter than what it stands for, so that others may find room when one gives way.
    while lost := _without_room(plotted):
        plotted[lost[0]] = f"#{lost[0] + 1}"
    replaced = [f"{short} {label}" for short, label in zip(plotted, plain, strict=True) if short != label]
    return tuple(plotted), f"Labels: {', '.join(replaced)}." if replaced else ""


def bars_png(baseline: Sequence[Bar], current: Sequence[Bar]) -> bytes:
    """Plot a column's shares as PNG.

    Args:
        baseline: Label and share of the baseline's rows.
        current: The same labels with the share of this window's rows.
    """
    labels, _ = plotted_labels([label for label, _ in baseline])
    axis = _axis_labels(labels)
    canvas = Canvas(round(_BOTTOM) + 10 + _LINE * max([len(one.lines) for one in axis.values()] + [1]))
    _legend(canvas)
    canvas.line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], GRID, 1)
    shares = [(before, now) for (_, before), (_, now) in zip(baseline, current, strict=True)]
    pairs = _pairs(shares)
    for before, now in pairs:
        canvas.box(before.left, before.top, before.right, before.bottom, BASELINE, 2)
        canvas.box(now.left, now.top, now.right, now.bottom, CURRENT, 2)
    _values(canvas, shares, pairs)
    for label in axis.values():
        for i, line in enumerate(label.lines):
            canvas.text(label.centre, _BOTTOM + 13 + _LINE * i, line, size=_LETTERS)
    return canvas.png()


def _pairs(shares: Sequence[tuple[float, float]]) -> list[tuple[Box, Box]]:
    """Return the bars of the baseline and of the window."""
    highest = max([share for pair in shares for share in pair] + [0.01])
    step = _step(len(shares))
    width = min(step * 0.42, 34.0)
    pairs = []
    for i, pair in enumerate(shares):
        x = _LEFT + step * (i + 0.5)
        tops = [_BOTTOM - _BARS * share / highest for share in pair]
        pairs.append(
            (
                Box(x - width - 0.75, tops[0], x - 0.75, _BOTTOM),
                Box(x + 0.75, tops[1], x + width + 0.75, _BOTTOM),
            )
        )
    return pairs


def _step(bars: int) -> float:
    return (_RIGHT - _LEFT) / max(bars, 1)


def _legend(canvas: Canvas) -> None:
    canvas.box(2, 9, 14, 21, BASELINE, 2)
    canvas.text(20, 15, "baseline", anchor="lm")
    x = 20 + canvas.width("baseline", _LETTERS) + 18
    canvas.box(x, 9, x + 12, 21, CURRENT, 2)
    canvas.text(x + 18, 15, "this window", fill=INK, anchor="lm")
    canvas.text(_RIGHT, 15, "% of rows", anchor="rm")


def _values(canvas: Canvas, shares: Sequence[tuple[float, float]], pairs: Sequence[tuple[Box, Box]]) -> None:
    """Write each share over its own bar, the largest changes first; one without room is left out."""
    highest = max([share for pair in shares for share in pair] + [0.0])
    taken = Taken()
    by_change = sorted(range(len(shares)), key=lambda i: (-abs(shares[i][1] - shares[i][0]), i))
    for i in by_change:
        before, now = shares[i]
        if max(before, now) != highest and abs(now - before) < _NOTABLE:
            continue
        for side, fill in ((1, INK), (0, MUTED)):
            text, bar, other = _percent(shares[i][side]), pairs[i][side], pairs[i][1 - side]
            half = canvas.width(text, _LETTERS) / 2
            centre = min(max((bar.left + bar.right) / 2, _LEFT + half), _RIGHT - half)
            box = Box(centre - half, bar.top - 15, centre + half, bar.top - 3)
            # A narrow bar's number may be wider than the bar; it must not run into a higher one beside it.
            if not _runs_into(box, other) and taken.claim(box):
                canvas.text(centre, bar.top - 9, text, size=_LETTERS, fill=fill, rim=0)


def _runs_into(box: Box, bar: Box) -> bool:
    return bar.top < box.bottom and box.left < bar.right and bar.left < box.right


def _percent(share: float) -> str:
    """Return a share in whole percent; what is little but there is not 0, and what is nearly all is not 100."""
    rounded = f"{share * 100:.0f}"
    if rounded == "0" and share > 0:
        return "<1"
    return ">99" if rounded == "100" and share < 1 else rounded


def _without_room(labels: Sequence[str]) -> list[int]:
    """Return the positions of the labels that are lost: they touch another, or only a part of them fits."""
    placed = _axis_labels(labels)
    return [
        i
        for i, label in enumerate(labels)
        if not label.startswith("#")
        and not _RANGE.fullmatch(label)
        and (i not in placed or " ".join(placed[i].lines) != label)
    ]


def _axis_labels(labels: Sequence[str]) -> dict[int, _AxisLabel]:
    """Place the labels by position, the last one first, and leave out those that would touch another."""
    ruler, step, taken = Canvas(1), _step(len(labels)), Taken()
    placed: dict[int, _AxisLabel] = {}
    for i in [len(labels) - 1, *range(len(labels) - 1)] if labels else []:
        lines = _lines(ruler, labels[i], step)
        half = max(ruler.width(line, _LETTERS) for line in lines) / 2
        centre = min(max(_LEFT + step * (i + 0.5), _LEFT + half), _RIGHT - half)
        if taken.claim(Box(centre - half, 0, centre + half, 1)):
            placed[i] = _AxisLabel(centre, lines)
    return placed


def _lines(ruler: Canvas, label: str, step: float) -> tuple[str, ...]:
    """Break a label into at most two lines where it is wider than its bars, and cut what is wider than three."""
    words = label.split(" ")
    first = words.pop(0)
    while words and ruler.width(f"{first} {words[0]}", _LETTERS) <= step * 0.95:
        first = f"{first} {words.pop(0)}"
    lines = (first, " ".join(words)) if words else (first,)
    room = step * 3 if _RANGE.fullmatch(label) else max(step * 1.05, 52.0)
    return tuple(_fitting(ruler, line, room) for line in lines)


def _fitting(ruler: Canvas, text: str, room: float) -> str:
    """Cut a line that is wider than its room."""
    if ruler.width(text, _LETTERS) <= room:
        return text
    while text and ruler.width(text + "...", _LETTERS) > room:
        text = text[:-1]
    return text + "..."
