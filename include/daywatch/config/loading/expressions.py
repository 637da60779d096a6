"""Expressions on a row in DuckDB's SQL: parsed by DuckDB, compared with a list of what is allowed, never run here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from daywatch.config.model.columns import ColumnType
from daywatch.engine.duck import identifier, seal

if TYPE_CHECKING:
    import duckdb

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

AGGREGATES = frozenset({"avg", "count", "count_star", "max", "min", "sum"})
"""Allowed in addition in a query, which may group rows; DuckDB parses ``count(*)`` as ``count_star()``."""

_OPERATORS = frozenset(
    {"OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE"}
    | {"COMPARE_IN", "COMPARE_NOT_IN"}
)
_CLASSES = frozenset({"COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN", "CASE", "CAST"})
_NOT_IN_QUERIES = ("qualify", "sample", "modifiers")
_CLAUSES = ("where_clause", "having", "group_expressions", "group_sets", *_NOT_IN_QUERIES)
TOO_DEEP = "this is nested too deeply; expected a condition that a person can read"
_TYPES = frozenset({"BIGINT", "BOOLEAN", "DOUBLE", "INTEGER", "VARCHAR"})


def expression_error(expression: str, columns: Mapping[str, str]) -> str:
    """Return what is wrong with an expression that selects rows, empty where nothing is.

    Args:
        expression: The text in the YAML.
        columns: The columns that it may name, with their types in DuckDB.
    """
    try:
        return _error(expression, tuple(columns.items()))
    except RecursionError:
        return TOO_DEEP


def value_error(expression: str, columns: Mapping[str, str], kind: ColumnType) -> str:
    """Return what is wrong with an expression that computes a column, empty where nothing is.

    Args:
        expression: The text in the YAML.
        columns: The columns that it may name, with their types in DuckDB.
        kind: The type of the column.
    """
    try:
        return _error(expression, tuple(columns.items()), kind)
    except RecursionError:
        return TOO_DEEP


def with_columns(expression: str, columns: Mapping[str, str]) -> str:
    """Return a checked expression with other names for its columns, as SQL.

    Args:
        expression: An expression without errors.
        columns: The new name of each column by the one in the expression, which DuckDB compares in any case.
    """
    names = {name.casefold(): other for name, other in columns.items()}
    with parsing() as connection:
        ((tree,),) = connection.execute(
            "SELECT json_serialize_sql(?)", [f"SELECT (\n{expression}\n)"]
        ).fetchall()
        parsed = json.loads(tree)
        for one in subexpressions(parsed["statements"][0]["node"]["select_list"]):
            if one["class"] == "COLUMN_REF":
                one["column_names"] = [names[one["column_names"][0].casefold()]]
        ((sql,),) = connection.execute("SELECT json_deserialize_sql(?)", [json.dumps(parsed)]).fetchall()
    return str(sql).removeprefix("SELECT ")


_FITTING = {
    ColumnType.NUMBER: ("DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT"),
    ColumnType.INTEGER: ("BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT"),
    ColumnType.BOOLEAN: ("BOOLEAN",),
    ColumnType.CATEGORY: ("VARCHAR", "BOOLEAN"),
    ColumnType.TEXT: ("VARCHAR",),
}
"""Types in DuckDB of what an expression for a column of a type may give."""


@lru_cache(maxsize=1024)
def _error(expression: str, columns: tuple[tuple[str, str], ...], kind: ColumnType | None = None) -> str:
    found, error = found_type(expression, columns, _refused, lambda: expression)
    if error:
        return error
    if kind is None:
        return (
            "" if found == "BOOLEAN" else f"expected a condition, true or false, but this is of type {found}"
        )
    fits = found.partition("(")[0] in _FITTING[kind]
    return "" if fits else f"expected a value of type {kind}, but this is {found} in SQL; CAST changes it"


def found_type(
    expression: str,
    columns: tuple[tuple[str, str], ...],
    refused: Callable[[list[Any], Mapping[str, str]], Iterator[str]],
    sql: Callable[[], str],
) -> tuple[str, str]:
    """Return the type in DuckDB of what an expression gives, and what is wrong with it; one of them is empty.

    Args:
        expression: The text in the YAML.
        columns: The columns that it may name, with their types in DuckDB.
        refused: Yields what is not allowed in its parsed statements.
        sql: Returns the expression as it is run, once it is allowed.
    """
    import duckdb

    with parsing() as connection:
        statements, unreadable = parsed(connection, f"SELECT (\n{expression}\n)")
        if unreadable:
            return "", f"this is not an SQL expression: {unreadable}"
        names = {name.casefold(): name for name, _ in columns}
        if why := next(refused(statements, names), ""):
            return "", why
        typed = ", ".join(f"CAST(NULL AS {type_}) AS {identifier(name)}" for name, type_ in columns)
        try:
            ((_, found, *_),) = connection.execute(
                f"DESCRIBE SELECT (\n{sql()}\n) FROM (SELECT {typed})"
            ).fetchall()
        except duckdb.Error as error:
            return "", f"DuckDB cannot read this: {str(error).splitlines()[0]}"
    return str(found), ""


def query_error(query: str, table: str) -> str:
    """Return what is wrong with a query that looks for rows of one table, empty where nothing is.

    Columns are not looked up: which ones a day has shows when the query runs.

    Args:
        query: The text of the query.
        table: The name of the only table that it may read.
    """
    try:
        with parsing() as connection:
            statements, unreadable = parsed(connection, query)
        if unreadable:
            return f"this is not an SQL query: {unreadable}"
        return next(_refused_query(statements, table), "")
    except RecursionError:
        return TOO_DEEP


def _refused_query(statements: list[Any], table: str) -> Iterator[str]:
    """Yield why a parsed query is not one SELECT on the table, or what in it is not allowed."""
    node = statements[0]["node"] if len(statements) == 1 else {}
    source = node.get("from_table", {})
    named = [source.get(part) for part in ("catalog_name", "schema_name", "table_name")]
    if node.get("type") != "SELECT_NODE" or source["type"] != "BASE_TABLE" or named != ["", "", table]:
        yield "expected one SELECT ... FROM {batch} ..., without other tables, joins or WITH"
        return
    if any(source.get(name) for name in ("sample", "at_clause")) or any(_clauses(node, _NOT_IN_QUERIES)):
        yield "of the clauses of a query, WHERE, GROUP BY and HAVING are allowed"
        return
    for name in ("select_list", "where_clause", "group_expressions", "having"):
        for one in subexpressions(node[name]):
            if one["class"] not in ("COLUMN_REF", "STAR") and one.get("function_name") not in AGGREGATES:
                yield from not_allowed(one, {})
            elif qualified(one):
                yield "an aggregate takes no FILTER, DISTINCT or ORDER BY here"


def qualified(one: dict[str, Any]) -> bool:
    """Return whether a function has more than its name and arguments."""
    if one["class"] != "FUNCTION":
        return False
    return bool(one["distinct"] or one["filter"] or one["order_bys"]["orders"] or one["schema"])


@contextmanager
def parsing() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that parses, and that can neither read a file nor change a setting."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": "1",
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        seal(connection.execute)
        yield connection


def parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[Any], str]:
    """Return the trees of SQL's statements, and why it cannot be parsed; DuckDB parses only what reads."""
    ((answer,),) = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    parsed = json.loads(answer)
    return parsed.get("statements", []), " ".join(parsed.get("error_message", "").split())


