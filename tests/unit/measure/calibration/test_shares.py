"""Shares of a baseline's values that each of its days has beyond the others."""

from __future__ import annotations

import numpy as np
import pytest
from counts import export_counts
from daywatch.measure.calibration.limits import deviations_of_next
from daywatch.measure.calibration.shares import (
    intake_limits,
    new_categories,
    out_of_range,
    range_of,
    share_limit,
)
from models import model


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 100, (0, 110)), (-10, 90, (-20, 100)), (-5, 0, (-5.5, 0)), (7, 7, (6.3, 7.7)), (0, 0, (0, 0))],
)
def test_a_range_has_a_tenth_to_spare_and_keeps_its_sign(
    low: float, high: float, expected: tuple[float, float]
) -> None:
    found = range_of("amount", low, high)

    assert (found.low, found.high) == pytest.approx(expected)


def test_the_range_of_the_greatest_numbers_is_finite() -> None:
    assert np.isfinite(
        [range_of("amount", -1.7e308, 1.7e308).low, range_of("a", -1.7e308, 1.7e308).high]
    ).all()


def test_each_day_by_the_range_of_the_others() -> None:
    values = np.array([1.0, 9.0, 2.0, 8.0, 1.0, 50.0])

    found = out_of_range("amount", values, np.repeat([0, 1, 2], 2), 3)

    assert (found.hits, found.rows, found.largest) == (
        1,
        6,
        0.5,
    )


@pytest.mark.parametrize(
    ("shares", "largest"),
    [
        ((0.01, 0.02, 0.03), 0.02 + deviations_of_next(3) * np.std([0.01, 0.02, 0.03])),
        ((0.0, 0.0, 0.4), 0.5),
        ((0.0, 0.0, 0.9), 0.9),
        ((0.2, 0.3), 0.0),
    ],
)
def test_days_explain_a_share_up_to_a_half_or_what_one_of_them_had(
    shares: tuple[float, ...], largest: float
) -> None:
    rows = np.full(len(shares), 1000)

    found = share_limit("null_share", "amount", np.round(np.array(shares) * 1000).astype(int), rows)

    assert found.largest == pytest.approx(largest)


def test_categories_of_one_day_alone() -> None:
    found = new_categories("city", np.array([0, 1, 0, 2, 0, 2]), np.repeat([0, 1, 2], 2), 3)

    assert (found.hits, found.rows) == (1, 6)


def test_of_one_day_the_categories_that_occur_once() -> None:
    found = new_categories("city", np.array([0, 0, 1, 2]), np.zeros(4, dtype=int), 1)

    assert (found.hits, found.rows, found.largest) == (2, 4, 0)


def test_the_intake_of_the_baseline() -> None:
    counts = export_counts(
        records=100, quarantined=2, duplicates=5, exported=93, rows_read=98, type_mismatches={"items": 3}
    )

    limits = {(one.metric, one.column): (one.hits, one.rows) for one in intake_limits(counts, model())}

    assert limits["quarantined_share", ""] == (2, 100)
    assert limits["duplicates_share", ""] == (5, 100)
    assert limits["type_mismatch_share", "items"] == (3, 98)
    assert limits["type_mismatch_share", "amount"] == (0, 98)
