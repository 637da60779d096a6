"""What answers are worth, compared with a sum row by row."""

from __future__ import annotations

import numpy as np
import pytest
from daywatch.config.model.model import ValueMatrix
from daywatch.measure.performance.intervals import Z
from daywatch.measure.performance.value import value_measures

WORTH = ValueMatrix(tp=50, fp=-5, fn=-20, tn=0.1)


def test_the_sum_and_the_mean_row_by_row() -> None:
    random = np.random.default_rng(4)
    positive, hit = random.random(500) < 0.3, random.random(500) < 0.4
    rows = np.where(positive & hit, 50.0, np.where(positive, -20.0, np.where(hit, -5.0, 0.1)))

    found = value_measures(positive, hit.astype(int), 1, WORTH)

    mean, total = found["value_per_row", ""], found["value_total", ""]
    assert mean.value == pytest.approx(rows.mean(), rel=1e-12)
    assert total.value == pytest.approx(rows.sum(), rel=1e-12)
    assert mean.high is not None
    assert mean.value is not None
    assert mean.high - mean.value == pytest.approx(Z * rows.std(ddof=1) / np.sqrt(500), rel=1e-12)
    assert total.low == pytest.approx(500 * (mean.low or 0), rel=1e-12)


def test_rows_without_a_prediction_are_left_out() -> None:
    positive, prediction = np.array([True, True, False]), np.array([1, -1, 0])

    found = value_measures(positive, prediction, 1, WORTH)

    assert (found["value_total", ""].value, found["value_total", ""].rows) == (pytest.approx(50.1), 2)
    nothing = value_measures(positive, np.full(3, -1), 1, WORTH)
    assert nothing["value_per_row", ""].note == "no labelled row has a prediction"
    assert value_measures(positive, prediction, 1, None) == {}
