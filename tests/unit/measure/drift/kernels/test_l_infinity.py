"""The L-infinity distances against SciPy's statistic and sums written out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from daywatch.config.drift_methods import ColumnKind
from daywatch.config.model.columns import DriftMethod
from daywatch.measure.columns.measured_columns import Column, Role
from daywatch.measure.columns.pairs import SideValues
from daywatch.measure.drift.scoring import Score, score_values
from scipy.stats import ks_2samp

NUMBERS = Column("x", ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE)
CATEGORIES = Column("c", ColumnKind.CATEGORICAL, "VARCHAR", Role.FEATURE)


def scored(column: Column, baseline: Any, window: Any, method: str, threshold: float | None = None) -> Score:
    sides = (SideValues(np.asarray(side)) for side in (baseline, window))
    return score_values(column, *sides, DriftMethod(method=method, threshold=threshold))


def test_numbers_have_the_statistic_of_kolmogorov_and_smirnov() -> None:
    random = np.random.default_rng(3)
    baseline, window = random.normal(size=5_000), random.normal(0.4, 1.2, size=700).round(1)

    expected = ks_2samp(baseline, window).statistic
    simple = scored(NUMBERS, baseline, window, "linf_simple")
    robust = scored(NUMBERS, baseline, window, "linf_robust")

    assert simple.value == pytest.approx(expected, rel=1e-12)
    assert robust.value == pytest.approx(expected - 1.8 * math.sqrt(5_700 / (5_000 * 700)), rel=1e-12)
    assert (simple.threshold, simple.drifted, simple.title) == (0.1, True, "L-infinity distance")


def test_categories_have_the_greatest_difference_of_a_share() -> None:
    # a 60 % to 30 %, b 40 % to 50 %, a new one 20 %
    baseline, window = [0] * 60 + [1] * 40, [0] * 3 + [1] * 5 + [2] * 2

    assert scored(CATEGORIES, baseline, window, "linf_simple").value == pytest.approx(0.3)
    few = scored(CATEGORIES, baseline, window, "linf_robust")
    assert (few.value, few.drifted) == (0.0, False)  # 1.8 * sqrt(110 / 1000) = 0.597
    many = scored(CATEGORIES, baseline * 1000, window * 1000, "linf_robust")
    assert many.value == pytest.approx(0.3 - 1.8 * math.sqrt(110_000 / (100_000 * 10_000)))


def test_a_column_drifts_above_its_threshold() -> None:
    baseline, window = [0] * 50 + [1] * 50, [0] * 75 + [1] * 25

    at = scored(CATEGORIES, baseline, window, "linf_simple", 0.25)
    beyond = scored(CATEGORIES, baseline, window, "linf_simple", 0.2499)

    assert (at.value, at.drifted, beyond.drifted) == (0.25, False, True)
