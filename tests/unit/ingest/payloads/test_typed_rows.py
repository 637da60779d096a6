"""The rows of a table as typed rows: values, misfits, reasons and excerpts, without an export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import models
import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.ingest.payloads.split_rows import ABOUT
from daywatch.ingest.payloads.typed_rows import checked_columns, excerpt, rows_query, value_column
from daywatch.ingest.reading.quarantine import Reason

SHOP = {0: "DOUBLE", 1: "VARCHAR", 2: "BOOLEAN", 3: "INTEGER", 4: "INTEGER", 5: "DOUBLE"}
"""The types of the columns of the small model: amount, items, member, country, prediction, probability."""


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def typed(
    connection: duckdb.DuckDBPyConnection, model: MonitoredModel, types: dict[int, str], *rows: str
) -> list[dict[str, Any]]:
    """Return the typed rows of a table whose columns have these types by their number.

    Args:
        connection: Runs the query.
        model: The model's configuration.
        types: DuckDB type by number, of features and then answers; others are not in the table.
        rows: SQL for the values of each row.
    """
    captured = {f"captured_{number}": kind for number, kind in types.items()}
    about = ", ".join(f"NULL::VARCHAR AS {name}" for name in ABOUT.split(", ") if name != "is_answered")
    connection.execute(
        f"CREATE OR REPLACE TABLE given ({', '.join(f'{n} {t}' for n, t in captured.items())})"
    )
    connection.execute(f"INSERT INTO given VALUES {', '.join(rows)}")
    found = connection.execute(f"""
        WITH window_records AS (
            SELECT {about}, true AS is_answered, NULL AS part_reason, NULL AS part_detail, * FROM given
        ), {rows_query(model, captured)}
        SELECT *, {excerpt(model, captured)} AS text FROM judged
    """)
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_values_of_a_table_are_typed_and_misfits_are_quarantined(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    model = models.model()

    good, bad, none, missing = typed(
        connection,
        model,
        SHOP,
        "(1.5, '2', true, 49, 1, 0.9)",
        "(1.5, '2.5', true, 49, 1, 0.9)",
        "(1.5, '2', true, 49, NULL, 0.9)",
        "('NaN', '', NULL, NULL, 0, NULL)",
    )

    names = ["amount", "items", "member", "country"]
    assert [good[value_column(model, name)] for name in names] == [1.5, 2, True, "49"]
    assert (good["answer_prediction"], good["answer_probability"]) == ("1", 0.9)
    assert (good["reason"], good["detail"], good["misfits"], good["is_whole"]) == (None, None, None, False)
    assert (good["rows_in_record"], good["row_in_record"]) == (1, 1)
    assert (bad["reason"], bad["misfits"]) == (Reason.NOT_A_NUMBER, [1])
    assert bad["detail"] == "items: expected a whole number of 64 bits, but received 2.5"
    assert bad["text"] == (
        "amount: 1.5, items: 2.5, member: true, country: 49, prediction: 1, probability: 0.9"
    )
    assert (none["reason"], none["detail"]) == (Reason.NO_PREDICTION, "the response has no prediction")
    assert [missing[value_column(model, name)] for name in names] == [None] * 4
    assert (missing["reason"], missing["answer_prediction"], missing["answer_probability"]) == (
        None,
        "0",
        None,
    )
    assert checked_columns(model) == ["amount", "items", "member", "probability"]


def test_a_column_that_the_table_does_not_have_is_missing(connection: duckdb.DuckDBPyConnection) -> None:
    model = models.model()

    (row,) = typed(connection, model, {1: "VARCHAR", 4: "INTEGER"}, "('x', 1)")

    assert [row[value_column(model, name)] for name in ("amount", "member", "country")] == [None] * 3
    assert (row["reason"], row["text"]) == (Reason.NOT_A_NUMBER, "items: x, prediction: 1")
    (row,) = typed(connection, model, {0: "DOUBLE"}, "(1)")
    assert row["reason"] == Reason.NO_PREDICTION


def test_bad_values_that_count_as_missing_keep_their_row(connection: duckdb.DuckDBPyConnection) -> None:
    features = [
        {**one, "on_bad_value": "missing"} if one["name"] == "items" else one
        for one in models.YAML["features"]
    ]
    model = models.model(features=features)
    types = {**SHOP, 0: "VARCHAR"}

    kept, lost = typed(
        connection, model, types, "('1', '2.5', true, 49, 1, 0.9)", "('x', '2.5', true, 49, 1, 0.9)"
    )
    for kind in ("DOUBLE", "DECIMAL(4, 1)", "FLOAT"):
        (row,) = typed(connection, model, {**SHOP, 1: kind}, "(1, 2.5, true, 49, 1, 0.9)")
        assert (row["reason"], row[value_column(model, "items")], row["misfits"]) == (None, None, [1])

    assert (kept["reason"], kept[value_column(model, "items")], kept["misfits"]) == (None, None, [1])
    assert (lost["reason"], lost["misfits"]) == (Reason.NOT_A_NUMBER, [0, 1])
    assert lost["detail"] == "amount: expected a number, but received x"


CLASSES = {"task": "multiclass_classification", "response": ["probabilities"], "classes": ["a", "b", "c"]}
RULES = [{"metric": "accuracy", "red": "< 0.5"}]


@pytest.mark.parametrize(
    ("kind", "good", "bad", "received"),
    [
        ("VARCHAR", "'[0.2, 0.5, 0.3]'", "'[0.2, 0.8]'", "[0.2, 0.8]"),
        ("DOUBLE[]", "[0.2, 0.5, 0.3]", "[0.2, 0.8]", "[0.2,0.8]"),
        ("DOUBLE[]", "[0.2, 0.5, 0.3]", "NULL", "nothing"),
        ("VARCHAR", "'[0.2, 0.5, 0.3]'", "'[Infinity, 0.5, 0.3]'", "[Infinity, 0.5, 0.3]"),
        ("VARCHAR", "'[0.2, 0.5, 0.3]'", "'[0.1, 0.2, 0.3, 0.4]'", "[0.1, 0.2, 0.3, 0.4]"),
    ],
)
def test_the_greatest_probability_of_a_vector_predicts(
    connection: duckdb.DuckDBPyConnection, kind: str, good: str, bad: str, received: str
) -> None:
    features = [{"name": "amount", "type": "number", "on_bad_value": "missing"}]
    model = models.model(features=features, output=CLASSES, plan__rules=RULES)

    row, wrong = typed(connection, model, {0: "VARCHAR", 1: kind}, f"('x', {good})", f"('x', {bad})")

    assert (row["answer_prediction"], row["answer_probabilities"]) == ("b", [0.2, 0.5, 0.3])
    assert (row["reason"], row["misfits"], row[value_column(model, "amount")]) == (None, [0], None)
    assert (wrong["reason"], wrong["misfits"]) == (Reason.NOT_A_NUMBER, [0, 1])
    assert wrong["detail"] == f"probabilities: expected 3 numbers, but received {received}"
    assert checked_columns(model) == ["amount", "probabilities"]


def test_a_vector_may_come_with_its_prediction(connection: duckdb.DuckDBPyConnection) -> None:
    """The answer counts, whatever the numbers say."""
    output = {**CLASSES, "response": ["prediction", "probabilities"]}
    features = [{"name": "amount", "type": "number"}]
    model = models.model(features=features, output=output, plan__rules=RULES)
    types = {0: "DOUBLE", 1: "VARCHAR", 2: "VARCHAR"}

    row, wrong = typed(connection, model, types, "(1, 'c', '[0.2, 0.5, 0.3]')", "(1, 'c', 'x')")

    assert (row["answer_prediction"], row["answer_probabilities"]) == ("c", [0.2, 0.5, 0.3])
    assert wrong["detail"] == "probabilities: expected 3 numbers, but received x"
    assert wrong["text"] == "amount: 1.0, prediction: c, probabilities: x"


@pytest.mark.parametrize(
    ("output", "given", "expected"),
    [
        ({}, 0.5, ("1", 0.5)),
        ({}, 0.499, ("0", 0.499)),
        ({"threshold": 0.8}, 0.8, ("1", 0.8)),
        ({"threshold": 0.8}, 0.79, ("0", 0.79)),
        ({"scale": "percent"}, 50, ("1", 0.5)),
        ({"scale": "percent"}, 49, ("0", 0.49)),
    ],
)
def test_a_probability_alone_predicts_from_its_threshold_on(
    connection: duckdb.DuckDBPyConnection, output: dict[str, Any], given: float, expected: tuple[str, float]
) -> None:
    output = {"task": "binary_classification", "response": ["probability"], **output}
    model = models.model(features=[{"name": "amount", "type": "number"}], output=output)

    row, none = typed(connection, model, {0: "DOUBLE", 1: "DOUBLE"}, f"(1, {given})", "(1, NULL)")

    assert (row["answer_prediction"], row["answer_probability"], row["reason"]) == (*expected, None)
    assert (none["answer_prediction"], none["reason"]) == (None, Reason.NO_PREDICTION)
