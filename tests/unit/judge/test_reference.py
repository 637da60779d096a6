"""What rules compare with: earlier windows, and the band that they give."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from counts import export_counts
from daywatch.config.model.plan import Plan
from daywatch.judge.verdict import judge
from daywatch.measure.service.metric_history import MetricHistory, PastValue, histories, needed_days
from daywatch.measure.service.past_windows import PastWindows
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome
from daywatch.window import Window
from models import content
from scipy.stats import median_abs_deviation

WINDOW = Window.of_day("2024-03-15")  # a Friday
COUNTS = tuple(
    Metric(name=name, value=value)
    for name, value in (("records", 100), ("rows", 100), ("labelled", 100), ("labelled_share", 1.0))
)


def history(*values: float, metric: str = "mae", step: int = 1, **interval: float) -> PastWindows:
    """The values of the windows before, the latest first, so many days apart."""
    days = [WINDOW.first - timedelta(days=step * n) for n in range(1, len(values) + 1)]
    past = tuple(
        PastValue(window=str(day), value=value, **interval) for day, value in zip(days, values, strict=True)
    )
    return PastWindows(metrics=(MetricHistory(metric=metric, windows=past),))


def outcome(
    value: float,
    past: PastWindows | None,
    *,
    low: float | None = None,
    high: float | None = None,
    **rule: Any,
) -> RuleOutcome:
    data = content()["plan"]
    minimum = {"rows": 1, "labels": 1}
    plan = Plan.model_validate({**data, "minimum": minimum, "rules": [{"metric": "mae", **rule}]})
    metric = Metric(name="mae", value=value, low=low, high=high, rows=100, baseline=99.0)
    (found,) = judge(plan, [*COUNTS, metric], export_counts(), past=past, window=WINDOW).rules
    return found


@pytest.mark.parametrize(
    ("rule", "expected", "words"),
    [
        ({"against": "previous"}, 2.0, "2024-03-14 2, +1"),
        ({"against": "mean", "windows": 4}, 3.5, "mean of the 4 windows before 3.50"),
        ({"against": "median", "windows": 4}, 3.0, "median of the 4 windows before 3, 0"),
        ({"against": "median", "windows": 9}, 6.0, "median of the 9 windows before 6"),
    ],
)
def test_earlier_windows(rule: dict[str, Any], expected: float, words: str) -> None:
    values = (2.0, 3.0, 3.0, 6.0, 5.0, 8.0, 9.0, 10.0, 11.0)

    found = outcome(3.0, history(*values), amber="rises by 20 %", **rule)

    assert found.baseline == expected
    assert words in found.reason
    assert found.state is (State.AMBER if expected == 2.0 else State.GREEN)


def test_the_same_weekday_and_the_same_month() -> None:
    values = [float(n) for n in range(1, 30)]

    weekdays = outcome(50.0, history(*values), against="same_weekday", windows=3, red="rises by 10 %")
    assert (weekdays.baseline, weekdays.state) == (14.0, State.RED)  # of 7, 14 and 21 days before
    assert "(median of 3 same weekdays before 14, +36)" in weekdays.reason

    month = PastWindows(
        metrics=(
            MetricHistory(
                metric="mae",
                windows=tuple(PastValue(window=f"2023-03-{day:02}", value=day) for day in (31, 2, 1)),
            ),
        )
    )
    found = outcome(50.0, month, against="same_month", red="rises by 10 %")
    assert (found.baseline, found.compared) == (2.0, "against same_month")


@pytest.mark.parametrize(
    ("rule", "known", "reason"),
    [
        (
            {"against": "previous"},
            0,
            "0 of the 1 window before that it needs are known; with a window each day",
        ),
        ({"against": "median", "windows": 7}, 3, "3 of the 4 windows before"),
        ({"against": "median", "windows": 7}, 3, "there are enough from 2024-03-16 on"),
        ({"against": "same_weekday"}, 6, "there are enough from 2024-03-22 on"),
        ({"against": "same_month"}, 0, "no window of March 2023 is known"),
        ({"band": {"windows": 28}}, 10, "10 of the 14 windows before"),
        ({"band": {"windows": 28}}, 10, "there are enough from 2024-03-19 on"),
        ({"band": {"windows": 10, "season": "weekday"}}, 9, "there are enough from 2024-03-22 on"),
    ],
)
def test_too_few_windows_are_grey_and_say_from_when(rule: dict[str, Any], known: int, reason: str) -> None:
    condition = {} if "band" in rule else {"red": "rises by 10 %"}

    found = outcome(50.0, history(*range(1, known + 1)), **rule, **condition)

    assert found.state is State.GREY
    assert reason in found.reason


def test_a_change_from_the_previous_window_beyond_chance() -> None:
    """The interval of the difference is Newcomb's, from both intervals: 1 +- sqrt(0.5^2 + 0.5^2)."""
    known = history(4.0, low=3.5, high=4.5)
    rule = {"against": "previous", "red": "rises beyond chance"}

    assert outcome(5.0, known, low=4.5, high=5.5, **rule).state is State.RED
    assert outcome(4.7, known, low=4.2, high=5.2, **rule).state is State.GREEN
    without = outcome(5.0, history(4.0), low=4.5, high=5.5, **rule)
    assert without.state is State.GREY
    assert without.reason.endswith("whether chance explains its change is unknown: there is no interval")


