"""Performance of a regression compared with scikit-learn and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from daywatch.measure.performance.intervals import Measure, Z
from daywatch.measure.performance.regression import QUANTILES, regression_measures
from random_samples import covered, error_by_weights
from sklearn import metrics as sk


def sample_of(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = random.gamma(3, 2, count)
    return label, label * random.normal(1.05, 0.2, count)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 999, 1000])
def test_equals_scikit_learn_and_numpy(count: int) -> None:
    label, prediction = sample_of(count)
    expected = {
        "me": float(np.mean(prediction - label)),
        "mae": sk.mean_absolute_error(label, prediction),
        "mse": sk.mean_squared_error(label, prediction),
        "rmse": sk.root_mean_squared_error(label, prediction),
        "mape": sk.mean_absolute_percentage_error(label, prediction),
        **{name: float(np.quantile(prediction - label, at)) for name, at in QUANTILES.items()},
    }
    if count > 1:
        expected["r2"] = sk.r2_score(label, prediction)
    found = regression_measures(label, prediction)
    values = {name: measure.value for (name, _), measure in found.items() if measure.value is not None}
    assert values == pytest.approx(expected, rel=1e-12)
    assert {measure.rows for measure in found.values()} == {count}


def test_the_error_of_r2_is_what_rows_move() -> None:
    label, prediction = sample_of(100)
    expected = error_by_weights(
        lambda weights: sk.r2_score(label, prediction, sample_weight=weights), len(label)
    )
    found = regression_measures(label, prediction)["r2", ""]
    assert found.value is not None
    assert found.low is not None
    assert (found.value - found.low) / Z == pytest.approx(expected, rel=1e-6)


def test_no_rows() -> None:
    found = regression_measures(np.array([np.nan, 1.0]), np.array([1.0, np.inf]))
    reason = "no row has both a finite label and a finite prediction"
    assert set(found.values()) == {Measure(None, note=reason)}


def test_values_too_large_to_compute_with() -> None:
    found = regression_measures(np.array([1e308, -1e308]), np.array([-1e308, 1e308]))
    reason = "the values are too large to compute with"
    assert {name for (name, _), one in found.items() if one.note == reason} == {
        "mae",
        "mse",
        "rmse",
        *QUANTILES,
    } - {
        "residual_p25",
        "residual_p50",
        "residual_p75",
    }
    assert (found["me", ""].value, found["r2", ""].value) == (0, -3)


def test_few_rows_tell_no_end_of_a_quantile() -> None:
    found = regression_measures(*sample_of(20))
    assert found["residual_p5", ""].low is None
    assert found["residual_p95", ""].high is None
    assert None not in (found["residual_p50", ""].low, found["residual_p50", ""].high)


@pytest.mark.parametrize("name", ["me", "mae", "mse", "rmse", "mape", "r2", *QUANTILES])
def test_intervals_hold_the_truth(name: str) -> None:
    truth = regression_measures(*sample_of(2_000_000, 1))[name, ""].value
    assert truth is not None

    def draw(random: np.random.Generator) -> Measure:
        return regression_measures(*sample_of(400, int(random.integers(2**31))))[name, ""]

    assert 0.9 <= covered(truth, draw) <= 0.995
