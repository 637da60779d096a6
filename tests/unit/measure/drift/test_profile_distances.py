"""Distances between profiles against Evidently and SciPy on the rows that the profiles were made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.drift_methods import L_INFINITY
from daywatch.config.model.columns import ColumnType
from daywatch.measure.drift.kernels import ordered as kernels
from daywatch.measure.drift.profile_distances import THRESHOLDS, distances
from daywatch.profiles.magnitude import exponent_of, multiplied
from daywatch.profiles.merge import merge_columns
from daywatch.profiles.numeric import _measured
from daywatch.profiles.profile import ColumnProfile, profile_rows
from evidently.legacy.calculations import stattests
from evidently.legacy.core import ColumnType as Kind
from hypothesis import given, settings
from hypothesis import strategies as st
from models import model
from scipy import stats

NAMES = {
    "psi": "psi",
    "jensenshannon": "jensenshannon",
    "chisquare": "chi",
    "ks": "ks",
    "wasserstein": "wasserstein",
}


def evidently(method: str, baseline: Any, current: Any, kind: Kind) -> float:
    test = getattr(stattests, f"{NAMES[method]}_stat_test")
    return float(test(pd.Series(baseline), pd.Series(current), kind, 0.1).drift_score)


def profiles(
    folder: Path, kind: str, baseline: Any, *parts: Any, type_: pa.DataType | None = None
) -> tuple[ColumnProfile, ColumnProfile]:
    """Profile the baseline, and merge the profiles of the parts."""
    one = model(features=[{"name": "x", "type": kind}])

    def profile(values: Any, against: Any = None) -> Any:
        pq.write_table(pa.table({"x": pa.array(values, type_)}), folder / "rows.parquet")
        return profile_rows(folder / "rows.parquet", one, against)

    base = profile(baseline)
    columns = [profile(part, base).column("x") for part in parts]
    return base.column("x"), merge_columns(columns)


@pytest.mark.parametrize("method", ["psi", "jensenshannon", "chisquare"])
@pytest.mark.parametrize(
    "values", [["a", "b", "c"], ["a", "b", "new"], [f"v{n}" for n in range(45)]], ids=len
)
def test_categories_equal_evidently(tmp_path: Path, method: str, values: list[str]) -> None:
    random = np.random.default_rng(1)
    before = random.choice(["a", "b", "c"], 2000, p=[0.5, 0.49, 0.01]).tolist()
    parts = [random.choice(values, size).tolist() for size in (10, 700, 300)]

    found = distances(*profiles(tmp_path, "category", before, *parts))

    now = [value for part in parts for value in part]
    expected = evidently(method, before, now, Kind.Categorical)
    if method == "chisquare" and not set(now) <= set(before):  # (where we leave Evidently's number)
        table = [[side.count(value) for value in sorted({*before, *now})] for side in (before, now)]
        expected = stats.chi2_contingency(table, correction=False).pvalue
    assert found.values[method] == pytest.approx(expected, rel=1e-9)
    assert found.errors == {}


@pytest.mark.parametrize("method", ["psi", "jensenshannon", "wasserstein", "ks"])
@pytest.mark.parametrize("shift", [0, 1])
def test_few_numbers_equal_evidently(tmp_path: Path, method: str, shift: int) -> None:
    random = np.random.default_rng(2)
    before = random.integers(0, 20, 30_000)
    parts = [random.integers(n * shift, 20 + n * shift, 5000) for n in range(3)]

    found = distances(*profiles(tmp_path, "integer", before, *parts))

    assert found.values[method] == pytest.approx(
        evidently(method, before, np.concatenate(parts), Kind.Numerical),
        rel=1e-9,
        abs=0.0001 if method == "ks" else 0,
    )
    assert found.errors == {}


@pytest.mark.parametrize("shift", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("shape", ["normal", "heavy", "mixed"])
def test_many_numbers_lie_within_the_error(tmp_path: Path, shape: str, shift: float) -> None:
    random = np.random.default_rng(3)
    draw = {
        "normal": lambda: random.normal(1000, 1, 20_000),
        "heavy": lambda: random.pareto(1.5, 20_000),
        "mixed": lambda: np.where(random.random(20_000) < 0.5, 0.0, random.exponential(3, 20_000)),
    }[shape]
    before, parts = draw(), [draw() + shift * n / 3 for n in range(1, 8)]
    now = np.concatenate(parts)

    base, merged = profiles(tmp_path, "number", before, *parts)
    found = distances(base, merged)

    true = stats.wasserstein_distance(before, now) / before.std()
    assert 0 < found.errors["wasserstein"] < 0.05
    assert found.values["wasserstein"] == pytest.approx(true, abs=found.errors["wasserstein"])
    assert found.values["wasserstein"] == pytest.approx(true, abs=0.012), "it is nearer than it promises"
    tested = stats.ks_2samp(before, now, method="asymp")
    assert found.values["ks"] == pytest.approx(tested.pvalue, abs=found.errors["ks"])
    assert found.values["linf_simple"] == pytest.approx(tested.statistic, abs=found.errors["linf_simple"])
    counts = [np.histogram(side, base.edges)[0] for side in (before, now)]
    outside = np.array([(now < base.edges[0]).sum(), (now > base.edges[-1]).sum()])
    shares = [np.append(counts[0], [0, 0]) / len(before), np.append(counts[1], outside) / len(now)]
    assert found.values["jensenshannon"] == pytest.approx(distance(*shares), rel=1e-9)


def distance(baseline: np.ndarray, current: np.ndarray) -> float:
    middle = (baseline + current) / 2
    return float(np.sqrt((stats.entropy(baseline, middle) + stats.entropy(current, middle)) / 2))


def spread(values: list[float]) -> list[float]:
    """Return many values near each, more than a sketch lists."""
    return [value * (1 - n / 40) for value in values for n in range(20)]


FLOATS = st.one_of(
    st.floats(-1e6, 1e6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, 1e308, 5e-324]),
)


def column(values: list[float]) -> ColumnProfile:
    fields = _measured(np.array(values), len(values), None)
    return ColumnProfile(name="x", type=ColumnType.NUMBER, **fields)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(FLOATS, min_size=1, max_size=20).map(spread),
    st.lists(st.lists(FLOATS, min_size=1, max_size=20).map(spread), min_size=1, max_size=3),
)
def test_hostile_numbers_lie_within_the_error(before: list[float], parts: list[list[float]]) -> None:
    now = [value for part in parts for value in part]
    base, merged = column(before), merge_columns([column(part) for part in parts])

    found = distances(base, merged)

    if len(before) > 2 and len(now) > 2:  # SciPy's formula has none for less
        ks = stats.ks_2samp(before, now, method="asymp").pvalue
        assert found.values["ks"] == pytest.approx(ks, abs=found.errors.get("ks", 0) + 1e-9)
    exponent = exponent_of(*before, *now)
    first, second = (np.ldexp(values, -exponent) for values in (before, now))
    ends = first.min(), first.max(), second.min(), second.max()
    norm = kernels.spread(multiplied(base.std or 0.0, -exponent), *map(float, ends)) or 1.0
    with np.errstate(over="ignore"):
        width = (max(ends) - min(ends)) / norm
    if np.isfinite(width):
        true = stats.wasserstein_distance(first / norm, second / norm)
        error = found.errors.get("wasserstein", 0) + 1e-9 * max(width, 1)
        assert found.values["wasserstein"] == pytest.approx(true, abs=error)


def test_bins_of_different_baselines_are_not_compared() -> None:
    base = column([float(n) for n in range(100)])

    found = distances(base, base.model_copy(update={"edges": (), "histogram": ()}))

    assert found.notes == dict.fromkeys(
        ("psi", "jensenshannon"), "the days were counted on the bins of different baselines"
    )
    assert found.values["wasserstein"] == 0


def test_what_is_not_known_of_a_category_counts_with_the_others(tmp_path: Path) -> None:
    many = [f"v{n:03}" for n in range(200)]
    base, current = profiles(
        tmp_path, "category", ["a"] * 50 + many, ["a"] * 30 + many[:100], ["b"] * 30 + many
    )

    found = distances(base, current)

    # Listed by the baseline: "a" and 49 of the many. "b" may have come among the first part's others.
    assert {entry.value: entry.undercount for entry in current.frequent if entry.undercount} == {"b": 1}
    before, now = np.array([50, *[1] * 49, 151]), np.array([30, *[2] * 49, 30 + 51 + 151])
    assert found.values["jensenshannon"] == pytest.approx(
        distance(before / before.sum(), now / now.sum()), rel=1e-9
    )


def test_the_thresholds_are_evidentlys() -> None:
    assert {name: getattr(stattests, f"{NAMES[name]}_stat_test").default_threshold for name in NAMES} == {
        name: threshold for name, threshold in THRESHOLDS.items() if name not in L_INFINITY
    }


@pytest.mark.parametrize("kind", ["number", "category"])
def test_l_infinity_of_profiles_is_that_of_their_rows(tmp_path: Path, kind: str) -> None:
    random = np.random.default_rng(5)
    before, now = random.integers(0, 9, 4000), random.integers(1, 12, 900)
    if kind == "number":
        expected = stats.ks_2samp(before, now).statistic
    else:
        shares = (np.bincount(side, minlength=12) / side.size for side in (before, now))
        expected = np.abs(np.subtract(*shares)).max()
        before, now = before.astype(str), now.astype(str)

    found = distances(*profiles(tmp_path, kind, before.tolist(), now.tolist()))

    assert found.values["linf_simple"] == pytest.approx(expected)
    beyond = expected - 1.8 * np.sqrt(4900 / (4000 * 900))
    assert found.values["linf_robust"] == pytest.approx(max(0.0, beyond))
