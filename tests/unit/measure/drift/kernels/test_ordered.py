"""Distances of sorted columns, block by block, compared with SciPy on whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from daywatch.measure.columns.pairs import ColumnPair, SideValues
from daywatch.measure.drift.kernels import ordered
from scipy import stats

SIDES = {
    "different sizes": (lambda r: r.normal(0, 1, 500), lambda r: r.normal(1, 2, 77)),
    "ties across blocks": (lambda r: r.integers(0, 4, 300), lambda r: r.integers(1, 5, 300)),
    "a run longer than a block": (lambda r: np.zeros(100), lambda r: np.r_[np.zeros(3), r.normal(0, 1, 50)]),
    "runs that the other side lacks": (
        lambda r: np.r_[np.zeros(100), np.ones(100)],
        lambda r: np.full(5, 0.5),
    ),
    "apart": (lambda r: r.normal(-9, 1, 200), lambda r: r.normal(9, 1, 3)),
    "one value each": (lambda r: np.array([1.0]), lambda r: np.array([2.0])),
    "integers and floats": (lambda r: r.integers(0, 9, 90), lambda r: r.normal(0, 5, 90)),
}


@pytest.fixture(params=SIDES)
def pair(request: pytest.FixtureRequest) -> ColumnPair:
    random = np.random.default_rng(3)
    baseline, window = (make(random) for make in SIDES[request.param])
    return ColumnPair(SideValues(baseline), SideValues(window))


@pytest.fixture(params=[1, 2, 7, 64, 10_000], autouse=True)
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(ordered, "KERNEL_BLOCK", request.param)
    return int(request.param)


def arrays(pair: ColumnPair) -> tuple[Any, Any]:
    return pair.baseline.array, pair.window.array


def test_wasserstein_is_scipys_over_the_deviation(pair: ColumnPair) -> None:
    baseline, window = arrays(pair)
    values = np.r_[baseline, window]
    spread = np.std(baseline) or values.max() - values.min()
    expected = stats.wasserstein_distance(baseline, window) / spread
    assert ordered.wasserstein(pair) == pytest.approx(expected, rel=1e-12)


def test_energy_distance_is_scipys(pair: ColumnPair) -> None:
    assert ordered.energy_distance(pair) == pytest.approx(stats.energy_distance(*arrays(pair)), rel=1e-12)


def test_kolmogorov_smirnov_beyond_the_exact_sizes_is_scipys_limit(
    pair: ColumnPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordered, "_LARGEST_EXACT", 0)
    expected = stats.ks_2samp(*arrays(pair), method="asymp").pvalue
    assert ordered.kolmogorov_smirnov(pair) == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_distinct_values_are_counted_once(pair: ColumnPair) -> None:
    assert ordered.distinct_values(pair) == len(np.union1d(*arrays(pair)))


def test_wasserstein_has_the_unit_of_the_column() -> None:
    random = np.random.default_rng(5)
    baseline, window = random.normal(0, 1, 500), random.normal(90, 1, 400)
    close = ColumnPair(SideValues(1e16 + 2 * np.arange(30.0)), SideValues(1e16 + 4 * np.arange(30.0)))
    assert ordered.wasserstein(close) == pytest.approx(29 / (2 * np.arange(30)).std(), rel=0.01)
    for unit in (1.0, 1e-5, 1e-300, 1e300):
        pair = ColumnPair(SideValues(baseline * unit), SideValues(window * unit))
        expected = stats.wasserstein_distance(baseline, window) / baseline.std()
        assert ordered.wasserstein(pair) == pytest.approx(expected, rel=1e-9)
    pair = ColumnPair(SideValues(baseline * 1e-5), SideValues(window * 1e-5))
    assert ordered.evidentlys_wasserstein(pair) == pytest.approx(0.9, rel=0.01)


@pytest.mark.parametrize(
    ("baseline", "window", "score", "tolerance"),
    [
        ([5.0] * 9, [6.0] * 9, 1.0, 0),
        ([0.0] * 9, [0.0] * 99 + [1.0], 0.01, 0),
        ([5e-324] * 9, [1e-323] * 9, 1.0, 0),
        ([0.1 + 0.2, 0.3] * 9, [0.3] * 9, 0.0, 1e-3),
        ([0.1] * 1000, [np.nextafter(0.1, 1)] * 9, 0.0, 1e-3),
    ],
)
def test_a_constant_baseline_is_compared_by_the_range(
    baseline: list[float], window: list[float], score: float, tolerance: float
) -> None:
    pair = ColumnPair(SideValues(np.array(baseline)), SideValues(np.array(window)))
    assert ordered.wasserstein(pair) == pytest.approx(score, rel=1e-9, abs=tolerance)
