"""The known ways in which a served model fails, suggested as expectations and found in rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.profiles.profile import profile_rows
from daywatch.results import ExpectationResult
from daywatch.validation.predictions import draft_predictions
from daywatch.validation.run_suite import validate_rows
from daywatch.validation.suggest import smallest_day, suggest_suite
from flights_model import flights_model

SAME = "expect_column_values_to_vary"
GONE = "expect_column_values_to_include_set"
EACH = "expect_column_list_values_to_be_between"
SUM = "expect_column_list_sum_to_be_between"

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Return a function that writes columns as Parquet."""

    def written(**columns: Any) -> Path:
        pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
        return tmp_path / "rows.parquet"

    return written


def vectors() -> MonitoredModel:
    one = flights_model({"x": "number"}, "multiclass_classification").model_dump(
        mode="json", exclude_none=True
    )
    one["output"] |= {"response": ["probabilities"], "classes": ["a", "b", "c"]}
    return MonitoredModel.model_validate(one)


@pytest.mark.parametrize(
    ("task", "shares", "day", "expected"),
    [
        ("binary_classification", {"0": 90, "1": 10}, 100, {GONE: ["0", "1"]}),
        ("binary_classification", {"0": 90, "1": 10}, 99, {}),
        ("binary_classification", {"0": 100}, 10_000, {}),
        ("binary_classification", {"0": 50, "1": 50}, 0, {}),
        ("multiclass_classification", {"a": 50, "b": 40, "c": 10}, 100, {SAME: None, GONE: ["a", "b", "c"]}),
        ("multiclass_classification", {"a": 50, "b": 48, "c": 2}, 100, {SAME: None, GONE: ["a", "b"]}),
        ("multiclass_classification", {"a": 80, "b": 10, "c": 10}, 50, {SAME: None}),
        ("regression", dict.fromkeys(map(float, range(100)), 1), 40, {SAME: None}),
        ("regression", dict.fromkeys(map(float, range(100)), 1), 39, {}),
        ("regression", {0.0: 80, 1.0: 20}, 10_000, {}),
    ],
)
def test_what_every_day_had_must_not_be_gone(
    task: str, shares: dict[Any, int], day: int, expected: dict[str, Any], save: Save
) -> None:
    rows = save(prediction=[value for value, count in shares.items() for _ in range(count)])
    one = flights_model({"x": "number"}, task)
    drafts = list(draft_predictions(profile_rows(rows, one), one, day))
    found = {draft.type: draft.kwargs.get("value_set") for draft in drafts}
    assert found == expected
    assert all(draft.description.startswith("prediction: ") for draft in drafts)


def test_the_smallest_day_is_one_that_had_rows() -> None:
    assert smallest_day({"a": 0, "b": 101, "c": 900}) == 50
    assert smallest_day({"a": 0}) == smallest_day({}) == 0


def check(
    rows: Path, one: MonitoredModel, suite: dict[str, Any], scratch: Path
) -> dict[str, ExpectationResult]:
    return {result.expectation: result for result in validate_rows(rows, suite, one, scratch).results}


def test_one_class_gone_is_named(save: Save, tmp_path: Path) -> None:
    one = flights_model({"x": "number"}, "multiclass_classification")
    suite = suggest_suite(profile_rows(save(prediction=["a", "b", "c"] * 300), one), one, {"d": 900})
    found = check(save(prediction=["a", "b"] * 300), one, suite, tmp_path)
    assert (found[SAME].success, found[GONE].success) == (True, False)
    assert (found[GONE].observed, found[GONE].severity) == ("1 missing, such as c", "warning")


@pytest.mark.parametrize("value", ["a", 3.25, float("nan"), float("inf")])
def test_identical_predictions(value: Any, save: Save, tmp_path: Path) -> None:
    usual = ["a", "b", "c"] * 300 if value == "a" else [float(n) for n in range(900)]
    one = flights_model({"x": "number"}, "multiclass_classification" if value == "a" else "regression")
    suite = suggest_suite(profile_rows(save(prediction=usual), one), one, {"d": 900})
    found = check(save(prediction=pa.array([value] * 900, from_pandas=False)), one, suite, tmp_path)[SAME]
    assert (found.success, found.observed, found.severity) == (False, f"all are {value}", "critical")
    assert found.description == "prediction: not all the same"


def test_lists_of_probabilities(save: Save, tmp_path: Path) -> None:
    rows = [
        [0.2, 0.3, 0.5],
        [0.333, 0.333, 0.333],  # rounded
        [-0.01, 0.51, 0.5],
        [1.01, 0.0, 0.0],
        [0.5, 0.5, 0.5],
        [0.1, 0.2, 0.3],
        [float("nan"), 0.5, 0.5],
        [float("inf"), 0.0, 0.0],
        None,
    ]
    path = save(prediction=["a", "b", "c"] * 3, probabilities=pa.array(rows, pa.list_(pa.float64())))
    one = vectors()
    suite = suggest_suite(profile_rows(path, one), one, {"d": 9})
    found = check(path, one, suite, tmp_path)
    counts = {kind: (found[kind].success, found[kind].unexpected_count) for kind in (EACH, SUM)}
    assert counts == {EACH: (False, 4), SUM: (False, 4)}
    assert {found[kind].severity for kind in (EACH, SUM)} == {"critical"}
    assert "[0.5,0.5,0.5]" in found[SUM].observed


def test_good_lists_and_no_rows(save: Save, tmp_path: Path) -> None:
    one = vectors()
    for rows in ([[0.2, 0.3, 0.5]] * 4, []):
        path = save(
            prediction=pa.array(["a"] * len(rows), pa.string()),
            probabilities=pa.array(rows, pa.list_(pa.float64())),
        )
        suite = suggest_suite(profile_rows(path, one), one, {"d": 4})
        found = check(path, one, suite, tmp_path)
        assert (found[EACH].success, found[SUM].success) == (True, True)


@pytest.mark.parametrize("rows", [0, 50])
def test_without_predictions_nobody_knows(rows: int, save: Save, tmp_path: Path) -> None:
    one = flights_model({"x": "number"}, "multiclass_classification")
    suite = suggest_suite(profile_rows(save(prediction=["a", "b", "c"] * 300), one), one, {"d": 900})
    found = check(save(prediction=pa.array([None] * rows, pa.string())), one, suite, tmp_path)
    assert [(found[kind].success, found[kind].note) for kind in (SAME, GONE)] == [
        (None, "the column has no values")
    ] * 2


def test_two_predictions_vary(save: Save, tmp_path: Path) -> None:
    one = flights_model({"x": "number"}, "regression")
    suite = suggest_suite(profile_rows(save(prediction=[float(n) for n in range(900)]), one), one, {"d": 900})
    rows = pa.array([1.0, float("nan"), None], from_pandas=False)
    found = check(save(prediction=rows), one, suite, tmp_path)[SAME]
    assert (found.success, found.observed) == (True, "different values")
