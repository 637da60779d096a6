"""Columns read for scoring: usable_mask values, or a place for each row."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from daywatch.config.drift_methods import APPLIES_TO, ColumnKind
from daywatch.config.model.columns import DriftMethod
from daywatch.measure.columns import tables
from daywatch.measure.columns.counts import count_columns
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.pairs import SideValues
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.columns.values import read_aligned, read_column, usable_mask, usable_values
from daywatch.measure.drift.kernels import KERNELS
from daywatch.measure.drift.scoring import score_values

FEATURES = {"delay": "number", "hour": "integer", "late": "boolean", "carrier": "category"}
BASELINE: dict[str, list[Any]] = {
    "delay": [2.0, None, math.inf, math.nan, 1.0],
    "hour": [3, 1, 2, 1, 1],
    "late": [True, None, False, True, True],
    "carrier": ["UA", None, "AA", "UA", "ZZ"],
}
WINDOW = {**BASELINE, "hour": [3, None, 2, 1, 1], "carrier": ["DL", "AA", None, "", "UA"]}


@pytest.fixture
def reading(tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]) -> Callable[..., Any]:
    def read(name: str, baseline: Any = BASELINE, window: Any = WINDOW) -> tuple[Any, ...]:
        model = model_of(FEATURES)
        files = parquet("a", model, baseline), parquet("b", model, window)
        with open_tables(*files, measured_columns(model), tmp_path) as opened:
            counts = count_columns(opened)
            (column,) = (one for one in opened.columns if one.name == name)
            aligned = {side: read_aligned(opened, column, side, counts) for side in Side}
            values = usable_values(column, read_column(opened, column, counts).values)
            return column, values, aligned

    return read


@pytest.mark.parametrize(
    ("name", "baseline", "window", "kind"),
    [
        ("delay", [2.0, 1.0], [2.0, 1.0], "ff"),
        ("hour", [3, 1, 2, 1, 1], [3, 2, 1, 1], "if"),  # with a gap as pandas reads it
        ("late", [1, 0, 1, 1], [1, 0, 1, 1], "ii"),
        ("carrier", [3, 1, 3, 4], [2, 1, 0, 3], "ii"),  # "", AA, DL, UA, ZZ
    ],
)
def test_usable_values_in_file_order(
    reading: Callable[..., Any], name: str, baseline: list[Any], window: list[Any], kind: str
) -> None:
    column, values, aligned = reading(name)
    sides = [values[side].array for side in (Side.BASELINE, Side.WINDOW)]
    assert [side.tolist() for side in sides] == [baseline, window]
    assert "".join(side.dtype.kind for side in sides) == kind
    for side in Side:
        assert len(aligned[side]) == 5
        kept = aligned[side][usable_mask(column, aligned[side])]
        assert kept.tolist() == values[side].array.tolist()


@pytest.mark.parametrize("name", ["delay", "hour", "carrier"])
def test_a_slice_of_what_was_read_scores_as_its_own_file_does(reading: Callable[..., Any], name: str) -> None:
    random = np.random.default_rng(2)

    def rows(count: int, shift: float) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "delay": random.normal(shift, 1, count),
                "hour": random.integers(0, 24, count),
                "late": random.random(count) < 0.5,
                "carrier": random.choice(["AA", "UA", "DL"], count),
            }
        )

    sides = rows(900, 0.0), rows(700, 0.5)
    masks = [frame["late"].to_numpy() for frame in sides]
    column, _, aligned = reading(name, *(frame.to_dict("list") for frame in sides))
    kept = (frame[mask].to_dict("list") for frame, mask in zip(sides, masks, strict=True))
    _, values, _ = reading(name, *kept)
    cut = [
        SideValues(aligned[side][mask & usable_mask(column, aligned[side])])
        for side, mask in zip((Side.BASELINE, Side.WINDOW), masks, strict=True)
    ]
    numeric = column.kind is ColumnKind.NUMERIC
    for method in (
        None,
        *(
            one
            for one in KERNELS
            if (ColumnKind.NUMERIC if numeric else ColumnKind.CATEGORICAL) in APPLIES_TO[one]
        ),
    ):
        settings = DriftMethod(method=method)
        whole = score_values(column, values[Side.BASELINE], values[Side.WINDOW], settings)
        assert score_values(column, cut[0], cut[1], settings) == whole


@pytest.mark.parametrize("name", ["late", "carrier"])
@pytest.mark.parametrize(
    "window", [WINDOW, {**WINDOW, "late": [None] * 5, "carrier": ["\0", "'", "é", None, "%"]}]
)
def test_few_and_many_categories_get_the_same_codes(
    name: str, window: dict[str, list[Any]], reading: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, listed = reading(name, window=window)
    monkeypatch.setattr(tables, "_LISTED", -1)
    _, _, cast = reading(name, window=window)
    for side in Side:
        assert listed[side].dtype == cast[side].dtype
        assert listed[side].tolist() == cast[side].tolist()


def test_a_column_without_any_category_has_codes(reading: Callable[..., Any]) -> None:
    nothing = {**WINDOW, "carrier": [None] * 5}
    _, _, aligned = reading("carrier", nothing, nothing)
    assert [aligned[side].tolist() for side in Side] == [[-1] * 5] * 2
