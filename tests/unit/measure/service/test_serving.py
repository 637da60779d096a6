"""Which versions, variants and sampling percentages served a window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from daywatch.measure.service.past_windows import Served, Setting
from daywatch.measure.service.serving import MOST_VALUES, measure_serving
from operations import write_operations

FEATURES = {"delay": "number"}


def serving(folder: Path, inferences: Path, **columns: list[Any]) -> tuple[Served, ...]:
    return measure_serving(write_operations(folder / "operations.parquet", **columns), inferences, folder)


def test_records_and_rows(tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]) -> None:
    """Failed requests are records without rows; the others have a row each here."""
    inferences = parquet("i", model_of(FEATURES), {"delay": [1.0] * 5})

    found = serving(
        tmp_path,
        inferences,
        model_version=["1", "1", "1", "2", "2", "2", "2", None],
        sampling_percent=[10.0] * 4 + [33.5] * 4,
    )

    assert found == (
        Served(setting=Setting.MODEL_VERSION, value="2", records=4, rows=2),
        Served(setting=Setting.MODEL_VERSION, value="1", records=3, rows=3),
        Served(setting=Setting.SAMPLING_PERCENT, value="10", records=4, rows=4),
        Served(setting=Setting.SAMPLING_PERCENT, value="33.5", records=4, rows=1),
    )


def test_an_attempt_that_failed_is_not_what_answered(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    """The same id again: version 2 failed, version 1 answered."""
    inferences = parquet("i", model_of(FEATURES), {"delay": [1.0] * 2})

    found = serving(
        tmp_path,
        inferences,
        event_id=["event-0", "event-0", "event-1"],
        status=["failed", "succeeded", "succeeded"],
        model_version=["2", "1", "1"],
    )

    assert [(one.value, one.records, one.rows) for one in found] == [("1", 2, 2), ("2", 1, 0)]


def test_one_version_for_all(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    inferences = parquet("i", model_of(FEATURES), {"delay": [1.0] * 5})

    found = serving(tmp_path, inferences, model_version=["1"] * 6, variant=["A"] * 5 + [None])

    assert found == (
        Served(setting=Setting.MODEL_VERSION, value="1", records=6, rows=5),
        Served(setting=Setting.VARIANT, value="A", records=5, rows=5),
    )


def test_features_may_have_any_name(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    features = {"value": "category", "variant": "category", "model_version": "category", "records": "number"}
    inferences = parquet("i", model_of(features), {name: ["9"] * 3 for name in features})

    found = serving(tmp_path, inferences, model_version=["1", "2", "2"])

    assert [(one.value, one.records, one.rows) for one in found] == [("2", 2, 2), ("1", 1, 1)]


def test_a_source_that_says_nothing(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    inferences = parquet("i", model_of(FEATURES), {"delay": [1.0]})

    assert serving(tmp_path, inferences, latency_ms=[1.0], variant=[""]) == ()


def test_whatever_stands_there_fits_the_warehouse(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    inferences = parquet("i", model_of(FEATURES), {"delay": [1.0] * 3})
    long = "v" * 500

    found = serving(tmp_path, inferences, model_version=[long + "1", long + "2", "a\x00b\u202e\n'\u00e9"])

    assert [(one.value, one.records) for one in found] == [("v" * 120, 2), ("a?b??'\u00e9", 1)]


def test_endless_values_are_bounded(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> None:
    inferences = parquet("i", model_of(FEATURES), {"delay": [1.0]})

    found = serving(tmp_path, inferences, variant=[f"v{n:03}" for n in range(200)] + ["v199"])

    assert len(found) == MOST_VALUES
    assert (found[0].value, found[1].value) == ("v199", "v000")
