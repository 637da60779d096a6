"""CSV payloads of capture records to typed rows, columnar, in the order of the model's features."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from daywatch.capture.lines import MAX_LINE_BYTES
from daywatch.capture.reasons import Reason
from daywatch.config.model import ColumnType, Task
from daywatch.engine.duck import text

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model import MonitoredModel

SQL_TYPES = {
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.CATEGORY: "VARCHAR",
    ColumnType.TEXT: "VARCHAR",
}
"""How each type stands in Parquet."""

_EXPECTED = {
    ColumnType.NUMBER: "a number",
    ColumnType.INTEGER: "a whole number",
    ColumnType.BOOLEAN: "true or false",
}


def answer_type(model: MonitoredModel) -> ColumnType:
    """Return the type of predictions and labels: numbers for regression, classes otherwise."""
    return ColumnType.NUMBER if model.output.task is Task.REGRESSION else ColumnType.CATEGORY


def value_column(model: MonitoredModel, name: str) -> str:
    """Return where a feature, ``prediction`` or ``probability`` stands in the table ``rows``."""
    names = [feature.name for feature in model.features]
    return f"value_{names.index(name)}" if name in names else f"answer_{name}"


def parse_payloads(connection: duckdb.DuckDBPyConnection, model: MonitoredModel) -> None:
    """Turn the table ``records`` into ``rows`` (typed) and mark what cannot be read with its reason.

    In ``rows`` values stand under ``value_column``: a feature may have any name, that of another column too.
    A record with one bad row is bad as a whole, so that records in = records exported + quarantined.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    connection.create_function("csv_rows", _csv_rows, ["VARCHAR"], "VARCHAR[][]")
    connection.execute(f"""
        CREATE TABLE payloads AS
        WITH split AS (
            SELECT object, record, {_rows("request")} AS requests, {_rows("response")} AS responses
            FROM records WHERE reason IS NULL
        )
        SELECT object, record, len(requests) = len(responses) AS paired,
            len(requests) AS request_rows, len(responses) AS response_rows,
            unnest(range(1, greatest(len(requests), len(responses), 1) + 1)) AS row_in_record,
            unnest(requests) AS request, unnest(responses) AS response
        FROM split
    """)
    connection.execute(_typed_rows(model))
    connection.execute("""
        CREATE TABLE bad_rows AS
        SELECT object, record, min_by(reason, row_in_record) AS reason, min_by(detail, row_in_record) AS detail
        FROM rows WHERE reason IS NOT NULL GROUP BY object, record
    """)
    connection.execute("""
        UPDATE records SET reason = bad_rows.reason, detail = bad_rows.detail FROM bad_rows
        WHERE records.object = bad_rows.object AND records.record = bad_rows.record
    """)


def _typed_rows(model: MonitoredModel) -> str:
    """Return the SQL of the table ``rows``: every value typed, or the first thing that is wrong."""
    response = model.output.response
    wanted, answered = len(model.features), len(response)
    kinds = {"prediction": answer_type(model), "probability": ColumnType.NUMBER}
    values = [(f"request[{n}]", one.name, one.type) for n, one in enumerate(model.features, start=1)]
    values += [
        (f"response[{n}]", name, kinds[name]) for n, name in enumerate(response, start=1) if name in kinds
    ]
    columns = ", ".join(
        f"{_typed(value, kind)} AS {value_column(model, name)}" for value, name, kind in values
    )
    wrong = ", ".join(
        f"CASE WHEN {_unreadable(value, kind)} THEN {text(f'{name}: expected {_EXPECTED[kind]}, but received ')}"
        f" || left({value}, 60) END"
        for value, name, kind in values
        if kind in _EXPECTED
    )
    wrong = f"coalesce({wrong}, NULL)" if wrong else "NULL"
    prediction = f"response[{response.index('prediction') + 1}]"
    return f"""
        CREATE TABLE rows AS
        SELECT object, record, row_in_record, {columns},
            CASE
                WHEN request_rows = 0 OR response_rows = 0 THEN '{Reason.NOT_CSV}'
                WHEN NOT paired THEN '{Reason.ROWS_DIFFER}'
                WHEN len(request) <> {wanted} OR len(response) <> {answered} THEN '{Reason.VALUE_COUNT}'
                WHEN {wrong} IS NOT NULL THEN '{Reason.NOT_A_NUMBER}'
                WHEN trim({prediction}) = '' THEN '{Reason.NO_PREDICTION}'
            END AS reason,
            CASE
                WHEN request_rows = 0 THEN 'the request is not whole CSV: a quotation does not end'
                WHEN response_rows = 0 THEN 'the response is not whole CSV: a quotation does not end'
                WHEN NOT paired THEN 'the request has ' || request_rows || ' rows, the response ' || response_rows
                WHEN len(request) <> {wanted}
                    THEN 'expected {wanted} values in the request, but received ' || len(request)
                WHEN len(response) <> {answered}
                    THEN 'expected {answered} values in the response, but received ' || len(response)
                ELSE coalesce({wrong}, 'the response has no prediction')
            END AS detail
        FROM payloads
    """


def _rows(column: str) -> str:
    """Return SQL for a CSV payload as a list of rows; quoting is rare and left to Python's csv."""
    lines = f"string_split(rtrim(replace({column}, chr(13), ''), chr(10)), chr(10))"
    plain = f"list_transform({lines}, lambda one: string_split(one, ','))"
    return f"CASE WHEN contains({column}, '\"') THEN csv_rows({column}) ELSE {plain} END"


def _csv_rows(payload: str) -> list[list[str]]:
    """Split a CSV payload with quoted values; no rows where a quotation does not end."""
    lines = io.StringIO(payload.replace("\r", ""), newline="\n")
    try:
        return [row for row in csv.reader(lines, strict=True) if row]
    except csv.Error:
        return []


def _typed(value: str, kind: ColumnType) -> str:
    """Return SQL for a value in its type; empty is NULL, and so is NaN where only whole numbers belong."""
    trimmed = f"nullif(trim({value}), '')"
    if kind is ColumnType.INTEGER:
        # Not through DOUBLE where it can be helped: it is exact only up to 2^53.
        exact = f"CASE WHEN regexp_full_match({trimmed}, '[+-]?\\d+') THEN TRY_CAST({trimmed} AS BIGINT) END"
        return f"coalesce({exact}, TRY_CAST(TRY_CAST({trimmed} AS DOUBLE) AS BIGINT))"
    return f"TRY_CAST({trimmed} AS {SQL_TYPES[kind]})" if kind in _EXPECTED else trimmed


def _unreadable(value: str, kind: ColumnType) -> str:
    """Return SQL that is true where a value is neither empty nor of its type."""
    broken = f"nullif(trim({value}), '') IS NOT NULL AND {_typed(value, kind)} IS NULL"
    if kind is not ColumnType.INTEGER:
        return broken
    number = f"TRY_CAST(trim({value}) AS DOUBLE)"
    return f"coalesce(({broken}) AND NOT isnan({number}) OR {number} <> trunc({number}), {broken})"
