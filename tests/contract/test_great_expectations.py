"""What Daywatch relies on in Great Expectations: its suite JSON, its severities, its counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.profiles.profile import profile_rows
from daywatch.results import Severity
from daywatch.validation.gx import batch_of, configured, load_great_expectations, open_source, validate_batch
from daywatch.validation.run_suite import SuiteRun, validate_rows
from daywatch.validation.suggest import suggest_suite
from flights_model import flights_model

load_great_expectations()

ROWS = 600


def model() -> MonitoredModel:
    return flights_model(
        {"delay": "number", "hour": "integer", "carrier": "category", "night": "boolean", "note": "text"}
    )


def frame(seed: int, shift: float) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "delay": random.normal(shift, 20, ROWS),
            "hour": random.integers(0, 24, ROWS),
            "carrier": random.choice(["AA", "B6", "UA", "ZZ"][: 3 + bool(shift)], ROWS),
            "night": random.random(ROWS) < 0.3,
            "note": [f"note {at}" for at in range(ROWS)],
            "prediction": random.choice(["0", "1", "2"][: 2 + bool(shift)], ROWS),
            "probability": random.random(ROWS) * (1.2 if shift else 1.0),
        }
    )
    rows.loc[:: 3 if shift else 30, ["delay", "carrier", "note"]] = None
    return rows


def written(rows: pd.DataFrame, folder: Path) -> Path:
    pq.write_table(
        pa.Table.from_pandas(rows, preserve_index=False), folder / f"{len(list(folder.iterdir()))}.parquet"
    )
    return sorted(folder.iterdir())[-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows")


@pytest.fixture(scope="module")
def suite(folder: Path) -> dict[str, Any]:
    return suggest_suite(profile_rows(written(frame(1, 0), folder), model()), model(), {"2013-01-22": 250})


@pytest.fixture(scope="module")
def drifted(suite: dict[str, Any], folder: Path) -> SuiteRun:
    return validate_rows(written(frame(2, 90), folder), suite, model(), folder)


def test_suites_pass_through_great_expectations_unchanged(suite: dict[str, Any]) -> None:
    from great_expectations import ExpectationSuite

    through = ExpectationSuite(**json.loads(json.dumps(suite))).to_json_dict()
    assert json.loads(json.dumps(through)) == json.loads(json.dumps(suite))


def test_severities_have_the_same_names() -> None:
    from great_expectations.expectations.metadata_types import FailureSeverity

    assert {severity.value for severity in FailureSeverity} == {severity.value for severity in Severity}


def test_validation_result_is_great_expectations_own(drifted: SuiteRun, suite: dict[str, Any]) -> None:
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema

    content = json.loads(drifted.gx_json, parse_constant=pytest.fail)
    assert content["statistics"]["evaluated_expectations"] == len(suite["expectations"])
    loaded = expectationSuiteValidationResultSchema.load(content)
    assert [result["success"] for result in loaded["results"]] == [r.success for r in drifted.results]


ITS_OWN = {"expect_column_values_to_include_set": "expect_column_distinct_values_to_contain_set"}
"""Expectations of ours, and Great Expectations' that say the same."""


def by_pandas(rows: pd.DataFrame, suite: dict[str, Any]) -> dict[str, Any]:
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas("p")
        .add_dataframe_asset("a")
        .add_batch_definition_whole_dataframe("b")
        .get_batch({"dataframe": rows})
    )
    comparable = [{**e, "type": ITS_OWN.get(e["type"], e["type"])} for e in suite["expectations"]]
    expectations = gx.ExpectationSuite(name="s", expectations=comparable)
    found = batch.validate(expectations, result_format="BASIC").to_json_dict()["results"]
    return {result["expectation_config"]["id"]: result for result in found}


def test_duckdb_and_pandas_agree(
    drifted: SuiteRun,
    suite: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = by_pandas(frame(2, 90), suite)
    failed = set()
    for expectation, result in zip(suite["expectations"], drifted.results, strict=True):
        other = expected[expectation["id"]]
        assert result.success is other["success"], expectation
        for name in ("element_count", "unexpected_count", "unexpected_percent"):
            assert getattr(result, name) == pytest.approx(other["result"].get(name)), expectation
        failed |= {expectation["type"]} - ({expectation["type"]} if result.success else set())
    assert failed == {
        "expect_table_row_count_to_be_between",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
    }


UNLIKE_DUCKDB = {
    "closes a result with its connection": {
        "type": "expect_column_values_to_not_be_null",
        "kwargs": {"column": "word"},
    },
    "does not find the types": {
        "type": "expect_column_values_to_be_of_type",
        "kwargs": {"column": "word", "type_": "VARCHAR"},
    },
    "has no regular expressions": {
        "type": "expect_column_values_to_match_regex",
        "kwargs": {"column": "word", "regex": "^a"},
    },
}


@pytest.mark.parametrize("expectation", UNLIKE_DUCKDB.values(), ids=UNLIKE_DUCKDB)
def test_the_generic_source_cannot_do_what_ours_does(expectation: dict[str, Any]) -> None:
    """Where it can, ``duckdb_source.py`` may lose the part of that name."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    generic = context.data_sources.add_sql("generic", connection_string="duckdb:///:memory:contract")
    with open_source() as ours:
        found = []
        for source in (generic, ours):
            with source.get_engine().connect() as connection:
                connection.exec_driver_sql("CREATE OR REPLACE TABLE words AS SELECT 'a' AS word")
                connection.commit()
                (result,) = validate_batch(batch_of(source, "words"), [configured(expectation, 0)])
            found.append(result["success"])
        assert found == [False, True]
