"""Expressions on a row: what a condition may be, and what it may never do."""

from __future__ import annotations

import pytest
from daywatch.config.loading.expressions import expression_error

COLUMNS = {"distance": "DOUBLE", "hour": "BIGINT", "carrier": "VARCHAR", "late": "BOOLEAN", "od d": "VARCHAR"}


@pytest.mark.parametrize(
    "expression",
    [
        "distance > 1000",
        "DISTANCE > 1000 -- miles",
        "late",
        "late AND NOT carrier IN ('AA', 'B6')",
        "\"od d\" ILIKE 'b%'",
        "hour BETWEEN 6 AND 9 OR hour IS NULL",
        "CASE WHEN late THEN distance / 2 ELSE distance END >= abs(-500)",
        "hour::VARCHAR = '7'",
        "carrier IS DISTINCT FROM 'AA'",
        "starts_with(lower(carrier), 'a')",
        "coalesce(distance, 0) % 2 = 0",
        "distance > 1) OR (hour < 3",
    ],
)
def test_conditions(expression: str) -> None:
    assert expression_error(expression, COLUMNS) == ""


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("distance", "expected a condition, true or false, but this is of type DOUBLE"),
        ("distance >", "this is not an SQL expression: syntax error"),
        ("late;", "this is not an SQL expression"),
        ("late) FROM x --", "this is not an SQL expression"),
        ("late) FROM (SELECT late", "expected one expression on the columns of a row"),
        ("late), (late", "expected one expression on the columns of a row"),
        ("late) FROM range(3", "expected one expression on the columns of a row"),
        ("true) UNION SELECT (true", "expected one expression on the columns of a row"),
        ("true) WHERE (true", "expected one expression on the columns of a row"),
        ("true); DROP TABLE x; SELECT (true", "this is not an SQL expression"),
        ("label = '1'", "there is no column 'label' here; columns: distance, hour, carrier, late, od d"),
        ("carrier.x = '1'", "there is no column 'carrier.x' here"),
        ("(SELECT late)", "subquery is not allowed"),
        ("EXISTS (FROM '/etc/passwd')", "subquery is not allowed"),
        ("hour = ANY ([1])", "subquery is not allowed"),
        ("sum(hour) OVER () > 1", "window is not allowed"),
        ("? > 1", "parameter is not allowed"),
        ("columns(*) > 1", "star is not allowed"),
        ("list_filter([1], x -> x > 1) = [1]", "the function 'list_filter' is not allowed"),
        ("getenv('HOME') = 'x'", "the function 'getenv' is not allowed"),
        ("sum(hour) > 1", "the function 'sum' is not allowed"),
        ("random() > 0.5", "the function 'random' is not allowed"),
        ("now() > now()", "the function 'now' is not allowed"),
        ("repeat(carrier, 1000000000) = 'x'", "the function 'repeat' is not allowed"),
        ("abs(DISTINCT hour) > 1", "is not allowed"),
        ("main.abs(hour) > 1", "is not allowed"),
        ("hour::DATE IS NULL", "casts are allowed to BIGINT, BOOLEAN, DOUBLE, INTEGER, VARCHAR"),
        ("hour[1] = 1", "ARRAY_EXTRACT is not allowed"),
        ("carrier COLLATE NOCASE = 'a'", "collate is not allowed"),
        ("try(late)", "OPERATOR_TRY is not allowed"),
        ("carrier > 5", "DuckDB cannot read this: Binder Error"),
        ("abs(carrier) > 5", "DuckDB cannot read this"),
    ],
)
def test_what_is_none(expression: str, error: str) -> None:
    assert error in expression_error(expression, COLUMNS)
