"""Suites on real Parquet through the real Great Expectations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import InfrastructureError
from daywatch.results import ExpectationResult
from daywatch.validation.run_suite import SuiteRun, validate_rows
from daywatch.validation.suite import write_suite

from .conftest import WEIRD

Write = Callable[..., Path]


def of(kind: str, severity: str = "warning", **kwargs: Any) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs, "severity": severity}


def unexpected(suite_run: SuiteRun) -> list[tuple[str, str, bool | None]]:
    return [(r.expectation, r.column, r.success) for r in suite_run.results if r.success is not True]


def result(suite_run: SuiteRun, kind: str, column: str = "") -> ExpectationResult:
    return next(r for r in suite_run.results if (r.expectation, r.column) == (kind, column))


def test_the_suggested_suite_holds_on_its_own_baseline(
    write: Write, suite: dict[str, Any], model: MonitoredModel, tmp_path: Path
) -> None:
    suite_run = validate_rows(write(), suite, model, tmp_path)
    assert unexpected(suite_run) == []
    assert [r.expectation for r in suite_run.results] == [e["type"] for e in suite["expectations"]]
    assert [r.severity.value for r in suite_run.results] == [e["severity"] for e in suite["expectations"]]
    delay = result(suite_run, "expect_column_values_to_not_be_null", "delay")
    assert (delay.element_count, delay.unexpected_count, delay.unexpected_percent) == (1000, 50, 5.0)
    assert delay.observed == "50 of 1000 unexpected"


def test_same_rows_give_the_same_bytes(
    write: Write, suite: dict[str, Any], model: MonitoredModel, tmp_path: Path
) -> None:
    path = write()
    first = validate_rows(path, suite, model, tmp_path / "a")
    assert validate_rows(path, suite, model, tmp_path / "b") == first
    assert str(tmp_path) not in first.gx_json


def test_no_rows(write: Write, suite: dict[str, Any], model: MonitoredModel, tmp_path: Path) -> None:
    suite_run = validate_rows(write(rows=0), suite, model, tmp_path)
    assert unexpected(suite_run) == [
        ("expect_table_row_count_to_be_between", "", False),
        ("expect_column_values_to_include_set", "prediction", None),
    ]
    json.loads(suite_run.gx_json)


def test_no_expectations(write: Write, model: MonitoredModel, tmp_path: Path) -> None:
    suite_run = validate_rows(write(), {"name": "m", "expectations": []}, model, tmp_path)
    assert suite_run.results == ()
    assert json.loads(suite_run.gx_json)["success"] is True


def test_a_missing_column(write: Write, suite: dict[str, Any], model: MonitoredModel, tmp_path: Path) -> None:
    asked = [
        of("expect_column_to_exist", column="hour"),
        of("expect_column_values_to_be_of_type", column="hour", type_="BIGINT"),
    ]
    suite = {**suite, "expectations": [*asked, *suite["expectations"]]}
    suite_run = validate_rows(write(drop=("hour", WEIRD)), suite, model, tmp_path)
    about = {(r.expectation, r.success) for r in suite_run.results if r.column in ("hour", WEIRD)}
    assert about == {
        ("expect_column_to_exist", False),
        ("expect_column_values_to_be_of_type", None),
        ("expect_column_values_to_not_be_null", None),
        ("expect_column_values_to_be_between", None),
        ("expect_column_values_to_be_in_set", None),
    }
    note = result(suite_run, "expect_column_values_to_be_in_set", WEIRD).note
    assert note == f"The rows have no column {json.dumps(WEIRD)}."
    assert {r.success for r in suite_run.results if r.column not in ("hour", WEIRD)} == {True}


def test_changed_rows_fail_what_they_break(
    write: Write, suite: dict[str, Any], model: MonitoredModel, tmp_path: Path
) -> None:
    changed = {
        "delay": pa.array([1e9] * 1000),
        "hour": pa.array(["noon"] * 1000),
        WEIRD: pa.array(["ZZ\n<script>" + "z" * 500] * 1000),
        "prediction": pa.array(["2"] * 1000),
        "probability": pa.array([1.5] * 1000),
        "note": pa.array([None] * 1000, pa.string()),
    }
    asked = of("expect_column_values_to_be_of_type", column="hour", type_="BIGINT")
    suite = {**suite, "expectations": [asked, *suite["expectations"]]}
    suite_run = validate_rows(write(**changed), suite, model, tmp_path)
    assert unexpected(suite_run) == [
        ("expect_column_values_to_be_of_type", "hour", False),
        ("expect_column_values_to_be_between", "delay", False),
        ("expect_column_values_to_be_between", "hour", None),
        ("expect_column_values_to_be_in_set", WEIRD, False),
        ("expect_column_values_to_not_be_null", "note", False),
        ("expect_column_values_to_be_in_set", "prediction", False),
        ("expect_column_values_to_be_between", "probability", False),
        ("expect_column_values_to_include_set", "prediction", False),
    ]
    gone = result(suite_run, "expect_column_values_to_include_set", "prediction")
    assert gone.observed == "2 missing, such as 0, 1"
    domain = result(suite_run, "expect_column_values_to_be_in_set", WEIRD)
    assert domain.observed.startswith('1000 of 1000 unexpected, such as "ZZ\\n<script>')
    assert len(domain.observed) <= 200
    assert "z" * 201 not in suite_run.gx_json


@pytest.mark.parametrize(
    "bad",
    [
        of("expect_column_values_to_be_in_set", column="delay", value_set=["not a number"]),
        of("expect_column_values_to_match_regex", column="delay", regex="^a"),
        of("expect_column_values_to_match_regex", column="note", regex="((("),
        of("expect_column_mean_to_be_between", column="note", min_value=0, max_value=1),
        of("expect_column_values_to_be_between", column="hour", min_value=0, mostly=7),
        of("expect_nothing_that_exists", column="hour"),
        of("expect_column_values_to_be_between", column="hour", min_value="x"),
    ],
    ids=lambda bad: bad["type"],
)
def test_one_that_cannot_be_evaluated_leaves_the_others_alone(
    bad: dict[str, Any], write: Write, suite: dict[str, Any], model: MonitoredModel, tmp_path: Path
) -> None:
    mixed = {**suite, "expectations": [bad, *suite["expectations"]]}
    first, *others = validate_rows(write(), mixed, model, tmp_path).results
    assert first.success is None
    assert first.note
    assert "\n" not in first.note
    assert {other.success for other in others} == {True}


def test_a_column_that_should_not_be_missing_beside_one_that_cannot_be_evaluated(
    write: Write, model: MonitoredModel, tmp_path: Path
) -> None:
    mixed = {"expectations": [of("expect_nothing"), of("expect_column_to_exist", column="gone")]}
    assert [r.success for r in validate_rows(write(), mixed, model, tmp_path).results] == [None, False]


def test_not_a_number_and_infinity_are_out_of_range(
    write: Write, model: MonitoredModel, tmp_path: Path
) -> None:
    rows = pa.array([1.0, float("nan"), float("inf"), float("-inf"), None], pa.float64(), from_pandas=False)
    between = {
        "expectations": [of("expect_column_values_to_be_between", column="delay", min_value=0, max_value=9)]
    }
    path = write(rows=5, delay=rows)
    suite_run = validate_rows(path, between, model, tmp_path)
    assert suite_run.results[0].observed == "3 of 5 unexpected, such as NaN, Infinity, -Infinity"
    found = json.loads(suite_run.gx_json, parse_constant=pytest.fail)["results"][0]["result"]
    assert found["partial_unexpected_list"] == ["NaN", "Infinity", "-Infinity"]


def test_regular_expressions_search(write: Write, model: MonitoredModel, tmp_path: Path) -> None:
    regexes = {
        "expectations": [
            of("expect_column_values_to_match_regex", column="note", regex="^note [0-9]+$"),
            of("expect_column_values_to_match_regex", column="note", regex="[0-9]"),
            of("expect_column_values_to_not_match_regex", column="note", regex="^note"),
        ]
    }
    assert [r.success for r in validate_rows(write(), regexes, model, tmp_path).results] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "name", ["per%s", ":bind", "a.b", "q?", "$1", 'q"', "it's", "ünï", "sum(x)", "select", "*"]
)
def test_any_name_is_only_a_name(name: str, write: Write, model: MonitoredModel, tmp_path: Path) -> None:
    expectations = [
        of("expect_column_to_exist", column=name),
        of("expect_column_values_to_be_of_type", column=name, type_="VARCHAR"),
        of("expect_column_values_to_not_be_null", column=name),
        of("expect_column_values_to_be_in_set", column=name, value_set=["a'; DROP", "%s", "?"]),
    ]
    path = write(rows=3, **{name: pa.array(["a'; DROP", "%s", "?"])})
    results = validate_rows(path, {"expectations": expectations}, model, tmp_path).results
    assert [r.success for r in results] == [True] * 4


def test_a_file_that_cannot_be_read_is_an_exception(
    write: Write, suite: dict[str, Any], model: MonitoredModel, tmp_path: Path
) -> None:
    path = write()
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = b"\xff" * (len(content) // 2 - 4)
    path.write_bytes(content)
    for broken in (path, tmp_path / "none.parquet"):
        with pytest.raises(InfrastructureError, match=rf"{broken.name} cannot be read as Parquet: "):
            validate_rows(broken, suite, model, tmp_path)


def test_nothing_is_said_sent_or_written_elsewhere(
    write: Write, suite: dict[str, Any], tmp_path: Path
) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    home.mkdir()
    scratch.mkdir()
    bad = [
        of("expect_column_values_to_be_in_set", column="delay", value_set=["not a number"]),
        of("expect_column_mean_to_be_between", column="note", min_value=0, max_value=1),
    ]
    write_suite(tmp_path / "suite.json", {**suite, "expectations": [*suite["expectations"], *bad]})
    code = f"""
import json, socket, sys
from pathlib import Path
def forbid(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "os.mkdir"):
        raise AssertionError(event)
sys.addaudithook(forbid)
from daywatch.validation.run_suite import validate_rows
suite = json.loads(Path({str(tmp_path / "suite.json")!r}).read_text())
found = validate_rows(Path({str(write())!r}), suite, None, Path({str(scratch)!r}))
print(sum(r.success is None for r in found.results), file=sys.stdout, flush=True)
sys.stderr.flush()
import os
os._exit(0)
"""
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=home, env=environment, check=True
    )
    assert (ran.stdout, ran.stderr) == ("2\n", "")
    assert list(home.rglob("*")) == []
    assert list(scratch.rglob("*")) == []
