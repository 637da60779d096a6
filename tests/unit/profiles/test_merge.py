"""Profiles of parts merged, against the profile of the whole: real flights, and what Hypothesis thinks of."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.model.columns import ColumnType
from daywatch.profiles.hyperloglog import DISTINCT_ERROR, text_hash, text_registers
from daywatch.profiles.merge import merge_columns
from daywatch.profiles.numeric import QUANTILES
from daywatch.profiles.profile import ColumnProfile, Profile, profile_rows, profile_slices
from daywatch.profiles.sketch import RANK_ERROR
from daywatch_demo.flights.data import CATEGORIES, FEATURES, flights_between, utc
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from models import model
from profiles import EXACT, merge_profiles

FLIGHTS = model(
    features=[
        *({"name": name, "type": "category" if name in CATEGORIES else "number"} for name in FEATURES),
        {"name": "inference_number", "type": "integer"},
        {"name": "note", "type": "text"},
    ]
)


def parts_of(folder: Path) -> dict[str, np.ndarray]:
    """Return the positions of the rows of each part."""
    part = pq.read_table(folder / "rows.parquet").column("part").to_pandas().astype(str)
    return {name: np.flatnonzero(part == name) for name in sorted(set(part))}


def equal_to_the_whole(merged: ColumnProfile, whole: ColumnProfile) -> None:
    assert merged.model_dump(include=EXACT) == whole.model_dump(include=EXACT)
    # Where the sum of the whole is too large for a number, that of the parts may still be one.
    largest = max(abs(whole.min or 0), abs(whole.max or 0))
    if whole.mean is not None:
        assert merged.mean == pytest.approx(whole.mean, rel=1e-9, abs=1e-14 * largest + 1e-300)
    if whole.std is not None:
        assert merged.std == pytest.approx(whole.std, rel=1e-6, abs=1e-12 * largest + 1e-150)
    if not whole.registers:
        assert merged.distinct == whole.distinct
    assert merged.distinct == pytest.approx(whole.distinct, rel=1.5 * DISTINCT_ERROR, abs=1)
    counts = {entry.value: entry.count for entry in whole.frequent}
    for entry in merged.frequent:
        if entry.value in counts:
            assert entry.count <= counts[entry.value] <= entry.count + entry.undercount
    if not whole.other:
        assert {entry.value: entry.count for entry in merged.frequent} == counts
    assert merged.other + sum(entry.count for entry in merged.frequent) == merged.count * (
        not whole.type.is_numeric
    )


def within_the_rank_error(quantiles: tuple[float | None, ...], values: np.ndarray) -> None:
    ordered = np.sort(values)
    allowed = RANK_ERROR * len(ordered) + 1
    for share, value in zip(QUANTILES, quantiles, strict=True):
        assert value is not None
        assert np.searchsorted(ordered, value, "left") <= share * len(ordered) + allowed
        assert np.searchsorted(ordered, value, "right") >= share * len(ordered) - allowed


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Profile, list[Profile], Profile]:
    """The week from 4 February, the profile of January's baseline, of each day, and of the week."""
    folder = tmp_path_factory.mktemp("flights")
    frame = flights_between(utc(2013, 1, 22), utc(2013, 2, 11))
    frame["inference_number"] = np.arange(len(frame), dtype=np.int64) * 2**40 + 2**60
    frame["note"] = frame["inference_id"]
    frame["label"] = frame["prediction"] = frame["late"].astype(str)
    frame["probability"] = np.random.default_rng(5).beta(1, 4, len(frame))

    def profile(first: pd.Timestamp, days: int, against: Profile | None = None) -> Profile:
        inside = frame["inference_time"].between(first, first + timedelta(days=days), inclusive="left")
        target = folder / f"{first:%Y-%m-%d}_{days}.parquet"
        pq.write_table(pa.Table.from_pandas(frame[inside], preserve_index=False), target)
        return profile_rows(target, FLIGHTS, against)

    baseline = profile(pd.Timestamp("2013-01-22", tz="UTC"), 10)
    first = pd.Timestamp("2013-02-04", tz="UTC")
    days = [profile(first + timedelta(days=n), 1, baseline) for n in range(7)]
    week = frame[frame["inference_time"] >= first]
    return week, baseline, days, profile(first, 7, baseline)


