"""What is suggested from which baseline."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.model.columns import ColumnType
from daywatch.config.model.model import MonitoredModel
from daywatch.profiles.profile import ColumnProfile, Profile, profile_rows
from daywatch.validation.suggest import suggest_suite
from flights_model import flights_model
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import WEIRD


def found(suite: dict[str, Any], kind: str, column: str = "") -> dict[str, Any] | None:
    for expectation in suite["expectations"]:
        if expectation["type"] == kind and expectation["kwargs"].get("column", "") == column:
            return expectation
    return None


@pytest.mark.parametrize(
    ("kind", "column", "severity", "kwargs"),
    [
        ("expect_table_row_count_to_be_between", "", "warning", {"min_value": 450, "max_value": 2200}),
        ("expect_column_values_to_not_be_null", "delay", "warning", {"mostly": 0.89}),
        ("expect_column_values_to_not_be_null", "hour", "warning", {"mostly": 0.99}),
        (
            "expect_column_values_to_be_between",
            "hour",
            "warning",
            {"min_value": 0.0, "max_value": 25.3, "mostly": 0.99},
        ),
        (
            "expect_column_values_to_be_in_set",
            WEIRD,
            "warning",
            {"value_set": ["AA", "B'6", 'U"A'], "mostly": 0.99},
        ),
        ("expect_column_values_to_be_in_set", "prediction", "critical", {"value_set": ["0", "1"]}),
        ("expect_column_values_to_be_between", "probability", "critical", {"min_value": 0, "max_value": 1}),
    ],
)
def test_suggestions(
    suite: dict[str, Any], kind: str, column: str, severity: str, kwargs: dict[str, Any]
) -> None:
    expectation = found(suite, kind, column)
    assert expectation is not None
    assert expectation["severity"] == severity
    assert expectation["kwargs"] == ({"column": column} if column else {}) | kwargs


def test_same_baseline_gives_the_same_suite(
    model: MonitoredModel, suite: dict[str, Any], write: Callable[..., Path]
) -> None:
    assert suggest_suite(profile_rows(write(), model), model, {"a": 900, "b": 1100}) == suite
    ids = [expectation["id"] for expectation in suite["expectations"]]
    assert len(set(ids)) == len(ids)


def test_what_the_export_counted_of_types(model: MonitoredModel, write: Callable[..., Path]) -> None:
    """The rows cannot show it: in canonical Parquet, every column exists and has its type."""
    profile = profile_rows(write(), model)

    suite = suggest_suite(profile, model, {}, {"delay": 0.0, "hour": 0.02})

    for column, most in (("delay", 0.01), ("hour", 0.05)):
        expectation = found(suite, "expect_column_type_mismatch_share_to_be_at_most", column)
        assert expectation is not None
        assert expectation["severity"] == "critical"
        assert expectation["kwargs"]["max_value"] == pytest.approx(most)
    names = {expectation["type"] for expectation in suite["expectations"]}
    assert not names & {"expect_column_to_exist", "expect_column_values_to_be_of_type"}


def number(**measured: Any) -> Profile:
    column = ColumnProfile(name="x", type=ColumnType.NUMBER, **measured)
    return Profile(rows=column.rows, days={}, columns=(column,))


@pytest.mark.parametrize(
    ("low", "high", "bounds"),
    [
        (10.0, 110.0, (0.0, 120.0)),
        (-110.0, -10.0, (-120.0, 0.0)),
        (-50.0, 50.0, (-60.0, 60.0)),
        (5.0, 5.0, (4.5, 5.5)),
        (0.0, 0.0, (0.0, 0.0)),
        (1.0, 3.1234567, (0.787654, 3.33581)),
        (-1.7e308, 1.7e308, (-1.7976931348623157e308, 1.7976931348623157e308)),
    ],
)
def test_ranges_are_widened(low: float, high: float, bounds: tuple[float, float]) -> None:
    suite = suggest_suite(number(count=10, min=low, max=high), flights_model({"x": "number"}), {})
    expectation = found(suite, "expect_column_values_to_be_between", "x")
    assert expectation is not None
    assert (expectation["kwargs"]["min_value"], expectation["kwargs"]["max_value"]) == bounds


@pytest.mark.parametrize(
    ("measured", "kinds"),
    [
        ({"nulls": 10, "present": False}, []),
        ({"nulls": 10}, []),
        ({"count": 5, "nulls": 5, "min": 0.0, "max": 1.0}, ["between"]),
        ({"non_finite": 10}, ["null"]),
        ({}, []),
    ],
)
def test_a_poor_baseline_suggests_less(measured: dict[str, Any], kinds: list[str]) -> None:
    suite = suggest_suite(number(**measured), flights_model({"x": "number"}), {})
    names = [expectation["type"] for expectation in suite["expectations"]]
    assert len(names) == len(kinds)
    assert all(kind in name for kind, name in zip(kinds, names, strict=True))


@pytest.mark.parametrize(("values", "domain"), [(50, True), (51, False)])
def test_many_categories_are_no_domain(tmp_path: Path, values: int, domain: bool) -> None:
    path, one = tmp_path / "rows.parquet", flights_model({"c": "category"})
    pq.write_table(pa.table({"c": [f"c{at}" for at in range(values)]}), path)
    suite = suggest_suite(profile_rows(path, one), one, {})
    assert (found(suite, "expect_column_values_to_be_in_set", "c") is not None) is domain


@pytest.mark.parametrize(
    ("task", "predicted", "classes", "severity"),
    [
        ("binary_classification", ["0", "0"], ["0", "1"], "critical"),
        ("binary_classification", ["1", "1"], ["1"], "warning"),
        ("binary_classification", ["a", "b"], ["1", "a", "b"], "warning"),
        ("multiclass_classification", ["a", "b"], ["a", "b"], "warning"),
    ],
)
def test_classes(tmp_path: Path, task: str, predicted: list[str], classes: list[str], severity: str) -> None:
    path, one = tmp_path / "rows.parquet", flights_model({"x": "number"}, task)
    pq.write_table(pa.table({"prediction": predicted}), path)
    expectation = found(
        suggest_suite(profile_rows(path, one), one, {}), "expect_column_values_to_be_in_set", "prediction"
    )
    assert expectation is not None
    assert (expectation["kwargs"]["value_set"], expectation["severity"]) == (classes, severity)


@given(
    low=st.floats(allow_nan=False, allow_infinity=False),
    high=st.floats(allow_nan=False, allow_infinity=False),
)
@settings(max_examples=200, deadline=None)
def test_a_range_holds_its_baseline(low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    suite = suggest_suite(number(count=2, min=low, max=high), flights_model({"x": "number"}), {})
    expectation = found(suite, "expect_column_values_to_be_between", "x")
    assert expectation is not None
    assert expectation["kwargs"]["min_value"] <= low <= high <= expectation["kwargs"]["max_value"]


def test_importing_it_is_cheap() -> None:
    code = (
        "import sys, daywatch.validation.suggest, daywatch.validation.suite, daywatch.validation.run_suite; "
        "print({'numpy', 'pandas', 'duckdb', 'great_expectations', 'sqlalchemy'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
