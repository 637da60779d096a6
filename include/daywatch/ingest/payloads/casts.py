"""Casts of captured values to typed values, in SQL: from text, and from the columns of a table."""

from __future__ import annotations

import re
from dataclasses import dataclass

from daywatch.config.model.columns import ColumnType
from daywatch.config.model.missing import NOTHING_ELSE, MissingValues
from daywatch.engine.duck import text

EXPECTED = {
    ColumnType.NUMBER: "a number",
    ColumnType.INTEGER: "a whole number of 64 bits",
    ColumnType.BOOLEAN: "true or false",
}
"""What a value of each type is, for the sentence about one that is not."""

_NAN = ("NaN", "nan", "NAN", "-nan", "-NaN")
"""Not a number, as writers of CSV and JSON spell it."""

_INTEGERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_FLOATS = ("FLOAT", "DOUBLE")
_NESTED = re.compile(r".*\]$|(STRUCT|MAP|UNION)\(.*|VARIANT", re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """SQL for a captured value of one column.

    Attributes:
        value: The value in its type, NULL where it is missing or does not fit the type.
        misfit: True where the value is there but does not fit the type; never NULL.
        text: The value as text, for the sentence about one that does not fit; NULL where it is missing.
    """

    value: str
    misfit: str
    text: str


def present(value: str, missing: MissingValues = NOTHING_ELSE) -> str:
    """Return SQL for a trimmed text, NULL where it stands for a missing value: empty, NaN, or named as missing.

    Args:
        value: SQL for the text.
        missing: What else stands for a missing value.
    """
    # Not IN, which is slower, nor nullif within nullif, which DuckDB writes out twice each.
    conditions = [f"{value} <> {text(word)}" for word in ("", *_NAN, *missing.texts)]
    if missing.numbers:
        conditions.append(f"NOT coalesce(TRY_CAST({value} AS DOUBLE) IN ({_listed(missing.numbers)}), false)")
    return f"CASE WHEN {' AND '.join(conditions)} THEN {value} END"


def cast(value: str, kind: ColumnType) -> str:
    """Return SQL for a text that is present in its type, NULL where it does not fit; NaN is always NULL.

    Every spelling of the type is accepted: ``1``, ``1.0`` and ``1e0`` are one whole number; ``true``, ``True``, ``t``
    and ``1.0`` are one truth value.

    Args:
        value: SQL for the text, NULL where it is missing.
        kind: The type.
    """
    number = f"TRY_CAST({value} AS DOUBLE)"
    if kind is ColumnType.INTEGER:
        # Through DOUBLE only where needed, because that is exact only up to 2^53.
        exact = f"CASE WHEN regexp_full_match({value}, '[+-]?\\d+') THEN TRY_CAST({value} AS BIGINT) END"
        return (
            f"coalesce({exact}, CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END)"
        )
    if kind is ColumnType.BOOLEAN:
        return f"coalesce(TRY_CAST({value} AS BOOLEAN), {_truth(number)})"
    return f"nullif({number}, 'NaN'::DOUBLE)" if kind is ColumnType.NUMBER else value


def cast_fails(value: str, column: str) -> str:
    """Return SQL that is true where a text that is present is not of its type.

    Args:
        value: SQL for the text, NULL where it is missing.
        column: SQL for the value that ``cast`` made of it.
    """
    return f"{value} IS NOT NULL AND {column} IS NULL"


def present_cell(source: str, sql_type: str, missing: MissingValues = NOTHING_ELSE) -> str:
    """Return SQL for a value of a table's column, NULL where it stands for a missing value; other types become text.

    Args:
        source: SQL for the value.
        sql_type: DuckDB's name of the column's type, as ``DESCRIBE`` gives it.
        missing: What else than NULL, NaN and empty text stands for a missing value.
    """
    if sql_type == "BOOLEAN":
        return source
    if not _is_number(sql_type):
        return present(stored_text(source, sql_type), missing)
    value = f"nullif({source}, 'NaN'::{sql_type})" if sql_type in _FLOATS else source
    if missing.numbers:
        value = f"CASE WHEN CAST({source} AS DOUBLE) NOT IN ({_listed(missing.numbers)}) THEN {value} END"
    return value


def typed_cell(value: str, sql_type: str, kind: ColumnType) -> Cell:
    """Return SQL for a value of a table's column in its type, whatever the table stores it as.

    ``1`` is the same value in a column of texts, whole numbers, doubles and decimals, and the same as in CSV or JSON.

    Args:
        value: SQL for what ``present_cell`` returned; better the name of a column, because it comes many times.
        sql_type: DuckDB's name of the type of the table's column.
        kind: The type that the model's configuration gives the value.
    """
    shown = stored_text(value, sql_type) if sql_type == "BOOLEAN" or _is_number(sql_type) else value
    if kind not in EXPECTED:
        return Cell(shown, "false", shown)
    if sql_type == "BOOLEAN":
        # In a column of truth values, 1 and 0 are what they are as numbers: writers store flags either way.
        return Cell(f"CAST({value} AS {kind.sql_type})", "false", shown)
    if kind is ColumnType.NUMBER and _is_number(sql_type):
        return Cell(_number(value, sql_type, kind), "false", shown)  # every number is a DOUBLE
    typed = _number(value, sql_type, kind) if _is_number(sql_type) else cast(shown, kind)
    return Cell(typed, f"({cast_fails(value, typed)})", shown)


def stored_text(source: str, sql_type: str) -> str:
    """Return SQL for a value of a table's column as trimmed text; a whole number has no decimals, whatever its type.

    Args:
        source: SQL for the value.
        sql_type: DuckDB's name of the column's type.
    """
    plain = f"CAST({source} AS VARCHAR)"
    if sql_type in _FLOATS:
        # TRY_CAST, because DuckDB may cast the values of the other branch too, and NaN is not a whole number.
        whole = f"{source} = trunc({source}) AND abs({source}) < 1e38"
        return f"CASE WHEN {whole} THEN CAST(TRY_CAST({source} AS HUGEINT) AS VARCHAR) ELSE {plain} END"
    if sql_type.startswith("DECIMAL") and not sql_type.endswith(",0)"):
        # DuckDB writes a DECIMAL(2,2) without the zero in front of its point.
        shortest = f"rtrim(rtrim({plain}, '0'), '.')"
        return f"regexp_replace({shortest}, '^(-?)(\\.|$)', '\\1' || '0' || '\\2')"
    if sql_type == "BOOLEAN" or _is_number(sql_type):
        return plain
    if sql_type == "BLOB":  # some writers do not mark their texts as UTF-8
        return f"trim(coalesce(TRY(decode({source})), {plain}))"
    if _NESTED.fullmatch(sql_type):
        return f"CAST(to_json({source}) AS VARCHAR)"
    return f"trim({plain})"


def _is_number(sql_type: str) -> bool:
    return bool(_INTEGERS.fullmatch(sql_type)) or sql_type in _FLOATS or sql_type.startswith("DECIMAL")


def _number(value: str, sql_type: str, kind: ColumnType) -> str:
    """Return SQL for a number, a whole number or a truth value from a number, without text in between."""
    # The shortest text of a FLOAT names the number that was meant, 0.1; its exact value is 0.10000000149011612.
    double = f"CAST({f'CAST({value} AS VARCHAR)' if sql_type == 'FLOAT' else value} AS DOUBLE)"
    if kind is ColumnType.NUMBER:
        return double
    if kind is ColumnType.BOOLEAN:
        return _truth(double)
    integer = f"TRY_CAST({value} AS BIGINT)"
    return (
        integer if _INTEGERS.fullmatch(sql_type) else f"CASE WHEN {value} = trunc({value}) THEN {integer} END"
    )


def _truth(number: str) -> str:
    """Return SQL for a number as a truth value, NULL where it is neither 0 nor 1."""
    return f"CASE {number} WHEN 1 THEN true WHEN 0 THEN false END"


def _listed(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{text(repr(one))}::DOUBLE" for one in numbers)
