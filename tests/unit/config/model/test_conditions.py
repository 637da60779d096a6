"""Every form of a condition."""

from __future__ import annotations

import pytest
from daywatch.config.model.conditions import Band, Expected, parse_condition


@pytest.mark.parametrize(
    ("text", "comparison", "bound", "percent", "relative"),
    [
        (">= 0.8", ">=", 0.8, False, False),
        ("<=0.7", "<=", 0.7, False, False),
        ("  > 5 %  ", ">", 0.05, False, False),
        ("< -1.5e-3", "<", -0.0015, False, False),
        ("> 20%", ">", 0.2, False, False),
        ("falls by 10 %", "falls", 0.1, True, True),
        ("rises by 0.05", "rises", 0.05, False, True),
        ("changes by  3", "changes", 3.0, False, True),
        ("falls beyond chance", "falls", 0.0, False, True),
        ("rises by 5 % beyond chance", "rises", 0.05, True, True),
        ("outside the band", "outside", 1.0, False, False),
        ("above 2.5 bands", "above", 2.5, False, False),
    ],
)
def test_conditions(text: str, comparison: str, bound: float, percent: bool, relative: bool) -> None:
    condition = parse_condition(text)

    assert (condition.comparison, condition.bound, condition.percent) == (comparison, bound, percent)
    assert condition.relative is relative
    assert condition.text == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "0.8",
        "= 0.8",
        ">= ",
        ">= x",
        "falls 10 %",
        "falls by -1",
        "> 1 2",
        "drops by 1",
        "",
        ">> 1",
        "> .5",
        "falls",
        "falls chance",
        "outside",
        "outside band",
        "in the band",
    ],
)
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a condition such as '>= 0.8'.* but received "):
        parse_condition(text)


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        (">= 0.8", 0.8, True),
        (">= 0.8", 0.7999999, False),
        ("<= 0.7", 0.7, True),
        ("<= 0.7", 0.71, False),
        ("> 5 %", 0.05, False),
        ("> 5 %", 0.0501, True),
        ("< -1", -1.5, True),
        ("< -1", -1.0, False),
    ],
)
def test_absolute(text: str, value: float, met: bool) -> None:
    assert parse_condition(text).is_met(value, Expected()) is met


@pytest.mark.parametrize(
    ("text", "baseline", "value", "met"),
    [
        ("falls by 10 %", 0.9, 0.81, True),
        ("falls by 10 %", 0.9, 0.8101, False),
        ("falls by 10 %", 0.9, 1.8, False),
        ("falls by 10 %", -10, -11, True),
        ("falls by 10 %", -10, -10.9, False),
        ("falls by 10 %", -10, -5, False),
        ("rises by 50 %", 4, 6, True),
        ("rises by 50 %", 4, 5.9, False),
        ("rises by 50 %", -4, -2, True),
        ("changes by 10 %", 100, 89, True),
        ("changes by 10 %", 100, 111, True),
        ("changes by 10 %", 100, 109, False),
        ("falls by 0.5", 1, 0.5, True),
        ("falls by 0.1", 0.9, 0.8, True),
        ("falls by 0.1", 0.9, 0.80001, False),
        ("falls by 0.5", -1, -1.5, True),
        ("rises by 0.5", 0, 0.5, True),
        ("changes by 2", 5, 3, True),
        ("changes by 2", 5, 6, False),
    ],
)
def test_against_the_baseline(text: str, baseline: float, value: float, met: bool) -> None:
    assert parse_condition(text).is_met(value, Expected(baseline)) is met


def test_what_is_missing_is_neither_met_nor_not() -> None:
    assert parse_condition("> 1").is_met(None, Expected()) is None
    assert parse_condition("falls by 1").is_met(1, Expected()) is None
    assert parse_condition("falls by 1").is_met(None, Expected(1)) is None
    assert parse_condition("> 1").is_met(2, Expected()) is True  # needs no baseline


@pytest.mark.parametrize(
    ("text", "baseline", "limits"),
    [
        ("> 0.8", None, (0.8,)),
        ("> 5 %", 0.5, (0.05,)),
        ("falls by 10 %", 0.5, (0.45,)),
        ("falls by 10 %", -10, (-11,)),
        ("rises by 0.5", 1, (1.5,)),
        ("changes by 50 %", 4, (2, 6)),
        ("changes by 1", None, ()),
    ],
)
def test_limits(text: str, baseline: float | None, limits: tuple[float, ...]) -> None:
    condition = parse_condition(text)

    assert condition.limits(baseline) == pytest.approx(limits)
    if condition.relative:
        assert all(condition.is_met(limit, Expected(baseline)) for limit in limits)


@pytest.mark.parametrize(
    ("text", "baseline", "ascending"),
    [
        (">= 0.8", 0, (0.1, 0.9)),
        ("< 0.8", 0, (0.9, 0.1)),
        ("falls by 10 %", 2, (3, 2, 1)),
        ("rises by 1", 2, (1, 2, 3)),
        ("changes by 1", 2, (2, 1.5, 3)),
    ],
)
def test_excess_grows_in_the_direction_of_the_condition(
    text: str, baseline: float, ascending: tuple[float, ...]
) -> None:
    found = [parse_condition(text).excess(value, baseline) for value in ascending]

    assert found == sorted(found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("text", ["falls by 10 %", "rises by 50 %", "changes by 10 %"])
@pytest.mark.parametrize("value", [-1.0, 0.0, 0.001, 1.0])
def test_per_cent_of_a_baseline_of_0_says_nothing(text: str, value: float) -> None:
    condition = parse_condition(text)

    assert condition.is_met(value, Expected(0)) is None
    assert condition.limits(0) == ()


@pytest.mark.parametrize(
    ("text", "value", "interval", "met"),
    [
        ("falls beyond chance", 0.8, (-0.2, -0.01), True),
        ("falls beyond chance", 0.8, (-0.2, 0.01), False),
        ("falls beyond chance", 0.95, (0.01, 0.1), False),
        ("rises beyond chance", 0.95, (0.01, 0.1), True),
        ("changes beyond chance", 0.95, (0.01, 0.1), True),
        ("changes beyond chance", 0.8, (-0.2, -0.01), True),
        ("falls by 20 % beyond chance", 0.8, (-0.2, -0.01), False),
        ("falls by 10 % beyond chance", 0.8, (-0.2, -0.01), True),
        ("falls beyond chance", 0.8, (None, None), None),
    ],
)
def test_a_change_beyond_chance(
    text: str, value: float, interval: tuple[float | None, float | None], met: bool | None
) -> None:
    assert parse_condition(text).is_met(value, Expected(0.9, *interval)) is met


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        ("outside the band", 13.0, False),
        ("outside the band", 13.1, True),
        ("outside the band", 6.9, True),
        ("above the band", 6.9, False),
        ("above the band", 13.1, True),
        ("below the band", 6.9, True),
        ("outside 2 bands", 15.9, False),
        ("outside 2 bands", 16.1, True),
    ],
)
def test_a_band(text: str, value: float, met: bool) -> None:
    condition = parse_condition(text)

    assert condition.is_met(value, Expected(band=Band(10.0, 3.0))) is met
    assert condition.is_met(value, Expected(10.0)) is None
    assert condition.limits(10.0) == ()


def test_a_history_without_variation_has_no_width() -> None:
    condition = parse_condition("outside the band")

    assert condition.is_met(0.1 + 0.2, Expected(band=Band(0.3, 0.0))) is False
    assert condition.is_met(0.31, Expected(band=Band(0.3, 0.0))) is True
