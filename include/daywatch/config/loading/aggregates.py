"""Aggregate expressions in the language of slices: checked, and with truth values as numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from daywatch.config.loading.expressions import (
    AGGREGATES,
    TOO_DEEP,
    found_type,
    not_allowed,
    parsed,
    qualified,
    statement_error,
    subexpressions,
)

NUMERIC_AGGREGATES = AGGREGATES | {"median", "stddev_pop"}
"""The aggregates of a custom metric."""

_OF_NUMBERS = ("avg", "sum", "median", "stddev_pop")
_TRUTHS = ("COMPARISON", "CONJUNCTION", "BETWEEN")
_TRUE_OPERATORS = ("OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "COMPARE_IN", "COMPARE_NOT_IN")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN")


def aggregate_error(expression: str, columns: Mapping[str, str]) -> str:
    """Return what is wrong with an aggregate expression on rows, empty where nothing is.

    Args:
        expression: The text in the YAML.
        columns: The columns that it may name, with their types in DuckDB.
    """
    try:
        return _error(expression, tuple(columns.items()))
    except RecursionError:
        return TOO_DEEP


def aggregate_sql(expression: str) -> str:
    """Return a checked expression as SQL in which ``avg(prediction = 'yes')`` counts true as 1 and false as 0.

    Args:
        expression: The text in the YAML.
    """
    import duckdb

    with duckdb.connect(":memory:") as connection:
        statements, _ = parsed(connection, f"SELECT (\n{expression}\n)")
        ((template, *_),), _ = _template(connection)
        _count_truths(statements, template)
        tree = {"error": False, "statements": statements}
        ((sql,),) = connection.execute("SELECT json_deserialize_sql(?)", [json.dumps(tree)]).fetchall()
    return str(sql).removeprefix("SELECT ")


def _template(connection: Any) -> tuple[list[list[dict[str, Any]]], str]:
    """Return the tree of a cast to INTEGER, into which an expression can be put."""
    statements, error = parsed(connection, "SELECT CAST(x AS INTEGER)")
    return [one["node"]["select_list"] for one in statements], error


def _count_truths(value: Any, template: dict[str, Any]) -> None:
    """Put a cast around truth values that an aggregate of numbers takes, in place."""
    if isinstance(value, list):
        for child in value:
            _count_truths(child, template)
    elif isinstance(value, dict):
        if value.get("class") == "FUNCTION" and value["function_name"].lower() in _OF_NUMBERS:
            for argument in value["arguments"]:
                if _is_truth(argument["expression"]):
                    argument["expression"] = {**template, "child": argument["expression"]}
        for child in value.values():
            _count_truths(child, template)


def _is_truth(one: dict[str, Any]) -> bool:
    return one["class"] in _TRUTHS or (one["class"] == "OPERATOR" and one["type"] in _TRUE_OPERATORS)


@lru_cache(maxsize=256)
def _error(expression: str, columns: tuple[tuple[str, str], ...]) -> str:
    found, error = found_type(expression, columns, _refused, lambda: aggregate_sql(expression))
    if error:
        return error
    is_number = found.partition("(")[0] in _NUMBERS
    return "" if is_number else f"expected a number for all rows together, but this is of type {found}"


def _refused(statements: list[Any], names: Mapping[str, str]) -> Iterator[str]:
    """Yield why a parsed query is not one aggregate of rows, or what in it is not allowed."""
    if error := statement_error(statements):
        yield error
        return
    expressions = list(subexpressions(statements[0]["node"]["select_list"][0]))
    functions = [one for one in expressions if one["class"] == "FUNCTION"]
    if not any(one["function_name"].lower() in NUMERIC_AGGREGATES for one in functions):
        listed = ", ".join(sorted(NUMERIC_AGGREGATES - {"count_star"}))
        yield f"expected an aggregate of the rows, one of {listed}, such as avg(prediction = 'yes')"
    for one in expressions:
        if one["class"] != "FUNCTION" or one["function_name"].lower() not in NUMERIC_AGGREGATES:
            yield from not_allowed(one, names)
        elif qualified(one):
            yield "an aggregate takes no FILTER, DISTINCT or ORDER BY here: use CASE"
