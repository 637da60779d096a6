"""The sampled rows: bounded, reproducible, harmless."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.evidently_report.sample import (
    distinct_names,
    drift_sample,
    sample_frame,
    sample_positions,
    sample_rows,
)
from pandas.testing import assert_frame_equal

QUOTED = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}b\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"


def test_sample_is_bounded_in_file_order_and_the_same_again(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"})
    files = [parquet(name, model, {"x": [float(n) for n in range(5000)]}) for name in ("a", "b")]
    columns = measured_columns(model)
    sampled = []
    for _ in range(2):
        with open_tables(*files, columns, tmp_path) as tables:
            rows = sample_rows(tables, Side.WINDOW, [columns[0]], 500)
            sampled.append(sample_frame(tables, Side.WINDOW, [columns[0]], rows)["x"].tolist())
    assert sampled[0] == sampled[1] == sorted(sampled[0])
    assert len(set(sampled[0])) == 500
    assert 2000 < sum(sampled[0]) / 500 < 3000  # spread over the whole file


def test_rare_categories_are_sampled(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of({"c": "category", "d": "category", "x": "number"})
    count = 20_000
    rare = {"c": ["rare" if n == 12_345 else "often" for n in range(count)]}
    rare["d"] = [f"k{n}" if n % 1000 == 999 else "often" for n in range(count)]
    file = parquet("a", model, {**rare, "x": [float(n) for n in range(count)]})
    columns = measured_columns(model)[:3]
    with open_tables(file, file, columns, tmp_path) as tables:
        rows = [sample_rows(tables, Side.WINDOW, columns, 100, where) for where in ("TRUE", '"x" < 1000')]
        frame, none = (sample_frame(tables, Side.WINDOW, list(columns), some) for some in rows)
    assert len(frame) == 100
    assert frame["x"].is_monotonic_increasing
    assert (frame["c"] == "rare").sum() == 1
    assert frame["d"].nunique() == 21
    assert set(none["d"]) == {"often", "k999"}


def test_rare_categories_never_are_more_than_half(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    names = [f"c{number}" for number in range(20)]
    model = model_of(dict.fromkeys(names, "category"))
    columns = {
        name: [f"k{row}" if row % 20 == number and row < 400 else "often" for row in range(2000)]
        for number, name in enumerate(names)
    }
    file = parquet("a", model, columns)
    measured = measured_columns(model)[:20]
    with open_tables(file, file, measured, tmp_path) as tables:
        rows = sample_rows(tables, Side.WINDOW, measured, 200)
        frame = sample_frame(tables, Side.WINDOW, list(measured), rows)
    ordinary = (frame == "often").all(axis=1).sum()
    assert len(frame) == 200
    assert 50 < ordinary <= 100


def test_categories_are_folded_and_infinities_left_out(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of({"c": "category", "x": "number"})
    values = [f"k{number}" for number in range(200)] + ["often"] * 10
    files = [parquet(name, model, {"c": values, "x": [float("inf")] + [1.0] * 209}) for name in ("a", "b")]
    columns = measured_columns(model)
    with open_tables(*files, columns, tmp_path) as tables:
        rows = {side: sample_rows(tables, side, columns[:2], 1000) for side in Side}
        frame = drift_sample(tables, list(columns[:2]), rows)[Side.WINDOW]
    assert frame["c"].nunique() == 31
    assert (frame["c"] == "(171 other categories)").sum() == 171
    assert frame["x"].isna().sum() == 1


def test_sampled_names_are_distinct_and_no_markup() -> None:
    long = "x" * 100
    names = distinct_names(["<b>", QUOTED, f"{long}1", f"{long}2", "", "accuracy"])
    assert len(set(names.values())) == 6
    assert names["<b>"] == QUOTED
    assert names[QUOTED] == f"{QUOTED} (2)"
    assert names[""] == "(empty)"
    assert names["accuracy"] != "accuracy"


def test_rows_of_several_conditions_are_sampled_as_those_of_each_alone(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of({"x": "number"})
    file = parquet("a", model, {"x": [float(n) for n in range(3000)]})
    empty = parquet("b", model, {"x": []})
    conditions = ("TRUE", '"x" < 1000', '"x" < 0')
    with open_tables(file, empty, measured_columns(model), tmp_path) as tables:
        sampled = sample_positions(tables, Side.BASELINE, 50, *conditions)
        alone = [
            [
                row
                for (row,) in tables.rows(
                    f"SELECT file_row_number FROM baseline WHERE {one} ORDER BY draw_key LIMIT 50"
                )
            ]
            for one in conditions
        ]
        assert sample_positions(tables, Side.WINDOW, 50, *conditions) == [[], [], []]
    assert sampled == alone
    assert [len(one) for one in sampled] == [50, 50, 0]


def test_hundreds_of_columns_come_without_a_warning(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    names = [f"x{number}" for number in range(150)]
    model = model_of(dict.fromkeys(names, "number"))
    file = parquet("a", model, {name: [float(place), 2.0, 3.0] for place, name in enumerate(names)})
    columns = [column for column in measured_columns(model) if column.name in names]
    rows = np.array([0, 2])
    read = {name: {Side.WINDOW: np.array([float(place), 3.0])} for place, name in enumerate(names)}
    with open_tables(file, file, measured_columns(model), tmp_path) as tables, warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = sample_frame(tables, Side.WINDOW, columns, rows, read)
        alone = sample_frame(tables, Side.WINDOW, columns, rows)
    assert_frame_equal(frame, alone)