def test_seven_days_of_flights_are_the_week(
    flights: tuple[pd.DataFrame, Profile, list[Profile], Profile],
) -> None:
    frame, _, days, week = flights

    merged = merge_profiles(days)

    assert (merged.rows, merged.days) == (week.rows, week.days)
    assert merged.rows > 5000
    for part, whole in zip(merged.columns, week.columns, strict=True):
        equal_to_the_whole(part, whole)
        if part.type.is_numeric:
            within_the_rank_error(part.quantiles, frame[part.name].dropna().to_numpy(dtype=float))
            assert len(part.sketches) == 7
    visib = merged.column("visib")
    assert visib is not None
    assert visib.quantiles == pytest.approx(np.quantile(frame["visib"].dropna(), QUANTILES), rel=1e-12)


def test_merging_in_steps_is_merging_at_once(
    flights: tuple[pd.DataFrame, Profile, list[Profile], Profile],
) -> None:
    _, _, days, _ = flights
    at_once = merge_profiles(days)

    in_steps = merge_profiles([merge_profiles(days[:3]), merge_profiles(days[3:])])

    for one, other in zip(at_once.columns, in_steps.columns, strict=True):
        inexact = {"distinct", "mean", "std", "length_mean", "frequent", "other", "unlisted_most"}
        assert one.model_dump(exclude=inexact) == other.model_dump(exclude=inexact)
        assert (one.mean or 0) == pytest.approx(other.mean or 0, rel=1e-12)


def test_a_merged_profile_survives_json(
    flights: tuple[pd.DataFrame, Profile, list[Profile], Profile],
) -> None:
    merged = merge_profiles(flights[2])
    assert Profile.model_validate_json(merged.model_dump_json()) == merged


