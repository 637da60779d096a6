"""Expressions on a row in DuckDB's SQL: parsed by DuckDB, compared with a list of what is allowed, never run here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from daywatch.engine.duck import identifier

FUNCTIONS = frozenset(
    {"+", "-", "*", "/", "//", "%", "||", "~~", "!~~", "~~*", "!~~*"}
    | {"abs", "ceil", "contains", "ends_with", "floor", "isfinite", "isinf", "isnan", "left", "length"}
    | {
        "ln",
        "lower",
        "right",
        "round",
        "sqrt",
        "starts_with",
        "suffix",
        "prefix",
        "substring",
        "trim",
        "upper",
    }
)
"""The allowed functions and operators, all without side effects; ``~~`` is LIKE and ``~~*`` is ILIKE."""

_OPERATORS = frozenset(
    {"OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE"}
    | {"COMPARE_IN", "COMPARE_NOT_IN"}
)
_CLASSES = frozenset({"COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN", "CASE", "CAST"})
_TYPES = frozenset({"BIGINT", "BOOLEAN", "DOUBLE", "INTEGER", "VARCHAR"})


def expression_error(expression: str, columns: Mapping[str, str]) -> str:
    """Return what is wrong with an expression that selects rows, empty where nothing is.

    Args:
        expression: The text in the YAML.
        columns: The columns that it may name, with their types in DuckDB.
    """
    return _error(expression, tuple(columns.items()))


@lru_cache(maxsize=1024)
def _error(expression: str, columns: tuple[tuple[str, str], ...]) -> str:
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "threads": "1",
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        ((answer,),) = connection.execute(
            "SELECT json_serialize_sql(?)", [f"SELECT (\n{expression}\n)"]
        ).fetchall()
        parsed = json.loads(answer)
        if parsed["error"]:
            return f"this is not an SQL expression: {' '.join(parsed['error_message'].split())}"
        names = {name.casefold(): name for name, _ in columns}
        refused = next((one for one in _refused(parsed["statements"], names)), "")
        if refused:
            return refused
        typed = ", ".join(f"CAST(NULL AS {type_}) AS {identifier(name)}" for name, type_ in columns)
        try:
            ((_, found, *_),) = connection.execute(
                f"DESCRIBE SELECT (\n{expression}\n) FROM (SELECT {typed})"
            ).fetchall()
        except duckdb.Error as error:
            return f"DuckDB cannot read this: {str(error).splitlines()[0]}"
    return "" if found == "BOOLEAN" else f"expected a condition, true or false, but this is of type {found}"


def _refused(statements: list[Any], names: Mapping[str, str]) -> Iterator[str]:
    """Yield why a parsed query is not one expression on the columns, or what in it is not allowed."""
    node = statements[0]["node"] if len(statements) == 1 else {}
    alone = node.get("type") == "SELECT_NODE" and len(node["select_list"]) == 1
    if not alone or node["from_table"]["type"] != "EMPTY" or any(_clauses(node)):
        yield "expected one expression on the columns of a row, without clauses of a query"
        return
    for one in _expressions(node["select_list"][0]):
        yield from _not_allowed(one, names)


def _clauses(node: dict[str, Any]) -> Iterator[bool]:
    for name in (
        "where_clause",
        "having",
        "qualify",
        "sample",
        "modifiers",
        "group_expressions",
        "group_sets",
    ):
        yield bool(node.get(name))
    yield bool(node["cte_map"]["map"])


def _expressions(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every expression of the tree, at every depth."""
    if isinstance(value, list):
        for child in value:
            yield from _expressions(child)
    elif isinstance(value, dict):
        if "class" in value:
            yield value
        for name, child in value.items():
            if name != "type_expr":
                yield from _expressions(child)


def _not_allowed(one: dict[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    kind = one["class"]
    if kind == "COLUMN_REF":
        name = ".".join(one["column_names"])
        if len(one["column_names"]) > 1 or name.casefold() not in names:
            yield f"there is no column {name!r} here; columns: {', '.join(names.values())}"
    elif kind == "FUNCTION":
        name = one["function_name"].lower()
        plain = not (one["distinct"] or one["filter"] or one["order_bys"]["orders"] or one["schema"])
        if name not in FUNCTIONS or not plain:
            yield f"the function {name!r} is not allowed; allowed: {', '.join(sorted(FUNCTIONS))}"
    elif kind == "OPERATOR":
        if one["type"] not in _OPERATORS:
            yield f"{one['type']} is not allowed in an expression on a row"
    elif kind == "CAST":
        if one["type_expr"].get("type_name") not in _TYPES:
            yield f"casts are allowed to {', '.join(sorted(_TYPES))}"
    elif kind not in _CLASSES:
        yield f"{kind.lower()} is not allowed in an expression on a row"
