"""Paired intervals, compared with the definition, with statsmodels and with repeated samples."""

from __future__ import annotations

import numpy as np
import pytest
from daywatch.measure.performance.intervals import Z
from daywatch.measure.performance.labelled_rows import LabelledRows
from daywatch.retrain.paired import bootstrap, delong
from daywatch.retrain.sums import SUMS
from scipy import stats


def scores(seed: int, rows: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels and two models' scores of them, with ties."""
    random = np.random.default_rng(seed)
    positive = random.random(rows) < 0.3
    common = random.normal(size=rows)
    first, second = (
        np.round(positive * effect + common + random.normal(size=rows), 1) for effect in (1.5, 0.8)
    )
    return positive, first, second


def test_delong_by_its_definition() -> None:
    """Every positive compared with every negative: DeLong, DeLong and Clarke-Pearson (1988), equations 3 to 6."""
    positive, *both = scores(1)
    kernels = []
    for score in both:
        difference = score[positive][:, None] - score[~positive][None, :]
        kernels.append((difference > 0) + 0.5 * (difference == 0))
    areas = [kernel.mean() for kernel in kernels]
    by_positive = np.cov([kernel.mean(axis=1) for kernel in kernels])
    by_negative = np.cov([kernel.mean(axis=0) for kernel in kernels])
    covariance = by_positive / positive.sum() + by_negative / (~positive).sum()
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    value = areas[0] - areas[1]

    found = delong(positive, *both)

    assert found is not None
    assert found[:3] == pytest.approx((value, value - Z * error, value + Z * error), abs=1e-12)
    assert delong(np.array([True, False, False]), *(np.arange(3.0),) * 2) is None


def test_delong_covers_the_difference_in_95_of_100_samples() -> None:
    truth = np.mean([delong(*scores(seed, 2000))[0] for seed in range(60)])  # type: ignore[index]
    intervals = [delong(*scores(seed)) for seed in range(1000, 1300)]

    covered = np.mean([one.low <= truth <= one.high for one in intervals if one is not None])

    assert 0.92 <= covered <= 0.98


def labelled(
    label: np.ndarray, prediction: np.ndarray, probability: np.ndarray | None = None
) -> LabelledRows:
    return LabelledRows(("0", "1"), label, prediction, probability)


def test_the_bootstrap_of_accuracy_is_mcnemars_interval() -> None:
    """The difference of paired shares (b - c) / n has the error of statsmodels' and every textbook's formula."""
    random = np.random.default_rng(2)
    label = (random.random(5000) < 0.4).astype(int)
    first, second = (np.where(random.random(5000) < right, label, 1 - label) for right in (0.8, 0.76))
    b, c = ((first == label) & (second != label)).sum(), ((first != label) & (second == label)).sum()
    error = np.sqrt(b + c - (b - c) ** 2 / 5000) / 5000
    sums = SUMS["accuracy"]
    sides = [sums.values(labelled(label, one), 1) for one in (first, second)]

    found = bootstrap(*sides, sums.metric)

    assert found is not None
    assert found.value == pytest.approx((b - c) / 5000, abs=1e-12)
    assert (found.high - found.low) / (2 * Z) == pytest.approx(error, rel=0.06)
    assert bootstrap(*sides, sums.metric) == found


@pytest.mark.parametrize("metric", ["precision", "recall", "f1", "brier_score"])
def test_the_bootstrap_agrees_with_scipys(metric: str) -> None:
    """With scipy's paired bootstrap of scikit-learn's metrics."""
    from sklearn import metrics

    positive, first, second = scores(3, 800)
    sides = [(1 / (1 + np.exp(0.75 - one)), (one > 0.75).astype(int)) for one in (first, second)]
    label = positive.astype(int)

    def value(rows: np.ndarray, side: int) -> float:
        probability, prediction = sides[side]
        if metric == "brier_score":
            return float(metrics.brier_score_loss(label[rows], probability[rows]))
        return float(getattr(metrics, f"{metric}_score")(label[rows], prediction[rows]))

    sums = SUMS[metric]
    rows = [labelled(label, prediction, probability) for probability, prediction in sides]
    found = bootstrap(sums.values(rows[0], 1), sums.values(rows[1], 1), sums.metric)
    assert found is not None
    everything = np.arange(800)
    assert found.value == pytest.approx(value(everything, 0) - value(everything, 1), abs=1e-12)
    if metric not in ("f1", "brier_score"):
        return

    expected = stats.bootstrap(
        (np.arange(800),),
        lambda rows: value(rows, 0) - value(rows, 1),
        n_resamples=300,
        vectorized=False,
        method="percentile",
        random_state=np.random.default_rng(4),
    ).confidence_interval

    width = expected.high - expected.low
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.15 * width)


@pytest.mark.parametrize("metric", ["mae", "mse", "rmse", "r2"])
def test_the_metrics_of_a_regression(metric: str) -> None:
    from sklearn import metrics

    names = {"mae": "mean_absolute_error", "mse": "mean_squared_error"}
    names |= {"rmse": "root_mean_squared_error", "r2": "r2_score"}
    score = getattr(metrics, names[metric])
    random = np.random.default_rng(5)
    label = random.normal(10, 3, size=400)
    both = [label + random.normal(size=400) * size for size in (1.0, 1.5)]
    sums = SUMS[metric]

    found = bootstrap(*(sums.values(LabelledRows((), label, one), -1) for one in both), sums.metric)

    assert found is not None
    assert found.value == pytest.approx(score(label, both[0]) - score(label, both[1]), abs=1e-9)
    assert (found.low > 0) is (metric == "r2")
    assert (found.high < 0) is (metric != "r2")
