"""What an edited suite may contain: nothing in it reads or writes a file, or runs for long."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError
from daywatch.validation.accepted import ACCEPTED
from daywatch.validation.gx import load_great_expectations
from daywatch.validation.run_suite import validate_rows
from daywatch.validation.suite import read_suite

QUERY = "unexpected_rows_expectation"


def query(sql: str) -> dict[str, Any]:
    return {"type": QUERY, "kwargs": {"unexpected_rows_query": sql}, "severity": "warning"}


def read(folder: Path, *expectations: dict[str, Any]) -> dict[str, Any]:
    path = folder / "flights.json"
    path.write_text(json.dumps({"name": "flights", "expectations": expectations}, indent=1))
    return read_suite(path)


def test_all_but_two_of_great_expectations_are_accepted() -> None:
    """A new release that adds or drops one is looked at before a suite may have it."""
    load_great_expectations()
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    known = set(list_registered_expectation_implementations())

    assert known - ACCEPTED == {
        "expect_query_results_to_match_comparison",
        "expect_table_row_count_to_equal_other_table",
    }
    assert known >= ACCEPTED


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("COPY (SELECT 1) TO '/tmp/evil.py'", "expected {batch} exactly once"),
        ("COPY (SELECT * FROM {batch}) TO '/tmp/evil.py'", "Only SELECT statements"),
        ("SELECT * FROM {batch}; ATTACH '/tmp/a.db'", "not an SQL query"),
        ("SELECT * FROM {batch}; SELECT 1", "expected one SELECT"),
        ("SELECT * FROM read_text('/etc/passwd') -- {batch}", "expected one SELECT"),
        ("SELECT * FROM daywatch_batch -- {batch}", "expected {batch} exactly once"),
        ("SELECT * FROM {batch} -- {batch}\n; SELECT 1", "expected {batch} exactly once"),
        ("SELECT * FROM {batch.__class__}", "expected {batch} exactly once"),
        ("SELECT * FROM {batch!r}", "expected {batch} exactly once"),
        ("SELECT * FROM {batch} WHERE note ~ 'a{3}'", "expected {batch} exactly once"),
        ("SELECT * FROM {batch} WHERE note = '{'", "expected {batch} exactly once"),
        ("SELECT * FROM {batch}, '/etc/passwd'", "expected one SELECT"),
        ("SELECT * FROM {batch} JOIN known_answers_0 ON true", "expected one SELECT"),
        ("WITH a AS (SELECT 1) SELECT * FROM {batch}", "WHERE, GROUP BY and HAVING are allowed"),
        ("SELECT * FROM {batch} ORDER BY delay", "WHERE, GROUP BY and HAVING are allowed"),
        ("SELECT * FROM {batch} WHERE delay IN (SELECT 1)", "subquery is not allowed"),
        ("SELECT * FROM {batch} WHERE getenv('HOME') = ''", "the function 'getenv' is not allowed"),
        ("SELECT count(*) FILTER (WHERE delay > 1) FROM {batch}", "an aggregate takes no FILTER"),
        ("SELECT * FROM {batch} WHERE " + "NOT " * 600 + "true", "nested too deeply"),
        ("SELECT * FROM {batch} WHERE true " + "OR true " * 600, "at most 4000 characters"),
    ],
)
def test_sql_that_is_refused(tmp_path: Path, sql: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, query(sql))

    (problem,) = caught.value.problems
    assert problem.where == "expectations[0]"
    assert problem.message.startswith("unexpected_rows_query: ")
    assert says in problem.message


@pytest.mark.parametrize(
    ("expectation", "says"),
    [
        ({"type": "expect_table_row_count_to_equal_other_table", "kwargs": {}}, "is not among"),
        (
            {"type": "expect_table_row_count_to_equal", "kwargs": {"value": {"$PARAMETER": "now()"}}},
            "$PARAMETER is not accepted",
        ),
        (query({"$PARAMETER": "x"}), "$PARAMETER is not accepted"),  # type: ignore[arg-type]
    ],
)
def test_expectations_that_are_refused(tmp_path: Path, expectation: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, expectation)

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"expectations": [],\n "notes": "Größe"}'.encode("latin-1"), ":2: this is not UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, ": this is nested more than 30 levels deep"),
        (b'{"expectations": ' + b"[" * 40 + b"]" * 40 + b"}", ": this is nested more than 30 levels deep"),
        (b'{"expectations": [], "notes": 1e999}', ": a number is too large"),
        (b'{"expectations": [], "notes": "\\ud800"}', ": a text has half of a surrogate pair"),
        (b'{"expectations": [], "notes": ' + b"1" * 5000 + b"}", "5000 digits"),
        (b"\xef\xbb\xbf{}", "this is not JSON: Unexpected UTF-8 BOM"),
    ],
)
def test_files_that_are_no_suite(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "flights.json"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError) as caught:
        read_suite(path)

    assert says in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_queries_find_rows(write: Callable[..., Path], model: MonitoredModel, tmp_path: Path) -> None:
    suite = read(
        tmp_path,
        query("SELECT * FROM {batch} WHERE hour > 22 AND night = false"),
        query("SELECT * FROM {batch} WHERE hour > 24;"),
        query("SELECT prediction, count(*) FROM {batch} GROUP BY prediction HAVING avg(hour) < 100"),
        query("SELECT nothing FROM {batch}"),
    )

    run = validate_rows(write(), suite, model, tmp_path)

    assert [one.success for one in run.results] == [False, True, False, None]
    assert [one.observed for one in run.results][:3] == ["41", "0", "2"]
    assert "nothing" in run.results[3].note


def test_the_engine_itself_gives_nothing_away(
    write: Callable[..., Path], model: MonitoredModel, tmp_path: Path
) -> None:
    """What holds if the list of what is accepted had a gap: nothing is written, read or changed."""
    secret, evil = tmp_path / "secret.txt", tmp_path / "evil.py"
    secret.write_text("a password")
    hostile = [
        query(f"COPY (SELECT 1) TO '{evil}'"),
        query(f"SELECT * FROM read_text('{secret}')"),
        query(f"SELECT * FROM '{secret}'"),
        query(f"ATTACH '{tmp_path}/a.db'"),
        query("SET lock_configuration = false"),
        query("SET enable_external_access = true"),
        query("SET allowed_paths = ['/']"),
        query("SELECT * FROM model"),
    ]

    run = validate_rows(write(), {"name": "x", "expectations": hostile}, model, tmp_path)

    assert [one.success for one in run.results] == [None] * len(hostile)
    assert "a password" not in run.gx_json
    assert {path.name for path in tmp_path.iterdir()} <= {"secret.txt", "it's.parquet", "spill"}
