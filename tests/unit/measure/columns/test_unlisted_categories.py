"""Frequent categories that the baseline's profile does not list, counted in the baseline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from daywatch.measure.columns.unlisted_categories import MOST_COUNTED, unlisted_categories
from daywatch.profiles.profile import profile_rows


def test_only_frequent_and_unlisted_ones_are_counted(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    model = model_of({"carrier": "category", "late": "boolean", "remark": "text", "hour": "number"})
    many = [f"c{number:03d}" for number in range(90) for _ in range(100 - number)]
    columns = {"late": [True], "hour": [1.0]}
    before = parquet(
        "a",
        model,
        {name: values * len(many) for name, values in columns.items()}
        | {"carrier": many, "remark": [None] * len(many)},
    )
    window = ["c080"] * 30 + ["'); --"] * 20 + ["c000"] * 10 + [f"new{number}" for number in range(40)]
    after = parquet(
        "b",
        model,
        {name: values * len(window) for name, values in columns.items()}
        | {"carrier": window, "remark": window},
    )
    baseline = profile_rows(before, model)
    profile = profile_rows(after, model, baseline)
    found = unlisted_categories(before, baseline, profile, tmp_path)
    assert {one.column for one in found} == {"carrier"}
    rows = {one.category: one.rows for one in found}
    assert len(rows) == MOST_COUNTED
    assert (rows["c080"], rows["'); --"], "c000" in rows) == (20, 0, False)
