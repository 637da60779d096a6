"""Performance of a regression compared with scikit-learn and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from daywatch.measure.performance.intervals import Measure, Z
from daywatch.measure.performance.regression import QUANTILES, SIZES, regression_measures
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
        "smape": float(np.mean(2 * abs(prediction - label) / (abs(label) + abs(prediction)))),
        "wape": float(abs(prediction - label).sum() / abs(label).sum()),
        **{name: float(np.quantile(prediction - label, at)) for name, at in QUANTILES.items()},
        **{name: float(np.quantile(abs(prediction - label), at)) for name, at in SIZES.items()},
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
        "absolute_error_p75",
        "absolute_error_p90",
        "absolute_error_p95",
        "median_absolute_error",
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


def test_the_interval_of_wape_holds_and_that_of_the_median_too() -> None:
    """In 95 of 100 samples, up to chance (of 400 samples: 91 to 98)."""
    label, prediction = sample_of(200_000, seed=11)
    truth = {name: measure.value for (name, _), measure in regression_measures(label, prediction).items()}
    for name in ("wape", "median_absolute_error"):
        hits = 0
        for n in range(400):
            part = slice(n * 500, (n + 1) * 500)
            one = regression_measures(label[part], prediction[part])[name, ""]
            assert one.low is not None
            assert one.high is not None
            assert truth[name] is not None
            hits += one.low <= truth[name] <= one.high
        assert 0.91 <= hits / 400 <= 0.98


def test_labels_of_0_have_a_symmetric_and_a_weighted_error() -> None:
    found = regression_measures(np.array([0.0, 0.0, 4.0]), np.array([0.0, 1.0, 4.0]))

    assert found["smape", ""].value == pytest.approx(2 / 3)
    assert found["wape", ""].value == 0.25
    assert regression_measures(np.zeros(3), np.ones(3))["wape", ""].note == "every label is 0"
