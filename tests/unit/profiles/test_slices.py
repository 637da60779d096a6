"""Profiles of slices: each is the profile of its rows alone, and days of a slice merge."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.profiles.hyperloglog import DISTINCT_ERROR
from daywatch.profiles.numeric import QUANTILES
from daywatch.profiles.profile import Profile, profile_rows, profile_slices
from daywatch.profiles.sketch import RANK_ERROR
from daywatch_demo.flights.data import CATEGORIES, FEATURES, flights_between, utc
from models import model
from profiles import EXACT, merge_profiles

NAMES = {
    "x": "number",
    "i": "integer",
    "b": "boolean",
    # What the queries call things of their own.
    "s": "category",
    "n": "category",
    "value": "text",
    'slice "0"': "category",
    "day": "number",
    "numbered": "text",
}
Ways = list[dict[str, np.ndarray]]


def hostile(rows: int) -> tuple[MonitoredModel, pd.DataFrame]:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "x": np.where(random.random(rows) < 0.1, np.nan, random.normal(0, 1, rows)),
            "i": pd.array(np.where(random.random(rows) < 0.2, None, 2**60 + np.arange(rows)), "Int64"),
            "b": pd.array(random.choice([True, False, None], rows), "boolean"),
            "s": random.choice(["a", "b", None, "'; --"], rows),
            "n": [f"v{number % 170}" for number in range(rows)],
            "value": [f"{number} \x00" if number % 7 else "x" * 300 for number in range(rows)],
            'slice "0"': [None] * rows,
            "day": random.integers(0, 3, rows).astype(float),
            "numbered": random.choice(["", "é", "\u202e"], rows),
            "prediction": random.choice(["0", "1"], rows),
            "probability": random.random(rows),
            "label": random.choice(["0", "1", None], rows),
            "inference_time": pd.Timestamp("2024-03-03", tz="UTC")
            + pd.to_timedelta(random.integers(0, 48, rows), "h"),
        }
    )
    features = [{"name": name, "type": kind} for name, kind in NAMES.items()]
    return model(features=features), frame


def saved(frame: pd.DataFrame, path: Path) -> Path:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(table, path, row_group_size=700)
    return path


def ways_of(rows: int) -> Ways:
    """Two ways that cut the rows differently, one of them not all rows, one slice without rows, and one of all."""
    random = np.random.default_rng(4)
    third = random.integers(0, 3, rows)
    return [
        {f"third={n}": np.flatnonzero(third == n) for n in range(3)},
        {
            "some": np.flatnonzero(random.random(rows) < 0.2),
            "none": np.empty(0, dtype=np.int32),
        },
        {"all": np.arange(rows, dtype=np.int32)},
    ]


@pytest.mark.parametrize("rows", [3000, 1])
def test_a_slice_is_profiled_like_its_rows_alone(tmp_path: Path, rows: int) -> None:
    one, frame = hostile(rows)
    file = saved(frame, tmp_path / "rows.parquet")
    baseline = profile_rows(saved(hostile(900)[1], tmp_path / "baseline.parquet"), one)
    ways = ways_of(rows)

    slices = profile_slices(file, one, ways, baseline)

    assert list(slices) == [name for way in ways for name in way]
    for name, positions in (item for way in ways for item in way.items()):
        alone = saved(frame.iloc[positions], tmp_path / "slice.parquet")
        assert slices[name] == profile_rows(alone, one, baseline), name


def test_a_column_that_the_file_lacks(tmp_path: Path) -> None:
    one, frame = hostile(50)
    baseline = profile_rows(saved(frame, tmp_path / "rows.parquet"), one)
    file = saved(frame.drop(columns=["x", "s", "inference_time"]), tmp_path / "rows.parquet")

    found = profile_slices(file, one, [{"half": np.arange(25)}], baseline)["half"]

    assert (found.rows, found.days) == (25, {})
    for name in ("x", "s"):
        lacking = found.column(name)
        assert lacking is not None
        assert (lacking.present, lacking.count, lacking.nulls) == (False, 0, 25)


def test_without_slices_nothing_is_read(tmp_path: Path) -> None:
    one, _ = hostile(1)
    assert (
        profile_slices(tmp_path / "there is none.parquet", one, [{}], Profile(rows=0, days={}, columns=()))
        == {}
    )


def test_seven_days_of_a_slice_merged_are_the_weeks_slice(tmp_path: Path) -> None:
    frame = flights_between(utc(2013, 1, 22), utc(2013, 2, 11))
    frame["label"] = frame["prediction"] = frame["late"].astype(str)
    frame["probability"] = np.random.default_rng(5).beta(1, 4, len(frame))
    one = model(
        features=[{"name": name, "type": "category" if name in CATEGORIES else "number"} for name in FEATURES]
    )
    first = pd.Timestamp("2013-02-04", tz="UTC")
    baseline = profile_rows(saved(frame[frame["inference_time"] < first], tmp_path / "baseline.parquet"), one)

    def sliced(start: pd.Timestamp, days: int) -> dict[str, Profile]:
        inside = frame["inference_time"].between(start, start + timedelta(days=days), inclusive="left")
        rows = frame[inside]
        origins = {f"origin={name}": np.flatnonzero(rows["origin"] == name) for name in ("EWR", "JFK", "LGA")}
        storm = {"storm": np.flatnonzero(rows["wind_speed"] > 15)}
        return profile_slices(saved(rows, tmp_path / "rows.parquet"), one, [origins, storm], baseline)

    week = sliced(first, 7)
    days = [sliced(first + timedelta(days=n), 1) for n in range(7)]

    assert week["origin=JFK"].rows > 1500
    for name, whole in week.items():
        merged = merge_profiles([day[name] for day in days])
        assert (merged.rows, merged.days) == (whole.rows, whole.days)
        for part, column in zip(merged.columns, whole.columns, strict=True):
            assert part.model_dump(include=EXACT) == column.model_dump(include=EXACT)
            assert part.distinct == pytest.approx(column.distinct, rel=1.5 * DISTINCT_ERROR, abs=1)
            if not column.type.is_numeric:
                counts = {entry.value: entry.count for entry in column.frequent}
                assert {entry.value: entry.count for entry in part.frequent} == counts
                continue
            assert (part.mean, part.std) == pytest.approx((column.mean, column.std), rel=1e-9)
            rows = frame[
                (frame["inference_time"] >= first) & (frame["origin"] == name.removeprefix("origin="))
            ]
            if name == "storm" or column.name not in rows:
                continue
            ordered = np.sort(rows[column.name].dropna().to_numpy(dtype=float))
            for share, value in zip(QUANTILES, part.quantiles, strict=True):
                place = np.searchsorted(ordered, value)
                last = np.searchsorted(ordered, value, "right")
                allowed = RANK_ERROR * len(ordered) + 1
                assert place - allowed <= share * len(ordered) <= last + allowed
