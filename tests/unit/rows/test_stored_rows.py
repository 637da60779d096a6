"""Stored inferences of several days: what a question may name, what it finds, and in which form."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet
import pytest
from command import run_command
from daywatch.config.deployment.deployment import Deployment
from daywatch.errors import SetupError
from daywatch.results import State
from daywatch.rows.forms import as_csv, as_json, as_parquet
from daywatch.rows.question import Question
from daywatch.rows.stored_rows import StoredRows, stored_rows
from daywatch.warehouse.migrate import upgrade
from daywatch.window import Window
from judgements import Judged, store
from models import NAME, local_deployment, model, write_model
from stored_inferences import write_rows

DAYS = ("2024-03-03", "2024-03-04")
SPAN = Window.between(*DAYS)
FORMULA = '=HYPERLINK("http://x","y")'


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    stored = local_deployment(tmp_path_factory.mktemp("rows"))
    write_model(stored.models)
    upgrade(stored.warehouse_url)
    for day in DAYS:
        first, judged = (Judged(day, State.GREEN, model=NAME, edition=edition) for edition in ("", "late"))
        store(stored, first, judged)  # the newest revision counts; the files of the first are not there
        write_rows(stored, judged, 50, FORMULA)
    return stored


def _ask(deployment: Deployment, where: str = "", order: str = "inference_time", **rest: Any) -> StoredRows:
    return stored_rows(model(**rest), SPAN, Question(where, order), deployment)


def _values(found: StoredRows, *names: str) -> list[tuple[Any, ...]]:
    places = [found.columns.index(name) for name in names]
    return [tuple(row[place] for place in places) for row in found.rows]


def test_the_slowest_of_a_span_are_found_counted_and_sorted(deployment: Deployment) -> None:
    found = stored_rows(model(), SPAN, Question("latency_ms >= 3000", "latency_ms desc", 3, 1), deployment)

    assert (found.matching, found.windows) == (40, DAYS)
    assert _values(found, "event_id", "latency_ms", "inference_time") == [
        ("e49", 4900.0, "2024-03-04T10:00:49.000000Z"),
        ("e48", 4800.0, "2024-03-03T10:00:48.000000Z"),
        ("e48", 4800.0, "2024-03-04T10:00:48.000000Z"),
    ]
    assert found.columns == (
        *("inference_time", "event_id", "inference_id", "prediction", "probability", "label", "status"),
        *("latency_ms", "request_bytes", "response_bytes", "model_version", "variant"),
        *("amount", "items", "member", "country"),
    )


@pytest.mark.parametrize(
    ("where", "number"),
    [
        ("", 100),
        ("prediction <> label", 20),
        ("prediction <> label and amount > 40", 2),
        ("start_at < '2024-03-03 10:00:10Z'", 10),
        ("country LIKE 'DE1%' AND member", 10),
        ("model_version IS NOT NULL", 0),
    ],
)
def test_expressions_select(deployment: Deployment, where: str, number: int) -> None:
    found = _ask(deployment, where, "start_at")

    assert (found.matching, len(found.rows)) == (number, min(number, 20))
    assert [time for (time,) in _values(found, "inference_time")] == sorted(
        time for (time,) in _values(found, "inference_time")
    )


@pytest.mark.parametrize(
    ("where", "order", "message"),
    [
        ("attributes IS NULL", "amount", "where: there is no column 'attributes' here; columns: "),
        ("_source = 'key'", "amount", "where: there is no column '_source' here"),
        ("read_text('/etc/passwd') = ''", "amount", "where: the function 'read_text' is not allowed"),
        ("1 = 1) OR (SELECT 1 FROM stored) = (1", "amount", "where: "),
        ("amount", "amount", "where: expected a condition, true or false"),
        ("CAST(country AS INTEGER) = 1", "amount", "where: DuckDB cannot compare a row with this: "),
        ("amount > 1" + " " * 2000, "amount", "where: expected at most 2,000 characters"),
        ("", "amuont", "received 'amuont', did you mean 'amount'"),
        ("", "amount; DROP VIEW stored", "order: expected the name of a column"),
        ("", "_source", "order: expected the name of a column"),
    ],
)
def test_only_listed_columns_and_operators_reach_the_rows(
    deployment: Deployment, where: str, order: str, message: str
) -> None:
    with pytest.raises(ValueError, match="^(where|order): ") as raised:
        _ask(deployment, where, order)

    assert message in str(raised.value)


def test_what_the_yaml_redacts_today_is_redacted_of_earlier_days(deployment: Deployment) -> None:
    truncated = _ask(deployment, redaction={"truncate": {"country": 2}, "drop": ["items"]})
    hashed = _ask(deployment, redaction={"hash": ["country"], "key": "shop_key"})

    assert set(_values(truncated, "country")) == {("DE",), ("=H",)}
    assert "items" not in truncated.columns
    assert set(_values(hashed, "country")) == {("(redacted)",)}
    assert _ask(deployment, "country = 'DE7'", redaction={"truncate": {"country": 2}}).matching == 0
    with pytest.raises(ValueError, match="there is no column 'items'"):
        _ask(deployment, "items = 1", redaction={"drop": ["items"]})


def test_csv_runs_no_formula_and_json_is_json(deployment: Deployment) -> None:
    found = _ask(deployment, "amount = 3")

    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [row["country"] for row in rows] == [f"'{FORMULA}"] * 2
    assert rows[0]["amount"] == "3.0"
    read = json.loads(as_json(found))
    assert [row["country"] for row in read] == [FORMULA] * 2
    assert (read[0]["member"], read[0]["variant"]) == (False, None)
    odd = StoredRows(
        ("@sum", "x"), ("VARCHAR", "DOUBLE"), (("-1", -1.0), ("\tx", float("nan"))), 2, (), (), ""
    )
    assert as_csv(odd) == "'@sum,x\n'-1,-1.0\n'\tx,nan\n"
    assert json.loads(as_json(odd))[1]["x"] == "nan"


def test_parquet_has_the_types_of_the_artifacts(deployment: Deployment) -> None:
    found = _ask(deployment, "amount = 3")

    table = pyarrow.parquet.read_table(io.BytesIO(as_parquet(found)))
    types = {
        name: str(table.schema.field(name).type) for name in ("inference_time", "amount", "items", "member")
    }
    assert types == {
        "inference_time": "timestamp[us, tz=UTC]",
        "amount": "double",
        "items": "int64",
        "member": "bool",
    }
    assert table["inference_time"].to_pylist() == [
        datetime(2024, 3, day, 10, 0, 3, tzinfo=UTC) for day in (3, 4)
    ]
    assert table["country"].to_pylist() == [FORMULA] * 2
    assert table.column_names == list(found.columns)


def test_predictions_are_counted_by_class_over_all_that_match(deployment: Deployment) -> None:
    found = stored_rows(model(), SPAN, Question("amount > 40", limit=1), deployment)

    assert (found.matching, found.predictions) == (18, (("1", 18),))
    regression = {"task": "regression", "response": ["prediction"]}
    assert _ask(deployment, output=regression).predictions == ()


@pytest.mark.parametrize(
    "redaction", [{"truncate": {"country": 2}}, {"hash": ["country"], "key": "shop_key"}, {}]
)
def test_the_sql_answers_the_same_question_where_the_artifacts_are(
    deployment: Deployment, redaction: dict[str, Any]
) -> None:
    where = "latency_ms >= 3000 and country LIKE '(r%' or amount < 5"

    found = _ask(deployment, where, "latency_ms desc", redaction=redaction)

    with duckdb.connect() as connection:
        shown = connection.execute(found.sql)
        assert shown.fetchall() == list(found.rows)
        assert tuple(name for name, *_ in connection.description or ()) == found.columns
    assert len(found.rows) >= 10


def test_days_without_rows_are_said(deployment: Deployment) -> None:
    with pytest.raises(SetupError, match="No window of 'shop' within 2024-03-05 was judged"):
        stored_rows(model(), Window.of_day("2024-03-05"), Question(), deployment)
    with pytest.raises(ValueError, match="Expected at most 92 days"):
        stored_rows(model(), Window.between("2024-03-03", "2024-06-03"), Question(), deployment)


def test_rows_that_are_gone_are_never_left_out(tmp_path: Path) -> None:
    stored = local_deployment(tmp_path)
    upgrade(stored.warehouse_url)
    store(stored, Judged(DAYS[0], State.GREEN, model=NAME))

    with pytest.raises(SetupError, match=r"inferences\.parquet is no longer stored: choose other days"):
        stored_rows(model(), SPAN, Question(), stored)


def test_the_command_prints_the_rows(deployment: Deployment) -> None:
    environment = {
        **os.environ,
        "DAYWATCH_DATA_URI": deployment.data_uri,
        "DAYWATCH_ARTIFACTS_URI": deployment.artifacts_uri,
        "DAYWATCH_MODELS": str(deployment.models),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(
            {"conn_type": "sqlite", "host": deployment.warehouse_url.removeprefix("sqlite:///")}
        ),
    }
    asked = ("rows", "--model", NAME, "--from", DAYS[0], "--to", DAYS[1], "--order", "start_at")

    found = run_command(
        *asked, "--where", "latency_ms >= 3000", "--limit", "2", "--format", "csv", environment=environment
    )
    refused = run_command(*asked, "--where", "secret = 1", environment=environment)

    assert found.returncode == 0, found.stderr
    assert [row["event_id"] for row in csv.DictReader(io.StringIO(found.stdout))] == ["e30", "e31"]
    assert "2 of 40 matching rows shown" in found.stderr
    assert refused.returncode == 2
    assert "there is no column 'secret' here" in " ".join(refused.stderr.replace("│", " ").split())

    table = run_command(*asked, "--where", "latency_ms >= 3000", "--limit", "2", environment=environment)
    head, *rows = [line.split() for line in table.stdout.splitlines()]
    assert "…" not in table.stdout
    assert ("2024-03-03T10:00:30.000000Z" in rows[0], len(rows)) == (True, 2)
    assert {"event_id", "latency_ms"} <= set(head)
    nothing = run_command(*asked, "--where", "latency_ms < 0", environment=environment)
    assert nothing.stdout.split()[0] == "inference_time"