def _refused(statements: list[Any], names: Mapping[str, str]) -> Iterator[str]:
    """Yield why a parsed query is not one expression on the columns, or what in it is not allowed."""
    if error := statement_error(statements):
        yield error
        return
    for one in subexpressions(statements[0]["node"]["select_list"][0]):
        yield from not_allowed(one, names)


def statement_error(statements: list[Any]) -> str:
    """Return why a parsed query is not one expression on the columns, empty where it is."""
    node = statements[0]["node"] if len(statements) == 1 else {}
    alone = node.get("type") == "SELECT_NODE" and len(node["select_list"]) == 1
    if not alone or node["from_table"]["type"] != "EMPTY" or any(_clauses(node, _CLAUSES)):
        return "expected one expression on the columns of a row, without clauses of a query"
    return ""


def _clauses(node: dict[str, Any], names: tuple[str, ...]) -> Iterator[bool]:
    for name in names:
        yield bool(node.get(name))
    yield bool(node["cte_map"]["map"])


def subexpressions(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every expression of the tree, at every depth."""
    if isinstance(value, list):
        for child in value:
            yield from subexpressions(child)
    elif isinstance(value, dict):
        if "class" in value:
            yield value
        for name, child in value.items():
            if name != "type_expr":
                yield from subexpressions(child)


def not_allowed(one: dict[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    """Yield why an expression is not allowed; its parts are looked at by themselves."""
    kind = one["class"]
    if kind == "COLUMN_REF":
        name = ".".join(one["column_names"])
        if len(one["column_names"]) > 1 or name.casefold() not in names:
            yield f"there is no column {name!r} here; columns: {', '.join(names.values())}"
    elif kind == "FUNCTION":
        name = one["function_name"].lower()
        if name not in FUNCTIONS or qualified(one):
            yield f"the function {name!r} is not allowed; allowed: {', '.join(sorted(FUNCTIONS))}"
    elif kind == "OPERATOR":
        if one["type"] not in _OPERATORS:
            yield f"{one['type']} is not allowed in an expression on a row"
    elif kind == "CAST":
        if one["type_expr"].get("type_name") not in _TYPES:
            yield f"casts are allowed to {', '.join(sorted(_TYPES))}"
    elif kind not in _CLASSES:
        yield f"{kind.lower()} is not allowed in an expression on a row"
