"""A suite holds the share of values that did not fit their type against a threshold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.validation.run_suite import validate_rows
from flights_model import flights_model

SHARES = {"x": 7 / 1977, "y": 0.0}
TYPE = "expect_column_type_mismatch_share_to_be_at_most"


@pytest.mark.parametrize(
    ("column", "most", "shares", "success", "observed"),
    [
        # A published run of Model Monitor: 99.64592817400101 % of 1,977 values were Integral.
        ("x", 0.0, SHARES, False, "0.0035407182599898838"),
        ("x", 0.0036, SHARES, True, "0.0035407182599898838"),
        ("x", 7 / 1977, SHARES, True, "0.0035407182599898838"),
        ("y", 0.0, SHARES, True, "0"),
        ("country", 0.0, SHARES, None, ""),
        ("x", 0.0, {}, None, ""),
    ],
)
def test_a_share_and_its_threshold(
    tmp_path: Path, column: str, most: float, shares: dict[str, float], success: bool | None, observed: str
) -> None:
    pq.write_table(pa.table({"x": [1.0, None]}), tmp_path / "rows.parquet")
    expectation: dict[str, Any] = {"type": TYPE, "kwargs": {"column": column, "max_value": most}}
    suite = {"name": "m", "expectations": [expectation]}

    run = validate_rows(tmp_path / "rows.parquet", suite, flights_model({"x": "number"}), tmp_path, shares)

    ((result),) = run.results
    assert (result.success, result.column, result.observed) == (success, column, observed)
