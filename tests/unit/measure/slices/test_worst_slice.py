"""Which slice is to blame: by more than chance, and by more than its share of rows explains."""

from __future__ import annotations

import numpy as np
import pytest
from daywatch.measure.slices.worst_slice import (
    CHANCE,
    ErrorComparison,
    PredictionErrors,
    contribution,
    slices_that_became_worse,
)
from statsmodels.stats.proportion import proportions_ztest


def wrong(errors: int, rows: int) -> PredictionErrors:
    return PredictionErrors(rows, errors, errors)


def compared(
    slices: dict[str, tuple[PredictionErrors, PredictionErrors | None]],
    window: PredictionErrors,
    baseline: PredictionErrors,
) -> ErrorComparison:
    return ErrorComparison(window, baseline, slices)


def test_the_one_that_stands_out_comes_first_not_the_largest() -> None:
    slices = {
        "origin=JFK": (wrong(100, 300), wrong(30, 300)),
        "origin=JFK & carrier=B6": (wrong(92, 110), wrong(11, 110)),
        "origin=EWR": (wrong(120, 700), wrong(70, 700)),
    }
    found = slices_that_became_worse(compared(slices, wrong(220, 1000), wrong(100, 1000)))
    assert found == ["origin=JFK & carrier=B6", "origin=JFK", "origin=EWR"]


def test_a_slice_that_was_always_bad_is_not_to_blame() -> None:
    slices = {"bad": (wrong(50, 100), wrong(500, 1000)), "worse": (wrong(60, 300), wrong(90, 1000))}
    assert slices_that_became_worse(compared(slices, wrong(150, 1000), wrong(1000, 10_000))) == ["worse"]


def test_where_all_falls_alike_each_is_as_bad() -> None:
    slices = {name: (wrong(250, 500), wrong(100, 1000)) for name in ("a", "b")}
    assert slices_that_became_worse(compared(slices, wrong(500, 1000), wrong(200, 2000))) == ["a", "b"]


def test_a_slice_without_baseline_is_compared_with_the_whole_baseline() -> None:
    slices = {"new": (wrong(40, 100), None)}
    assert slices_that_became_worse(compared(slices, wrong(100, 1000), wrong(100, 1000))) == ["new"]
    assert slices_that_became_worse(compared(slices, wrong(100, 1000), wrong(400, 1000))) == []


@pytest.mark.parametrize("errors", range(10, 40))
@pytest.mark.parametrize("slices", [1, 50])
def test_the_level_is_that_of_the_test_of_two_proportions(errors: int, slices: int) -> None:
    _, p_value = proportions_ztest([errors, 100], [100, 1000], alternative="larger")
    found = {f"s{number}": (wrong(errors, 100), wrong(100, 1000)) for number in range(slices)}
    worse = slices_that_became_worse(compared(found, wrong(200, 1000), wrong(100, 1000)))
    assert bool(worse) is bool(p_value < CHANCE / slices)


def test_chance_alone_names_no_slice_but_rarely() -> None:
    random = np.random.default_rng(0)
    named = 0
    for _ in range(400):
        slices = {}
        for number in range(50):
            now, before = (int(count) for count in random.binomial([200, 2000], 0.1))
            slices[f"s{number}"] = (wrong(now, 200), wrong(before, 2000))
        named += bool(slices_that_became_worse(compared(slices, wrong(1000, 10_000), wrong(10_000, 100_000))))
    assert named <= 400 * CHANCE * 3


@pytest.mark.parametrize(
    "sides",
    [
        (wrong(0, 0), wrong(0, 0)),
        (wrong(0, 10), wrong(0, 100)),
        (wrong(10, 10), wrong(100, 100)),
        (wrong(0, 0), wrong(10, 100)),
        (PredictionErrors(10, float("inf"), float("inf")), wrong(10, 100)),
    ],
)
def test_nothing_to_tell(sides: tuple[PredictionErrors, PredictionErrors]) -> None:
    assert slices_that_became_worse(compared({"a": sides}, wrong(10, 100), wrong(10, 100))) == []


@pytest.mark.parametrize(
    ("name", "value", "baseline", "without", "expected"),
    [
        ("roc_auc", 0.6, 0.8, 0.7, 0.5),
        ("roc_auc", 0.6, 0.8, 0.9, 1.5),
        ("roc_auc", 0.6, 0.8, 0.5, None),
        ("roc_auc", 0.9, 0.8, 0.95, None),
        ("roc_auc", 0.6, None, 0.7, None),
        ("mae", 3.0, 1.0, 2.0, 0.5),
        ("mae", 1.0, 3.0, 2.0, None),
        ("log_loss", 0.8, 0.4, 0.7, 0.25),
        ("me", 1.0, 0.0, 0.5, None),
        ("residual_p95", 1.0, 0.0, 0.5, None),
    ],
)
def test_the_part_in_the_fall(
    name: str, value: float, baseline: float | None, without: float, expected: float | None
) -> None:
    found = contribution(name, value, baseline, without)
    assert found == (None if expected is None else pytest.approx(expected))
