"""Measures of association, compared with SciPy, numpy and the definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from daywatch.measure.columns import association
from daywatch.measure.columns.association import correlation_ratio, cramers_v, pearson
from scipy import stats
from scipy.stats.contingency import crosstab


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(5)


def test_pearson_is_scipys(random: np.random.Generator) -> None:
    one = random.normal(50, 3, 500)
    other = 0.3 * one + random.normal(0, 1, 500)
    assert pearson(one, other) == pytest.approx(stats.pearsonr(one, other).statistic, abs=1e-12)
    assert pearson(one, -one) == pytest.approx(-1)


def test_correlation_ratio_is_the_root_of_the_adjusted_r2_on_the_categories(
    random: np.random.Generator,
) -> None:
    codes = random.integers(0, 5, 400)
    numbers = codes % 3 + random.normal(0, 1, 400)
    design = np.eye(5)[codes]
    rest = numbers - design @ np.linalg.lstsq(design, numbers, rcond=None)[0]
    adjusted = 1 - (rest**2).sum() / (400 - 5) / numbers.var(ddof=1)
    assert correlation_ratio(codes, numbers) == pytest.approx(np.sqrt(adjusted), abs=1e-12)
    assert correlation_ratio(codes, codes.astype(float)) == pytest.approx(1)


def test_cramers_v_is_bergsmas(random: np.random.Generator) -> None:
    codes = random.choice([0, 2, 3], 300)  # (codes with a gap)
    others = np.where(random.random(300) < 0.5, codes, random.integers(0, 4, 300))
    table = crosstab(codes, others).count
    rows, columns = table.shape
    squared = stats.chi2_contingency(table, correction=False).statistic / 300
    corrected = max(0, squared - (rows - 1) * (columns - 1) / 299)
    least = min(rows - (rows - 1) ** 2 / 299, columns - (columns - 1) ** 2 / 299) - 1
    assert cramers_v(codes, others) == pytest.approx(np.sqrt(corrected / least), abs=1e-12)
    assert cramers_v(codes, codes) == pytest.approx(1)


@pytest.mark.parametrize("block", [1, 7])
@pytest.mark.parametrize("cells", [0, 10_000])
def test_blocks_change_nothing(
    random: np.random.Generator, monkeypatch: pytest.MonkeyPatch, block: int, cells: int
) -> None:
    codes, others, numbers = random.integers(0, 3, 50), random.integers(0, 4, 50), random.normal(5, 1, 50)
    whole = pearson(numbers, codes * 1.0), correlation_ratio(codes, numbers), cramers_v(codes % 2, others)
    monkeypatch.setattr(association, "ASSOCIATION_BLOCK", block)
    monkeypatch.setattr(association, "ASSOCIATION_CELLS", cells)
    again = pearson(numbers, codes * 1.0), correlation_ratio(codes, numbers), cramers_v(codes % 2, others)
    assert again == pytest.approx(whole, abs=1e-12)


def test_many_categories_are_no_correlation_by_themselves(random: np.random.Generator) -> None:
    codes, numbers = random.integers(0, 500, 2000), random.normal(0, 1, 2000)
    ratio, association = correlation_ratio(codes, numbers), cramers_v(codes, random.integers(0, 2, 2000))
    assert ratio is not None
    assert ratio < 0.2  # uncorrected: 0.5
    assert association is not None
    assert association < 0.2


NOTHING: list[tuple[Any, Any, Any]] = [
    (pearson, [1.0] * 9, range(9)),
    (pearson, [1.0, 2.0], [1.0, 2.0]),
    (pearson, [0.1] * 9, range(9)),
    (pearson, [], []),
    (correlation_ratio, [0] * 9, range(9)),
    (correlation_ratio, range(9), range(9)),
    (correlation_ratio, [0, 1] * 4, [2.0] * 8),
    (correlation_ratio, [0, 1] * 4, [0.1] * 8),
    (correlation_ratio, [], []),
    (cramers_v, [0] * 9, [0, 1, 2] * 3),
    (cramers_v, [0, 1], [0, 1]),
    (cramers_v, [], []),
]


@pytest.mark.parametrize(("measure", "one", "other"), NOTHING)
def test_where_it_is_not_defined_there_is_none(measure: Any, one: Any, other: Any) -> None:
    first = np.array(one, dtype=float if measure is pearson else "int64")
    second = np.array(other, dtype="int64" if measure is cramers_v else float)
    with np.errstate(all="ignore"):
        assert measure(first, second) is None


@pytest.mark.parametrize("scale", [1e308, 1e-310])
def test_correlations_do_not_depend_on_the_unit(scale: float, random: np.random.Generator) -> None:
    codes, numbers = random.integers(0, 3, 60), random.uniform(-1, 1, 60)
    for measure in (pearson, correlation_ratio):
        first = codes if measure is correlation_ratio else codes.astype(float)
        expected = measure(first, numbers + codes / 9)
        assert measure(first, (numbers + codes / 9) * scale) == pytest.approx(expected, rel=1e-6)