def test_a_band_is_of_median_and_median_absolute_deviation() -> None:
    values = np.random.default_rng(3).normal(10, 2, 28)
    rule = {"band": {"windows": 28, "sensitivity": 3}, "red": "outside 2 bands", "amber": "outside the band"}
    spread = median_abs_deviation(values, scale="normal")
    half = 3 * spread * np.sqrt(28 / 27) * np.sqrt(1 + np.pi / 2 / 28)
    middle = np.median(values)

    def state(at: float) -> State:
        return outcome(at, history(*values), **rule).state

    assert state(middle + half * 0.999) is State.GREEN
    assert state(middle + half * 1.001) is State.AMBER
    assert state(middle - half * 1.001) is State.AMBER
    assert state(middle - half * 2.001) is State.RED
    assert outcome(10.0, history(*values), **rule).baseline == pytest.approx(middle)


def test_a_band_by_weekday_knows_the_rhythm() -> None:
    """A value that is normal on a Monday is not on a Friday."""
    noise = np.random.default_rng(5).normal(0, 0.5, 28)
    days = [WINDOW.first - timedelta(days=n) for n in range(1, 29)]
    values = [(100 if day.weekday() >= 5 else 10) + e for day, e in zip(days, noise, strict=True)]
    season = {"band": {"windows": 28, "season": "weekday"}}

    assert outcome(10.0, history(*values), **season).state is State.GREEN
    assert outcome(20.0, history(*values), **season).state is State.AMBER
    assert outcome(100.0, history(*values), **season).state is State.AMBER
    assert outcome(20.0, history(*values), band={"windows": 28}).state is State.AMBER
    assert "in a band of 28 windows by weekday" in outcome(10.0, history(*values), **season).rule


def test_one_bad_window_does_not_widen_a_band() -> None:
    values = [10.0, 10.5, 9.5, 10.2, 9.8, 10.1, 9.9, 500.0, 10.4, 9.6]

    assert outcome(20.0, history(*values), band={"windows": 10}).state is State.AMBER


def test_a_history_that_is_mostly_the_same_still_has_a_width() -> None:
    values = [0.0] * 9 + [3.0]

    assert outcome(0.5, history(*values), band={"windows": 10}).state is State.GREEN
    assert outcome(5.0, history(*values), band={"windows": 10}).state is State.AMBER


def test_only_the_windows_that_a_rule_needs_are_looked_up() -> None:
    plan = Plan.model_validate(
        {
            "rules": [
                {"metric": "mae", "against": "previous", "red": "rises by 10 %"},
                {"metric": "mean", "column": "amount", "band": {"windows": 10}},
                {"metric": "rows", "red": "< 5"},
            ]
        }
    )
    needed = needed_days(plan.rules, WINDOW)
    assert [(key.metric, key.column) for key in needed] == [("mae", ""), ("mean", "amount")]
    assert needed[next(iter(needed))] == (date(2024, 2, 13), date(2024, 3, 14))

    days = [Window.of_day(day) for day in ("2024-02-01", "2024-03-01", "2024-03-14", "2024-03-15")]
    mae = [
        (day, [Metric(name="mae", value=n), Metric(name="mae", class_name="a", value=9)])
        for n, day in enumerate(days)
    ]
    found = histories(needed, mae)
    assert [(one.window, one.value) for one in found[0].windows] == [("2024-03-14", 2), ("2024-03-01", 1)]
    assert found[1].windows == ()
