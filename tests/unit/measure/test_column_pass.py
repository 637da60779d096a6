"""Columns read once, and all that is taken of them meanwhile."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from daywatch.measure.column_pass import read_columns
from daywatch.measure.columns.measured_columns import compared_columns, measured_columns
from daywatch.measure.columns.tables import Side, Tables, open_tables
from daywatch.measure.evidently_report.sample import sample_frame, sample_rows
from daywatch.profiles.profile import ColumnProfile, profile_rows

FEATURES = {
    "x": "number",
    "gaps": "number",
    "n": "integer",
    "c": "category",
    "remark": "text",
    "empty": "number",
    "one_sided": "category",
}


def rows(count: int, seed: int) -> dict[str, list[Any]]:
    draw = np.random.default_rng(seed)
    gaps = draw.normal(0, 1, count).tolist()
    gaps[:4] = [None, math.inf, math.nan, -math.inf]
    return {
        "x": draw.normal(seed, 1, count).tolist(),
        "gaps": gaps,
        "n": [None, *draw.integers(0, 50, count - 1).tolist()],
        "c": draw.choice(["a", "b"], count).tolist(),
        "remark": draw.choice(["fog", "snow"], count).tolist(),
        "empty": [None] * count,
        "one_sided": ["k"] * count if seed else [None] * count,
        "prediction": draw.choice(["0", "1"], count).tolist(),
        "probability": draw.random(count).tolist(),
        "label": draw.choice(["0", "1"], count).tolist(),
    }


def test_each_side_of_a_column_is_read_once_and_the_sampled_rows_are_those_of_the_file(
    tmp_path: Path,
    parquet: Callable[..., Path],
    model_of: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = model_of(FEATURES)
    files = parquet("a", model, rows(900, 0)), parquet("b", model, rows(700, 1))
    queries: Counter[str] = Counter()

    def counted(function: Callable[[Tables, str], Any]) -> Any:
        def count(self: Tables, sql: str) -> Any:
            queries[sql] += 1
            return function(self, sql)

        return count

    with open_tables(*files, measured_columns(model), tmp_path) as tables:
        columns = compared_columns(tables.columns, model)
        assert [column.name for column in columns] == [*FEATURES, "probability", "label"]
        sampled = {side: sample_rows(tables, side, columns, 100) for side in Side}
        for name in ("array", "numbers"):
            monkeypatch.setattr(Tables, name, counted(getattr(Tables, name)))
        reading = read_columns(tables, model, sampled)
        read = {one.score.column.name: one for one in reading.columns}
        again = [query for query, times in queries.items() if times > 1]
        assert all('"probability"' in query for query in again)  # (what the features are correlated with)
        taken = reading.sampled
        for side in Side:
            frames = [sample_frame(tables, side, columns, sampled[side], given) for given in (taken, None)]
            pd.testing.assert_frame_equal(*frames)
    assert sorted(taken) == ["gaps", "probability", "x"]
    assert [name for name, one in read.items() if one.score.value is None] == ["empty", "one_sided"]
    assert [name for name, one in read.items() if one.correlation is None] == [
        "remark",
        "probability",
        "label",
    ]
    assert read["one_sided"].score.note == "the baseline has no value in any of its 900 rows"
    assert read["one_sided"].correlation.window.rows == 700  # type: ignore[union-attr]


NUMBERS: dict[str, list[float | None]] = {
    "plain": [1.0, 2.0, 2.0],
    "gaps": [None, math.inf, 2.0, math.nan],
    "the same": [3.5, 3.5],
    "the same with gaps": [None, 3.5, None, 3.5],
    "once": [None, 3.5],
    "zeroes": [0.0, -0.0],
    "nothing": [None, None],
    "nan": [math.nan, math.nan, None],
    "one nan": [math.nan, None],
    "nan and a number": [math.nan, 1.0, None, 1.0],
    "infinite": [math.inf, math.inf],
    "both infinities": [math.inf, -math.inf],
    "no rows": [],
}


@pytest.mark.parametrize("values", NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_counted_as_sql_counts_them(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any], values: list[float | None]
) -> None:
    model = model_of({"x": "number"})
    file = parquet("a", model, {"x": values})
    with open_tables(file, file, measured_columns(model), tmp_path) as tables:
        found = read_columns(tables, model).counts["x"][Side.WINDOW]
        ((*counted, constant),) = tables.rows(
            "SELECT count(*), count(x), coalesce(count_if(NOT isfinite(x)), 0), count(x) > 1 AND min(x) = max(x)"
            ' FROM "window"'
        )
    assert [found.rows, found.filled, found.non_finite] == counted
    assert found.constant == bool(constant)


@pytest.mark.parametrize("count", [700, 5000])  # sorted as a copy, and in place
def test_what_is_profiled_meanwhile_is_what_profiling_the_file_gives(
    count: int, tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of(FEATURES)
    window = rows(count, 1) | {"x": [0.0, -0.0] * (count // 2)}
    files = parquet("a", model, rows(5000, 0)), parquet("b", model, window)
    against = profile_rows(files[0], model)
    with open_tables(*files, measured_columns(model), tmp_path) as tables:
        profiled = read_columns(tables, model, baseline_profile=against).profiled
        assert not read_columns(tables, model).profiled
    assert profiled.keys() == {"x", "gaps", "probability"}
    expected = profile_rows(files[1], model, against)
    assert profile_rows(files[1], model, against, profiled) == expected
    for name, fields in profiled.items():
        column = expected.column(name)
        assert ColumnProfile(name=name, type=column.type, **fields) == column
        assert str(fields["min"]) == str(column.min)  # (minus zero is zero)


def test_a_column_of_another_type_in_the_file_is_profiled_from_there(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"})
    stored = model_of({"x": "integer"})
    file = parquet("a", stored, {**rows(300, 0), "x": list(range(300))})
    with open_tables(file, file, measured_columns(model), tmp_path) as tables:
        profiled = read_columns(tables, model, baseline_profile=profile_rows(file, model)).profiled
    assert profiled.keys() == {"probability"}


def test_columns_with_the_same_categories_on_both_sides_are_known(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of({"same": "category", "more": "category", "fewer": "boolean", "other": "category"})
    values: list[dict[str, list[Any]]] = [
        {"same": ["a", "b", None], "more": ["a", "a", "b"], "fewer": [True] * 3, "other": ["x"] * 3},
        {"same": ["b", "a", "a"], "more": ["a"] * 3, "fewer": [True, False, None], "other": ["y"] * 3},
    ]
    rest = {"prediction": ["1"] * 3, "probability": [0.5] * 3, "label": [None] * 3}
    files = [parquet(name, model, one | rest) for name, one in zip("ab", values, strict=True)]
    with open_tables(*files, measured_columns(model), tmp_path) as tables:
        assert read_columns(tables, model).same_categories == {"same"}
