"""The profile's numbers against pandas and numpy, computed from the same rows another way."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.profiles.numeric import QUANTILES
from daywatch.profiles.profile import Profile, profile_rows
from flights_model import flights_model

ROWS = 5000


def parquet(folder: Path, columns: dict[str, object], name: str = "rows.parquet") -> Path:
    pq.write_table(pa.table(columns), folder / name)
    return folder / name


def nullable(values: list[object], type_: pa.DataType) -> pa.Array:
    return pa.array(values, type_, from_pandas=False)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(7)
    delay = random.normal(10, 30, ROWS)
    delay[::17] = np.nan
    carriers = [f"C{at}" for at in range(80)]
    return pd.DataFrame(
        {
            "delay": delay,
            "hour": random.integers(0, 24, ROWS),
            "carrier": random.choice(carriers, ROWS, p=np.arange(1, 81) / sum(range(1, 81))),
            "note": [f"é{'x' * (at % 9)}" for at in range(ROWS)],
        }
    )


@pytest.fixture(scope="module")
def rows(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parquet(
        tmp_path_factory.mktemp("rows"),
        {
            "delay": pa.array(frame["delay"], pa.float64(), from_pandas=True),
            "hour": pa.array(frame["hour"], pa.int64()),
            "carrier": pa.array(frame["carrier"], pa.string()),
            "note": pa.array(frame["note"], pa.string()),
            "prediction": pa.array(["0", "1"] * (ROWS // 2)),
            "probability": pa.array(np.linspace(0, 1, ROWS)),
            "label": nullable([None] * ROWS, pa.string()),
        },
    )


FLIGHTS = flights_model({"delay": "number", "hour": "integer", "carrier": "category", "note": "text"})


@pytest.fixture(scope="module")
def profile(rows: Path) -> Profile:
    return profile_rows(rows, FLIGHTS)


@pytest.mark.parametrize("name", ["delay", "hour"])
def test_numbers_equal_pandas(profile: Profile, frame: pd.DataFrame, name: str) -> None:
    column, values = profile.column(name), frame[name].dropna()
    assert column is not None
    assert (column.rows, column.count, column.nulls) == (ROWS, len(values), frame[name].isna().sum())
    assert column.distinct == values.nunique()
    assert column.mean == pytest.approx(values.mean(), rel=1e-12)
    assert column.std == pytest.approx(values.std(ddof=0), rel=1e-12)
    assert (column.min, column.max) == (values.min(), values.max())
    assert column.quantiles == pytest.approx(values.quantile(list(QUANTILES)).tolist(), rel=1e-12)
    counts, edges = np.histogram(values, bins=20)
    assert column.edges == pytest.approx(edges.tolist(), rel=1e-12)
    assert list(column.histogram) == counts.tolist()
    assert (column.underflow, column.overflow) == (0, 0)


def test_frequent_values_equal_pandas(profile: Profile, frame: pd.DataFrame) -> None:
    column = profile.column("carrier")
    assert column is not None
    counted = (
        frame["carrier"]
        .value_counts()
        .reset_index()
        .sort_values(["count", "carrier"], ascending=[False, True])
    )
    expected = list(counted.head(50).itertuples(index=False, name=None))
    assert [(entry.value, entry.count) for entry in column.frequent] == expected
    assert column.other == ROWS - sum(count for _, count in expected)
    assert column.distinct == frame["carrier"].nunique()


def test_text_is_measured_in_characters(profile: Profile, frame: pd.DataFrame) -> None:
    column, lengths = profile.column("note"), frame["note"].str.len()
    assert column is not None
    assert (column.length_min, column.length_max) == (lengths.min(), lengths.max())
    assert column.length_mean == pytest.approx(lengths.mean())


def test_row_order_does_not_show(tmp_path: Path, rows: Path, profile: Profile) -> None:
    shuffled = tmp_path / "shuffled.parquet"
    duckdb.read_parquet(str(rows)).order("hash(note, delay)").write_parquet(str(shuffled))
    assert profile_rows(shuffled, FLIGHTS) == profile


def test_survives_json(profile: Profile) -> None:
    assert Profile.model_validate_json(profile.model_dump_json()) == profile


def test_window_is_counted_on_the_baselines_edges(tmp_path: Path) -> None:
    numbers = flights_model({"x": "number"})
    against = profile_rows(parquet(tmp_path, {"x": [0.0, 20.0]}), numbers)
    window = parquet(tmp_path, {"x": [-1.0, 0.0, 0.5, 1.0, 20.0, 21.0, 22.0]}, "window.parquet")
    column = profile_rows(window, numbers, against).column("x")
    assert column is not None
    assert column.edges == tuple(float(edge) for edge in range(21))
    assert (column.underflow, column.overflow) == (1, 2)
    assert column.histogram == (2, 1, *[0] * 17, 1)


def test_baselines_frequent_values_stay_listed(tmp_path: Path) -> None:
    one = flights_model({"c": "category"})
    against = profile_rows(parquet(tmp_path, {"c": ["rare", "gone"]}), one)
    values = [f"new{at:02}" for at in range(60)] * 2 + ["rare"]
    column = profile_rows(parquet(tmp_path, {"c": values}, "window.parquet"), one, against).column("c")
    assert column is not None
    assert len(column.frequent) == 52
    assert [(entry.value, entry.count, entry.undercount) for entry in column.frequent[-2:]] == [
        ("rare", 1, 0),
        ("gone", 0, 0),
    ]
    assert column.other == 20


def test_moments_and_histograms_merge(tmp_path: Path, frame: pd.DataFrame) -> None:
    one, values = flights_model({"x": "number"}), frame["delay"].dropna().to_numpy()
    whole = profile_rows(parquet(tmp_path, {"x": values}), one)
    parts = [
        profile_rows(parquet(tmp_path, {"x": part}, f"{at}.parquet"), one, whole).column("x")
        for at, part in enumerate((values[:1000], values[1000:]))
    ]
    expected = whole.column("x")
    assert expected is not None
    first, second = (part for part in parts if part is not None)
    n, m = first.count, second.count
    mean = (n * first.mean + m * second.mean) / (n + m)
    squares = n * first.std**2 + m * second.std**2 + (second.mean - first.mean) ** 2 * n * m / (n + m)
    assert mean == pytest.approx(expected.mean, rel=1e-12)
    assert math.sqrt(squares / (n + m)) == pytest.approx(expected.std, rel=1e-12)
    added = [a + b for a, b in zip(first.histogram, second.histogram, strict=True)]
    assert added == list(expected.histogram)


def test_not_a_number_and_infinities_are_set_apart(tmp_path: Path) -> None:
    values = nullable([1.0, None, math.nan, math.inf, -math.inf, 3.0], pa.float64())
    column = profile_rows(parquet(tmp_path, {"x": values}), flights_model({"x": "number"})).column("x")
    assert column is not None
    assert (column.count, column.nulls, column.non_finite, column.rows) == (2, 1, 3, 6)
    assert (column.mean, column.std, column.min, column.max) == (2.0, 1.0, 1.0, 3.0)
    assert sum(column.histogram) == 2


@pytest.mark.parametrize(
    ("values", "kind", "stored"),
    [([], "number", pa.float64()), ([None] * 3, "integer", pa.int64()), ([None] * 3, "text", pa.string())],
)
def test_nothing_to_measure(tmp_path: Path, values: list[None], kind: str, stored: pa.DataType) -> None:
    one = flights_model({"x": kind})
    profile = profile_rows(parquet(tmp_path, {"x": nullable(list(values), stored)}), one)
    column = profile.column("x")
    assert column is not None
    assert column.present
    assert (profile.rows, column.count, column.nulls, column.distinct) == (len(values), 0, len(values), 0)
    assert column.mean is None
    assert column.edges == column.histogram == column.quantiles == column.frequent == ()
    assert profile_rows(tmp_path / "rows.parquet", one, profile) == profile


def test_missing_column_counts_as_null(tmp_path: Path) -> None:
    one = flights_model({"x": "number", "c": "category"})
    against = profile_rows(parquet(tmp_path, {"x": [0.0, 20.0], "c": ["a", "b"]}), one)
    window = profile_rows(parquet(tmp_path, {"other": [1, 2, 3]}, "window.parquet"), one, against)
    for name in ("x", "c"):
        column = window.column(name)
        assert column is not None
        assert not column.present
        assert (column.nulls, column.null_share) == (3, 1.0)
    x = window.column("x")
    assert x is not None
    assert x.histogram == (0,) * 20


@pytest.mark.parametrize(
    "values", [[5.0] * 3, [1e308, -1e308], [5e-324, 1e-323], [1e300, 1e300], [0.1] * 7], ids=str
)
def test_extreme_numbers(tmp_path: Path, values: list[float]) -> None:
    column = profile_rows(parquet(tmp_path, {"x": values}), flights_model({"x": "number"})).column("x")
    assert column is not None
    assert (column.min, column.max) == (min(values), max(values))
    assert sum(column.histogram) == len(values)
    assert len(column.edges) == 21
    assert list(column.edges) == sorted(column.edges)
    if min(values) == max(values):
        assert (column.mean, column.std) == (values[0], 0.0)


def test_large_integers_are_told_apart(tmp_path: Path) -> None:
    column = profile_rows(
        parquet(tmp_path, {"x": [2**53, 2**53 + 1]}), flights_model({"x": "integer"})
    ).column("x")
    assert column is not None
    assert column.distinct == 2


@pytest.mark.parametrize("name", ["value", "n", "rank", 'q"uote', "a.b", "sp ace", "ünï", "it's; --", "%s"])
@pytest.mark.parametrize("kind", ["number", "text"])
def test_any_name_is_only_a_name(tmp_path: Path, name: str, kind: str) -> None:
    values = nullable([1.0, None, 2.0] if kind == "number" else ["a'; --", None, "b\x00"], None)
    column = profile_rows(parquet(tmp_path, {name: values}), flights_model({name: kind})).column(name)
    assert column is not None
    assert (column.count, column.nulls, column.distinct) == (2, 1, 2)


def test_long_values_are_counted_but_not_listed(tmp_path: Path) -> None:
    column = profile_rows(
        parquet(tmp_path, {"c": ["x" * 5000, "a"]}), flights_model({"c": "category"})
    ).column("c")
    assert column is not None
    assert [entry.value for entry in column.frequent] == ["a"]
    assert (column.other, column.distinct) == (1, 2)


def test_days_are_utc(tmp_path: Path) -> None:
    moments = [
        "2013-01-31 23:59:59.999999",
        "2013-02-01 00:00:00",
        "2013-02-01 12:00:00",
        "1969-12-31 23:00:00",
    ]
    times = pa.array(
        pd.to_datetime(moments, format="ISO8601").tz_localize("UTC"), pa.timestamp("us", tz="UTC")
    )
    profile = profile_rows(parquet(tmp_path, {"inference_time": times}), flights_model({"x": "number"}))
    assert profile.days == {"1969-12-31": 1, "2013-01-31": 1, "2013-02-01": 2}


def test_regression_answers_are_numbers(tmp_path: Path) -> None:
    regression = flights_model({"x": "number"}, "regression")
    profile = profile_rows(parquet(tmp_path, {"prediction": [1.0, 2.0], "label": [1.5, 2.5]}), regression)
    assert [column.name for column in profile.columns] == ["x", "prediction", "label"]
    label = profile.column("label")
    assert label is not None
    assert label.mean == 2.0


def test_importing_it_is_cheap() -> None:
    code = (
        "import sys, daywatch.profiles.profile as _; print({'numpy', 'pandas', 'duckdb'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
