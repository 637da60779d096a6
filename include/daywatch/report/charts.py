"""The two charts of a report as PNG: mail clients show neither inline SVG nor data: addresses.

Pillow alone draws them, at four times the size, halved at the end: twice the pixels a screen needs, with
smooth edges, and the same bytes for the same numbers. Its built-in font knows ASCII only, so a label in
other letters is drawn as a number that the caption below the chart explains.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from daywatch.report.content import Bar, HistoryPoint, ThresholdLine
from daywatch.report.numbers import metric_value
from daywatch.results import State

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDTH = 560
"""CSS pixels; the PNG has twice as many."""

_SCALE = 4
_WHITE, _INK, _MUTED, _GRID = "#ffffff", "#1f2328", "#57606a", "#d8dee4"
_BASELINE, _CURRENT = "#9aa4b0", "#0b57d0"
COLOURS = {State.GREEN: "#1a7f37", State.AMBER: "#9a6700", State.RED: "#cf222e", State.GREY: "#57606a"}
"""Colours of the states; each has a contrast of at least 4.5 to white."""

_BARS_HEIGHT, _TREND_HEIGHT = 190, 220


class _Canvas:
    """A drawing in CSS pixels."""

    def __init__(self, height: int) -> None:
        from PIL import Image, ImageDraw

        self.image: Image = Image.new("RGB", (WIDTH * _SCALE, height * _SCALE), _WHITE)
        self.draw: ImageDraw = ImageDraw.Draw(self.image)
        self._fonts: dict[int, Any] = {}

    def font(self, size: int) -> Any:
        """Return Pillow's built-in font; it needs no file of this machine."""
        from PIL import ImageFont

        if size not in self._fonts:
            self._fonts[size] = ImageFont.load_default(size * _SCALE)
        return self._fonts[size]

    def width(self, text: str, size: int) -> float:
        return float(self.font(size).getlength(text)) / _SCALE

    def text(
        self, x: float, y: float, text: str, *, size: int = 13, fill: str = _MUTED, anchor: str = "mm"
    ) -> None:
        place = (x * _SCALE, y * _SCALE)
        self.draw.text(place, text, font=self.font(size), fill=fill, anchor=anchor)

    def box(self, left: float, top: float, right: float, bottom: float, fill: str, radius: float = 0) -> None:
        corners = [value * _SCALE for value in (left, top, right, bottom)]
        if corners[2] - corners[0] < 1 or corners[3] - corners[1] < 1:
            return
        limit = min(radius * _SCALE, (corners[3] - corners[1]) / 2)
        self.draw.rounded_rectangle(corners, radius=limit, fill=fill)

    def line(self, points: Sequence[tuple[float, float]], fill: str, width: float) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self.draw.line(scaled, fill=fill, width=round(width * _SCALE), joint="curve")

    def dashes(self, y: float, left: float, right: float, fill: str) -> None:
        x = left
        while x < right:
            self.line([(x, y), (min(x + 5, right), y)], fill, 1.25)
            x += 9

    def marker(self, state: State, x: float, y: float, size: float = 6) -> None:
        """Draw a state's shape: told apart without colour."""
        s, r = _SCALE, size * 1.15
        shapes = {
            State.AMBER: [(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)],
            State.RED: [(x, y - r * 1.2), (x + r * 1.2, y), (x, y + r * 1.2), (x - r * 1.2, y)],
        }
        if state in shapes:
            self.draw.polygon([(a * s, b * s) for a, b in shapes[state]], fill=COLOURS[state])
            return
        corners = [(x - size) * s, (y - size) * s, (x + size) * s, (y + size) * s]
        fill = COLOURS[state] if state is State.GREEN else _WHITE
        self.draw.ellipse(corners, fill=fill, outline=COLOURS[state], width=2 * s)

    def png(self) -> bytes:
        """Return the picture at half the drawn size, with few colours to keep it small."""
        from PIL import Image

        half = self.image.reduce(_SCALE // 2)
        few = half.quantize(48, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        stream = io.BytesIO()
        few.save(stream, "PNG", optimize=True)
        return stream.getvalue()


def drawn_labels(labels: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return labels that the font can draw, and a sentence on those that were replaced."""
    drawn = tuple(label if label.isascii() else f"#{i}" for i, label in enumerate(labels, 1))
    replaced = [f"{short} {label}" for short, label in zip(drawn, labels, strict=True) if short != label]
    return drawn, f"Labels: {', '.join(replaced)}." if replaced else ""


def bars_png(baseline: Sequence[Bar], current: Sequence[Bar]) -> bytes:
    """Draw a column's shares, baseline beside this window.

    Args:
        baseline: Label and share of the baseline's rows.
        current: The same labels with the share of this window's rows.
    """
    canvas = _Canvas(_BARS_HEIGHT)
    labels, _ = drawn_labels([label for label, _ in baseline])
    left, right, top, bottom = 8.0, WIDTH - 8.0, 48.0, _BARS_HEIGHT - 42.0
    _legend(canvas)
    highest = max([share for _, share in (*baseline, *current)] + [0.01])
    step = (right - left) / max(len(labels), 1)
    bar = min(step * 0.38, 34.0)
    canvas.line([(left, bottom), (right, bottom)], _GRID, 1)
    drawn_to = -1.0
    for i, label in enumerate(labels):
        x = left + step * (i + 0.5)
        shares = (baseline[i][1], current[i][1])
        heights = [(bottom - top) * share / highest for share in shares]
        canvas.box(x - bar - 0.75, bottom - heights[0], x - 0.75, bottom, _BASELINE, 2)
        canvas.box(x + 0.75, bottom - heights[1], x + bar + 0.75, bottom, _CURRENT, 2)
        if max(shares) == highest or abs(shares[1] - shares[0]) >= 0.05:
            _values(canvas, x, bottom - max(heights) - 9, shares, step)
        drawn_to = _axis_label(canvas, x, bottom + 13, label, step, drawn_to)
    return canvas.png()


def _legend(canvas: _Canvas) -> None:
    canvas.box(8, 9, 20, 21, _BASELINE, 2)
    canvas.text(26, 15, "baseline", anchor="lm")
    x = 26 + canvas.width("baseline", 13) + 18
    canvas.box(x, 9, x + 12, 21, _CURRENT, 2)
    canvas.text(x + 18, 15, "this window", fill=_INK, anchor="lm")
    canvas.text(WIDTH - 8, 15, "share of rows", anchor="rm")


def _values(canvas: _Canvas, x: float, y: float, shares: tuple[float, float], step: float) -> None:
    """Write a pair's percentages above it, the window's own where there is little room."""
    now = f"{shares[1] * 100:.0f} %"
    both = f"{shares[0] * 100:.0f} > {now}"
    text = both if canvas.width(both, 13) < step * 1.2 else now
    canvas.text(x, y, text, fill=_INK)


def _axis_label(canvas: _Canvas, x: float, y: float, label: str, step: float, drawn_to: float) -> float:
    """Write a label in up to two lines unless it would touch the one before; return where it ends."""
    room = max(step * 1.7, 52.0)
    words, lines = label.split(" "), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and canvas.width(longer, 12) > step * 0.95:
            lines.append(word)
        else:
            lines[-1] = longer
    lines = [lines[0], " ".join(lines[1:])] if len(lines) > 1 else lines
    lines = [_fitting(canvas, line, room) for line in lines]
    half = max(canvas.width(line, 12) for line in lines) / 2
    centre = min(max(x, half + 2), WIDTH - half - 2)
    if centre - half < drawn_to + 4:
        return drawn_to
    for i, line in enumerate(lines):
        canvas.text(centre, y + 15 * i, line, size=12)
    return centre + half


def _fitting(canvas: _Canvas, text: str, room: float) -> str:
    """Cut a label to its room."""
    if canvas.width(text, 12) <= room:
        return text
    while text and canvas.width(text + "...", 12) > room:
        text = text[:-1]
    return text + "..."


def trend_png(
    metric: str,
    history: Sequence[HistoryPoint],
    lines: Sequence[ThresholdLine],
    baseline: float | None,
) -> bytes:
    """Draw a metric over the windows, each point with the shape and colour of its state.

    Args:
        metric: Its name, for the unit of its values.
        history: The windows, oldest first.
        lines: Thresholds of the plan.
        baseline: The metric on the baseline, None for none.
    """
    canvas = _Canvas(_TREND_HEIGHT)
    marks = [(line.value, f"{line.state.lower()} {line.text}", COLOURS[line.state]) for line in lines]
    if baseline is not None:
        marks.append((baseline, f"baseline {metric_value(metric, baseline)}", _MUTED))
    margin = max([canvas.width(text, 13) for _, text, _ in marks] + [8.0]) + 20
    left, right, top, bottom = 22.0, WIDTH - margin, 26.0, _TREND_HEIGHT - 44.0
    values = [point.value for point in history if point.value is not None]
    low, high = _range([*values, *(value for value, _, _ in marks)])

    def height(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / (high - low)

    for value, _, colour in marks:
        canvas.dashes(height(value), left - 14, right + 12, colour)
    _margin_labels(canvas, [(height(value), text, colour) for value, text, colour in marks], right + 18)
    step = (right - left) / max(len(history) - 1, 1)
    places = [
        (left + step * i if len(history) > 1 else (left + right) / 2, height(p.value) if p.value is not None else None)
        for i, p in enumerate(history)
    ]
    for run in _runs(places):
        canvas.line(run, _BASELINE, 2)
    every = max(1, -int(-(canvas.width("00-00", 12) + 7) // step))  # Days whose labels do not touch.
    for i, (point, (x, y)) in enumerate(zip(history, places, strict=True)):
        canvas.marker(point.state, x, bottom + 1 if y is None else y)
        last = i == len(history) - 1
        if y is not None and (point.state is not State.GREEN or last or i == 0):
            below = i > 0 and places[i - 1][1] is not None and places[i - 1][1] < y - 4  # type: ignore[operator]
            text = metric_value(metric, point.value)
            canvas.text(x, y + 17 if below else y - 17, text, size=14 if last else 13, fill=COLOURS[point.state])
        elif y is None:
            canvas.text(x, bottom - 13, "none", size=12)
        if (len(history) - 1 - i) % every == 0:
            canvas.text(x, bottom + 22, point.window[5:10], size=12, fill=_INK if last else _MUTED)
    return canvas.png()


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return the chart's lowest and highest value, with air above and below."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    air = (high - low) * 0.14 or abs(high) * 0.1 or 1.0
    return low - air, high + air


def _runs(places: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """Split the line where a window has no value: a gap is shown as a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in places:
        if y is None:
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if len(run) > 1]


def _margin_labels(canvas: _Canvas, labels: list[tuple[float, str, str]], x: float) -> None:
    """Write the thresholds' names beside the chart, pushed apart where they would overlap."""
    y = 0.0
    for height, text, colour in sorted(labels):
        y = max(height, y + 17)
        canvas.text(x, y, text, fill=colour, anchor="lm")
