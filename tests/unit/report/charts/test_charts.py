"""The charts, checked by their pixels."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from daywatch.report.charts.bar_chart import bars_png, plotted_labels
from daywatch.report.charts.canvas import CURRENT, STATE_COLOURS, Canvas
from daywatch.report.charts.trend_chart import trend_png
from daywatch.report.figures import HistoryPoint, ThresholdLine
from daywatch.results import State
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
