"""A value is the same whatever a table stores it as, and however a text spells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from daywatch.config.model.columns import ColumnType
from daywatch.config.model.missing import NOTHING_ELSE, MissingValues
from daywatch.ingest.payloads.casts import present_cell, typed_cell

NUMBER, INTEGER, BOOLEAN, CATEGORY, TEXT = (
    ColumnType.NUMBER,
    ColumnType.INTEGER,
    ColumnType.BOOLEAN,
    ColumnType.CATEGORY,
    ColumnType.TEXT,
)
MISFIT = object()
ONES = [
    ("'1'", "VARCHAR"),
    ("' 1 '", "VARCHAR"),
    ("'1.0'", "VARCHAR"),
    ("'1e0'", "VARCHAR"),
    ("1", "TINYINT"),
    ("1", "BIGINT"),
    ("1", "UBIGINT"),
    ("1", "HUGEINT"),
    ("1.0", "DOUBLE"),
    ("1.0", "FLOAT"),
    ("1.00", "DECIMAL(10,2)"),
    ("1", "DECIMAL(20,0)"),
    ("'1'", "ENUM('0', '1')"),
    ("'1'::BLOB", "BLOB"),
]
CASES: list[tuple[str, str, ColumnType, Any]] = [
    *((sql, stored, NUMBER, 1.0) for sql, stored in ONES),
    *((sql, stored, INTEGER, 1) for sql, stored in ONES),
    *((sql, stored, BOOLEAN, True) for sql, stored in ONES),
    *((sql, stored, CATEGORY, "1") for sql, stored in ONES if sql not in ("'1.0'", "'1e0'")),
    *((f"'{one}'", "VARCHAR", BOOLEAN, True) for one in ("true", "True", "TRUE", "t", "T")),
    *((f"'{one}'", "VARCHAR", BOOLEAN, False) for one in ("false", "False", "FALSE", "f", "0.0", "0")),
    *(
        (f"'{one}'", "VARCHAR", kind, None)
        for one in ("", "  ", "NaN", "nan", "NAN", "-nan")
        for kind in ColumnType
    ),
    *(("'NaN'", stored, kind, None) for stored in ("DOUBLE", "FLOAT") for kind in ColumnType),
    *(
        ("NULL", stored, kind, None)
        for stored in ("VARCHAR", "DOUBLE", "UBIGINT", "DECIMAL(4,2)", "BOOLEAN", "BLOB", "INTEGER[]")
        for kind in ColumnType
    ),
    ("true", "BOOLEAN", BOOLEAN, True),
    ("true", "BOOLEAN", CATEGORY, "true"),
    ("true", "BOOLEAN", NUMBER, 1.0),
    ("false", "BOOLEAN", NUMBER, 0.0),
    ("true", "BOOLEAN", INTEGER, 1),
    ("9223372036854775808", "UBIGINT", INTEGER, MISFIT),
    ("'9223372036854775808'", "VARCHAR", INTEGER, MISFIT),
    ("9223372036854775807", "UBIGINT", INTEGER, 9223372036854775807),
    ("2", "DOUBLE", BOOLEAN, MISFIT),
    ("1.5", "DOUBLE", INTEGER, MISFIT),
    ("1.5", "DECIMAL(4,2)", INTEGER, MISFIT),
    ("'Infinity'", "DOUBLE", INTEGER, MISFIT),
    ("'Infinity'", "DOUBLE", NUMBER, float("inf")),
    ("1e300", "DOUBLE", INTEGER, MISFIT),
    ("'x'", "VARCHAR", NUMBER, MISFIT),
    ("'1.5'", "VARCHAR", INTEGER, MISFIT),
    ("[1]", "INTEGER[]", NUMBER, MISFIT),
    ("'2024-03-01'", "DATE", INTEGER, MISFIT),
    ("0.1", "FLOAT", NUMBER, 0.1),
    ("0.5", "DECIMAL(2,2)", NUMBER, 0.5),
    ("-0.5", "DECIMAL(2,2)", CATEGORY, "-0.5"),
    ("0", "DECIMAL(2,2)", CATEGORY, "0"),
    ("1.10", "DECIMAL(4,2)", CATEGORY, "1.1"),
    ("100", "DECIMAL(5,0)", CATEGORY, "100"),
    ("100", "DECIMAL(5,1)", CATEGORY, "100"),
    ("1.5", "DOUBLE", CATEGORY, "1.5"),
    ("-0.0", "DOUBLE", CATEGORY, "0"),
    ("'1.10'", "VARCHAR", CATEGORY, "1.10"),
    ("'NA'", "VARCHAR", CATEGORY, "NA"),
    ("9007199254740993", "BIGINT", INTEGER, 9007199254740993),
    ("'9007199254740993'", "VARCHAR", INTEGER, 9007199254740993),
    ("'-9007199254740993'", "VARCHAR", INTEGER, -9007199254740993),
    ("'+9007199254740993'", "VARCHAR", INTEGER, 9007199254740993),
    ("'nAn'", "VARCHAR", NUMBER, MISFIT),
    ("18446744073709551615", "UBIGINT", CATEGORY, "18446744073709551615"),
    ("18446744073709551615", "DECIMAL(20,0)", CATEGORY, "18446744073709551615"),
    ("'\\xff'::BLOB", "BLOB", CATEGORY, "\\xFF"),
    ("'2024-03-01'", "DATE", CATEGORY, "2024-03-01"),
    ("[1, 2]", "INTEGER[]", TEXT, "[1,2]"),
    ("{'a': 1}", "STRUCT(a INTEGER)", TEXT, '{"a":1}'),
]


NAMED = [
    ("-999", "BIGINT", INTEGER, None),
    ("-999.0", "DOUBLE", NUMBER, None),
    ("-999", "DECIMAL(5,1)", NUMBER, None),
    ("'-999.00'", "VARCHAR", NUMBER, None),
    ("'-999'", "VARCHAR", CATEGORY, None),
    ("'NA'", "VARCHAR", NUMBER, None),
    ("'NA'", "VARCHAR", TEXT, None),
    ("'na'", "VARCHAR", CATEGORY, "na"),
    ("'NaN'", "DOUBLE", NUMBER, None),
    ("-998", "BIGINT", INTEGER, -998),
    ("0.5", "DOUBLE", NUMBER, None),
    ("'5e-1'", "VARCHAR", NUMBER, None),
    ("NULL", "BIGINT", INTEGER, None),
]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_a_value_is_the_same_whatever_it_is_stored_as(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = _differences(connection, CASES, NOTHING_ELSE)
    assert not wrong


def test_named_values_are_missing(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = _differences(connection, NAMED, MissingValues.of([-999, 0.5, "NA", "n/a"]))
    assert not wrong


def _differences(
    connection: duckdb.DuckDBPyConnection,
    cases: list[tuple[str, str, ColumnType, Any]],
    missing: MissingValues,
) -> list[str]:
    """Return the cases whose value is not the expected one, as a query on a column of the case's type gives it."""
    found = []
    for sql, stored, kind, expected in cases:
        connection.execute(f"CREATE OR REPLACE TABLE cells AS SELECT CAST({sql} AS {stored}) AS c")
        (described,) = connection.execute("DESCRIBE cells").fetchall()
        cell = typed_cell("there", described[1], kind)
        query = (
            f"SELECT {cell.value}, {cell.misfit}, CASE WHEN {cell.misfit} THEN {cell.text} END"
            f" FROM (SELECT {present_cell('c', described[1], missing)} AS there FROM cells)"
        )
        ((value, misfit, shown),) = connection.execute(query).fetchall()
        fits = not misfit and value == expected and type(value) is type(expected)
        if not (misfit and value is None and isinstance(shown, str) if expected is MISFIT else fits):
            found.append(f"{sql} as {stored} to {kind}: {value!r}, misfit {misfit}, expected {expected!r}")
    return found
