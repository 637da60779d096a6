"""The canvas of the charts. They are PNG: mail clients show neither inline SVG nor ``data:`` addresses.

Pillow draws them at twice the size at which they are stored, which smooths their edges. They are stored at
twice the pixels of the mail's column. The same numbers give the same bytes. Pillow's built-in font needs no
file of the machine, but has little more than ASCII.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from daywatch.results import State

SHOWN_WIDTH = 576
"""Width of the mail's column on a desktop in CSS pixels; on a phone it is about 350."""

WIDTH = 480
"""Width of a canvas in its own units: between the two, so that a letter of 13 units is readable on both."""

_SCALE = 5
"""Pixels per unit on the canvas; the stored picture has half as many, 1,200 pixels in all."""

WHITE, INK, MUTED, GRID = "#ffffff", "#1f2328", "#57606a", "#d8dee4"
INCIDENT = "#ffebe9"
"""The ground of windows of an incident: all texts and lines keep their contrast on it."""

BASELINE, CURRENT = "#9aa4b0", "#0b57d0"
STATE_COLOURS = {State.GREEN: "#1a7f37", State.AMBER: "#9a6700", State.RED: "#cf222e", State.GREY: "#57606a"}
"""Colours of the states; each has a contrast of at least 4.5 to white."""


class Canvas:
    """A drawing ``WIDTH`` units wide; x grows to the right, y downwards."""

    def __init__(self, height: int) -> None:
        from PIL import Image, ImageDraw

        self._image = Image.new("RGB", (WIDTH * _SCALE, height * _SCALE), WHITE)
        self._draw = ImageDraw.Draw(self._image)
        self._fonts: dict[int, Any] = {}

    def font(self, size: int) -> Any:
        """Return Pillow's built-in font; it needs no file of this machine."""
        from PIL import ImageFont

        if size not in self._fonts:
            self._fonts[size] = ImageFont.load_default(size * _SCALE)
        return self._fonts[size]

    def width(self, text: str, size: int) -> float:
        """Return the width of a text in units."""
        return float(self.font(size).getlength(text)) / _SCALE

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = 13,
        fill: str = MUTED,
        anchor: str = "mm",
        rim: float = 2,
    ) -> None:
        """Write a text; ``anchor`` is Pillow's: ``mm`` centred, ``lm`` and ``rm`` at its left and right.

        A white rim keeps letters readable where a line runs behind them.
        """
        position = (x * _SCALE, y * _SCALE)
        font = self.font(size)
        width = rim * _SCALE
        self._draw.text(
            position, text, font=font, fill=fill, anchor=anchor, stroke_width=width, stroke_fill=WHITE
        )

    def box(self, left: float, top: float, right: float, bottom: float, fill: str, radius: float = 0) -> None:
        """Fill a rectangle with round corners; nothing where it is thinner than a pixel."""
        corners = [value * _SCALE for value in (left, top, right, bottom)]
        if corners[2] - corners[0] < 1 or corners[3] - corners[1] < 1:
            return
        limit = min(radius * _SCALE, (corners[3] - corners[1]) / 2)
        self._draw.rounded_rectangle(corners, radius=limit, fill=fill)

    def line(self, points: Sequence[tuple[float, float]], fill: str, width: float) -> None:
        """Draw a line through points."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._draw.line(scaled, fill=fill, width=round(width * _SCALE), joint="curve")

    def dashes(self, y: float, left: float, right: float, fill: str) -> None:
        """Draw a dashed horizontal line."""
        x = left
        while x < right:
            self.line([(x, y), (min(x + 5, right), y)], fill, 1.25)
            x += 9

    def marker(self, state: State, x: float, y: float, size: float = 6) -> None:
        """Draw a state's shape; the shapes differ, so that nobody needs to see the colours."""
        s, r = _SCALE, size * 1.15
        shapes = {
            State.AMBER: [(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)],
            State.RED: [(x, y - r * 1.2), (x + r * 1.2, y), (x, y + r * 1.2), (x - r * 1.2, y)],
        }
        if state in shapes:
            self._draw.polygon([(a * s, b * s) for a, b in shapes[state]], fill=STATE_COLOURS[state])
            return
        corners = [(x - size) * s, (y - size) * s, (x + size) * s, (y + size) * s]
        fill = STATE_COLOURS[state] if state is State.GREEN else WHITE
        self._draw.ellipse(corners, fill=fill, outline=STATE_COLOURS[state], width=2 * s)

    def png(self) -> bytes:
        """Return the picture at half its size, with few colours to keep the file small."""
        from PIL import Image

        half = self._image.reduce(2)
        few = half.quantize(48, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        stream = io.BytesIO()
        few.save(stream, "PNG", optimize=True)
        return stream.getvalue()