NUMBERS = st.one_of(
    st.none(),
    st.floats(),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, 1e16, 1e16 + 2, 0.1]),
)
TEXTS = st.one_of(
    st.none(), st.text(max_size=5), st.sampled_from(["", "'; DROP TABLE x; --", "x" * 300, "é", "a\x00b"])
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.lists(st.tuples(NUMBERS, st.integers(-(2**63), 2**63 - 1), TEXTS), max_size=12),
        min_size=1,
        max_size=4,
    ),
    repeat=st.sampled_from([1, 30]),
)
@example(
    parts=[[(1.7976931348623157e308, 0, None), (5e-324, 0, None), (-9.9792015476736e291, 0, None)]], repeat=30
)
@example(  # whole numbers whose hashes fall on few registers
    parts=[
        [(None, value, None) for value in (0, 1)],
        [(None, value, None) for value in (265, -275, -28676, 76412848, 9_007_199_254_740_994)],
    ],
    repeat=1,
)
def test_hostile_parts_are_the_whole(
    parts: list[list[tuple[float | None, int, str | None]]], repeat: int, tmp_path: Path
) -> None:
    rows = [(f"part {n}", *row) for n, part in enumerate(parts) for row in part * repeat]
    one = model(
        features=[
            {"name": "x", "type": "number"},
            {"name": "i", "type": "integer"},
            {"name": "t", "type": "text"},
        ]
    )
    table = pa.table(
        {
            "part": pa.array([row[0] for row in rows], pa.string()),
            "x": pa.array([row[1] for row in rows], pa.float64()),
            "i": pa.array([row[2] for row in rows], pa.int64()),
            "t": pa.array([row[3] for row in rows], pa.string()),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    pq.write_table(table.slice(0, len(rows) // 2), tmp_path / "baseline.parquet")
    baseline = profile_rows(tmp_path / "baseline.parquet", one)
    whole = profile_rows(tmp_path / "rows.parquet", one, baseline)

    slices = profile_slices(tmp_path / "rows.parquet", one, [parts_of(tmp_path)], baseline)

    assert list(slices) == sorted({row[0] for row in rows})
    if not rows:
        return
    merged = merge_profiles(list(slices.values()))
    assert merged.rows == whole.rows
    for found, expected in zip(merged.columns, whole.columns, strict=True):
        equal_to_the_whole(found, expected)
    x = merged.column("x")
    values = np.array([row[1] for row in rows if row[1] is not None and math.isfinite(row[1])])
    if x is not None and len(values) and None not in x.quantiles:
        within_the_rank_error(x.quantiles, values)


def test_a_large_column_stays_within_the_bounds(tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    values = np.concatenate(
        [random.normal(0, 1, 40_000), random.pareto(1.1, 40_000) * 1000, random.integers(0, 9, 40_000) / 1.0]
    )
    names = [f"v{int(value * 1e6)}" for value in values]
    part = random.integers(0, 28, len(values))
    table = pa.table({"part": part, "x": values, "c": names})
    pq.write_table(table, tmp_path / "rows.parquet")
    one = model(features=[{"name": "x", "type": "number"}, {"name": "c", "type": "category"}])
    whole = profile_rows(tmp_path / "rows.parquet", one)

    slices = profile_slices(tmp_path / "rows.parquet", one, [parts_of(tmp_path)], whole)
    merged = merge_profiles(list(slices.values()))

    assert len(slices) == 28
    for name in ("x", "c"):
        found, expected = merged.column(name), whole.column(name)
        assert found is not None
        assert expected is not None
        assert found.distinct != expected.distinct, "an estimate that is right to the digit proves nothing"
        assert found.distinct == pytest.approx(expected.distinct, rel=DISTINCT_ERROR)
        equal_to_the_whole(found, expected)
    x = merged.column("x")
    assert x is not None
    within_the_rank_error(x.quantiles, values)


@pytest.mark.parametrize("parts", [1, 5])
def test_values_that_grow_fast_stay_within_the_bound(tmp_path: Path, parts: int) -> None:
    """Between two listed values nearly all lie beside the lower one: the worst that can be."""
    values = np.power(10.0, np.arange(6000) / 20)
    table = pa.table({"part": np.arange(6000) * parts // 6000, "x": values})
    pq.write_table(table, tmp_path / "rows.parquet")
    one = model(features=[{"name": "x", "type": "number"}])
    whole = profile_rows(tmp_path / "rows.parquet", one)

    slices = profile_slices(tmp_path / "rows.parquet", one, [parts_of(tmp_path)], whole)
    merged = merge_profiles(list(slices.values()))

    x = merged.column("x")
    assert x is not None
    within_the_rank_error(x.quantiles, values)


def column(**fields: object) -> ColumnProfile:
    return ColumnProfile.model_validate({"name": "x", "type": ColumnType.CATEGORY, **fields})


def test_a_value_that_a_window_does_not_list_says_how_often_it_may_have_come() -> None:
    listed = column(count=10, frequent=[{"value": "a", "count": 10}], distinct=1)
    without = column(
        count=9,
        frequent=[{"value": "b", "count": 6}],
        other=3,
        unlisted_most=2,
        distinct=3,
        registers=text_registers(np.array([text_hash(value) for value in "bcd"], dtype=np.uint64)),
    )

    merged = merge_columns([listed, without])

    assert [entry.model_dump() for entry in merged.frequent] == [
        {"value": "a", "count": 10, "undercount": 2},
        {"value": "b", "count": 6, "undercount": 0},
    ]
    assert (merged.other, merged.unlisted_most) == (3, 2)


def test_other_edges_leave_no_histogram_but_all_else() -> None:
    one = column(type="number", count=1, edges=(0, 1), histogram=(1,), mean=0.5, std=0, min=0.5, max=0.5)
    sketch = {"values": (0.5,), "equal": (1,), "between": ()}
    one = ColumnProfile.model_validate({**one.model_dump(), "sketches": [sketch], "distinct": 1})

    merged = merge_columns([one, one.model_copy(update={"edges": (0.0, 2.0)})])

    assert (merged.edges, merged.histogram) == ((), ())
    assert (merged.count, merged.mean, merged.quantiles) == (2, 0.5, (0.5,) * len(QUANTILES))


def test_types_that_differ_do_not_merge() -> None:
    with pytest.raises(ValueError, match=r"x is of the type category and number: these do not merge"):
        merge_columns([column(), column(type="number")])
