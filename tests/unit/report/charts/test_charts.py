"""The charts, checked by their pixels."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from daywatch.report.charts.bar_chart import bars_png, plotted_labels
from daywatch.report.charts.canvas import CURRENT, STATE_COLOURS, Canvas
from daywatch.report.charts.trend_chart import trend_png
from daywatch.report.figures import HistoryPoint, ThresholdLine
from daywatch.results import State
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor


def near(png: bytes, colour: str) -> list[tuple[int, int]]:
    """Return the positions whose colour is close to a colour."""
    picture = np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)
    close = (abs(picture - ImageColor.getrgb(colour)) <= 6).all(axis=2)
    return [(int(x), int(y)) for y, x in np.argwhere(close)]


def point(state: State, value: float | None, day: int = 1) -> HistoryPoint:
    return HistoryPoint(window=f"2013-02-{day:02d}", state=state, value=value, rows=10, labelled=10)


def test_a_bar_is_as_high_as_its_share() -> None:
    bars = (("a", 0.2), ("b", 0.8))
    places = near(bars_png((("a", 0.0), ("b", 0.0)), bars), CURRENT)
    middle = 600
    heights = []
    for side in (
        [y for x, y in places if x < middle and y > 130],
        [y for x, y in places if x >= middle and y > 130],
    ):
        heights.append(max(side) - min(side))
    assert heights[0] / heights[1] == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("bars", [(), (("only", 1.0),), tuple((f"value {i}", 0.01) for i in range(60))])
def test_any_number_of_bars(bars: tuple[tuple[str, float], ...]) -> None:
    assert Image.open(BytesIO(bars_png(bars, bars))).width == 1200


Texts = list[tuple[str, float, float, float, float]]
"""Text, left, top, right and bottom of what a chart says."""


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    """What charts write from now on, and where."""
    written: Texts = []
    write = Canvas.text

    def spy(canvas: Canvas, x: float, y: float, text: str, **how: Any) -> None:
        width, anchor = canvas.width(text, how.get("size", 13)), how.get("anchor", "mm")
        left = x - {"l": 0.0, "m": width / 2, "r": width}[anchor[0]]
        written.append((text, left, y - 5, left + width, y + 5))
        write(canvas, x, y, text, **how)

    monkeypatch.setattr(Canvas, "text", spy)
    return written


def overlapping(texts: Texts) -> list[tuple[str, str]]:
    return [
        (a[0], b[0])
        for a, b in combinations(texts, 2)
        if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4]
    ]


NUMBERS = [f"{low} to {low + 10}" for low in range(0, 100, 10)]
SHAPES: dict[str, tuple[list[str], list[float], list[float]]] = {
    "a histogram": ([*NUMBERS, "missing"], [0.05, 0.1, *[0.1] * 8, 0.05], [0.3, 0.25, *[0.05] * 8, 0.05]),
    "all notable": (["below 0", *NUMBERS, "above 100"], [1 / 12] * 12, [0.2, 0.01] * 6),
    "two": (["false", "true"], [0.9, 0.1], [0.2, 0.8]),
    "one": (["only"], [1.0], [0.0]),
    "long categories": (
        [f"a very long category with the number {i}" for i in range(8)],
        [0.125] * 8,
        [0.5, *[0.07] * 7],
    ),
    "small numbers": (
        [f"{i}.234e-05 to {i + 1}.234e-05" for i in range(10)],
        [0.1] * 10,
        [0.04] * 9 + [0.64],
    ),
    "large numbers": (
        [f"-{9 - i},234,567 to -{8 - i},234,567" for i in range(8)],
        [0.125] * 8,
        [0.3, *[0.1] * 7],
    ),
    "one of eight": (list("abcdefgh"), [0.99, *[0.01 / 7] * 7], [0.0, *[1 / 7] * 7]),
    "all missing": ([*NUMBERS, "missing"], [0.1] * 10 + [0], [0.0] * 10 + [1.0]),
    "other letters": (["東京", "Zürich", "", "x", "other values"], [0.2] * 5, [0.5, 0.0, 0.3, 0.1, 0.1]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_number_stands_over_its_own_bar_and_no_text_over_another(shape: str, texts: Texts) -> None:
    labels, before, now = SHAPES[shape]

    bars_png(tuple(zip(labels, before, strict=True)), tuple(zip(labels, now, strict=True)))

    assert overlapping(texts) == []
    step = 476 / len(labels)
    numbers = [text for text in texts if re.fullmatch(r"[<>]?\d+", text[0]) and 26 < text[4] < 151]
    assert numbers
    for text, left, _, right, _ in numbers:
        i, within = divmod((left + right) / 2 - 2, step)
        share = (now if within > step / 2 else before)[int(i)]
        assert abs(share * 100 - float(text.strip("<>"))) <= 1, f"{text} stands over a bar of {share}"


def test_each_label_is_below_its_bars_or_explained(texts: Texts) -> None:
    labels = SHAPES["long categories"][0]
    bars_png(tuple((label, 0.125) for label in labels), tuple((label, 0.125) for label in labels))

    plotted, legend = plotted_labels(labels)

    assert {text for text, *_ in texts} >= set(plotted) == {f"#{i}" for i in range(1, 9)}
    assert all(f"{short} {label}" in legend for short, label in zip(plotted, labels, strict=True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bars=st.lists(
        st.tuples(st.text("abw 0123.-#€", max_size=40), st.floats(0, 1), st.floats(0, 1)), max_size=13
    )
)
def test_bars_of_any_kind_have_no_overlapping_texts(
    bars: list[tuple[str, float, float]], texts: Texts
) -> None:
    texts.clear()
    bars_png(tuple((label, one) for label, one, _ in bars), tuple((label, one) for label, _, one in bars))
    assert overlapping(texts) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=14),
    lines=st.lists(st.floats(-1e6, 1e6), max_size=12),
    state=st.sampled_from(State),
)
def test_trends_of_any_kind_have_no_overlapping_texts(
    values: list[float | None], lines: list[float], state: State, texts: Texts
) -> None:
    texts.clear()
    history = [point(state, value, day) for day, value in enumerate(values, 1)]
    limits = [ThresholdLine(state=State.RED, value=line, text=f"<= {line:.0f}") for line in lines]
    trend_png("latency_p95", history, limits, 0.5)
    assert overlapping(texts) == []
    assert all(left >= 0 and right <= 480 for _, left, _, right, _ in texts)


def test_labels_the_font_has_not_become_numbers_that_are_explained() -> None:
    plotted, legend = plotted_labels(["JFK", "東京", "cut…"])
    assert plotted == ("JFK", "#2", "cut...")
    assert legend == "Labels: #2 東京."
    assert plotted_labels(["JFK"])[1] == ""


@pytest.mark.parametrize("state", [State.GREEN, State.AMBER, State.RED])
def test_a_point_has_its_states_colour_and_not_another(state: State) -> None:
    places = {
        other: len(near(trend_png("roc_auc", [point(state, 0.8)], [], None), STATE_COLOURS[other]))
        for other in (State.GREEN, State.AMBER, State.RED)
    }
    assert places.pop(state) > 300
    assert set(places.values()) == {0}


def test_a_higher_value_is_higher() -> None:
    history = [point(State.RED, 0.6, 1), point(State.GREEN, 0.9, 2)]
    png = trend_png("roc_auc", history, [], None)
    red, green = near(png, STATE_COLOURS[State.RED]), near(png, STATE_COLOURS[State.GREEN])
    assert min(y for _, y in red) > max(y for _, y in green)


def test_threshold_lines_are_drawn() -> None:
    line = ThresholdLine(state=State.RED, value=0.7, text="<= 0.7")
    history = [point(State.GREEN, 0.9, day) for day in range(1, 15)]
    assert not near(trend_png("roc_auc", history, [], None), STATE_COLOURS[State.RED])
    assert len(near(trend_png("roc_auc", history, [line], None), STATE_COLOURS[State.RED])) > 500


@pytest.mark.parametrize(
    "values", [[], [None], [None, None], [0.5, None, 0.5], [0.0], [1e300, -1e300], [0.9] * 14]
)
def test_any_history(values: list[float | None]) -> None:
    history = [point(State.GREY if value is None else State.GREEN, value) for value in values]
    assert Image.open(BytesIO(trend_png("roc_auc", history, [], None))).width == 1200


def test_states_are_told_apart_without_colour() -> None:
    filled = {}
    for state in (State.GREEN, State.AMBER, State.RED, State.GREY):
        canvas = Canvas(60)
        canvas.marker(state, 40, 30, size=20)
        places = near(canvas.png(), STATE_COLOURS[state])
        xs, ys = [x for x, _ in places], [y for _, y in places]
        box = (max(xs) - min(xs)) * (max(ys) - min(ys))
        filled[state] = (len(places) / box, (sum(ys) / len(ys) - min(ys)) / (max(ys) - min(ys)))
    assert filled[State.GREEN][0] == pytest.approx(3.14 / 4, abs=0.03), "a disc"
    assert filled[State.RED] == (pytest.approx(0.5, abs=0.03), pytest.approx(0.5, abs=0.03)), "a diamond"
    assert filled[State.AMBER] == (pytest.approx(0.5, abs=0.03), pytest.approx(0.66, abs=0.03)), "a triangle"
    assert filled[State.GREY][0] < 0.3, "a ring"
