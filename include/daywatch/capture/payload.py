"""Payloads of capture records, CSV or JSON, to typed rows: columnar, in the order of the model's features."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from daywatch.capture.places import csv_values, json_paths, response_names
from daywatch.capture.reasons import Reason
from daywatch.capture.typed import EXPECTED, answer_type, typed, unreadable
from daywatch.config.capture import MEGABYTE
from daywatch.config.model import ColumnType
from daywatch.engine.duck import text

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model import MonitoredModel

_LONGEST_FIELD = 1024 * MEGABYTE


def value_column(model: MonitoredModel, name: str) -> str:
    """Return where a feature or an answer stands in the table ``rows``."""
    names = [feature.name for feature in model.features]
    return f"value_{names.index(name)}" if name in names else f"answer_{name}"


def answer_columns(model: MonitoredModel) -> list[str]:
    """Return the answers' columns in canonical Parquet."""
    answers = ["prediction", "probability", "probabilities"]
    return [name for name in answers if name in model.output.response or name == "prediction"]


def parse_payloads(connection: duckdb.DuckDBPyConnection, model: MonitoredModel) -> None:
    """Turn the table ``records`` into ``rows`` (typed) and mark what cannot be read with its reason.

    In ``rows`` values stand under ``value_column``: a feature may have any name, that of another column too.
    A record with one bad row is bad as a whole, so that every record is exported, quarantined, a duplicate
    or unanswered.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    connection.create_function("csv_rows", _csv_rows, ["VARCHAR"], "VARCHAR[][]")
    connection.execute(_split_payloads(model))
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


def _split_payloads(model: MonitoredModel) -> str:
    """Return the SQL of the table ``payloads``: a row an inference, its values as lists of text."""
    layout, output = model.capture.payload, model.output
    features = [(one.name, one.at) for one in model.features]
    told: dict[str, int | str] = {str(name): at for name, at in output.at.items()}
    answers = [(name, told.get(name)) for name in response_names(model)]
    header = layout.header
    requests = _rows("request", features, layout.request_rows, header=header)
    responses = _rows("response", answers, layout.response_rows, header=False)
    # What was not captured is missing in every row of the other part.
    if layout.parts == "request":
        responses = f"list_transform({requests}, lambda one: ['' FOR n IN range({len(answers)})])"
    if layout.parts == "response":
        requests = f"list_transform({responses}, lambda one: ['' FOR n IN range({len(features)})])"
    return f"""
        CREATE TABLE payloads AS
        WITH split AS (
            SELECT object, record, {requests} AS requests, {responses} AS responses,
                {_is_broken("request", layout.parts != "response")} AS request_broken,
                {_is_broken("response", layout.parts != "request")} AS response_broken
            FROM records WHERE reason IS NULL AND coalesce(status, 'succeeded') = 'succeeded'
        )
        SELECT object, record, request_broken, response_broken,
            coalesce(len(requests), 0) AS request_rows, coalesce(len(responses), 0) AS response_rows,
            unnest(range(1, greatest(coalesce(len(requests), 0), coalesce(len(responses), 0), 1) + 1))
                AS row_in_record,
            unnest(requests) AS request, unnest(responses) AS response
        FROM split
    """


def _is_broken(column: str, wanted: bool) -> str:
    """Return SQL for what is wrong with a payload as a whole, NULL for nothing."""
    if not wanted:
        return "NULL"
    return f"""CASE
        WHEN {column} IS NULL THEN '{Reason.NO_INPUT if column == "request" else Reason.NO_PREDICTION}'
        WHEN {column}_kind = 'json' AND NOT json_valid({column}) THEN '{Reason.NOT_PAYLOAD_JSON}'
        WHEN {column}_kind = 'jsonl' AND NOT list_bool_and(list_transform({_lines(column)},
            lambda one: json_valid(one))) THEN '{Reason.NOT_PAYLOAD_JSON}'
    END"""


def _rows(
    column: str, places: list[tuple[str, int | str | None]], rows_path: str | None, *, header: bool
) -> str:
    """Return SQL for a payload as a list of rows, each a list of its values as text."""
    lines = f"string_split(rtrim(replace({column}, chr(13), ''), chr(10)), chr(10))"
    plain = f"list_transform({lines}, lambda one: string_split(one, ','))"
    rows = f"CASE WHEN contains({column}, '\"') THEN csv_rows({column}) ELSE {plain} END"
    paths = json_paths(places)
    documents = f"json_extract({column}, {text(rows_path + '[*]')})" if rows_path else f"[{column}]"
    by_path = f"lambda one: json_extract_string(one, {paths})"
    return f"""CASE
        WHEN {column}_kind = 'csv' THEN {csv_values(rows, places, header=header)}
        WHEN {column}_kind = 'json' AND json_valid({column}) THEN list_transform({documents}, {by_path})
        WHEN {column}_kind = 'jsonl' AND list_bool_and(list_transform({_lines(column)},
            lambda one: json_valid(one))) THEN list_transform({_lines(column)}, {by_path})
    END"""


def _lines(column: str) -> str:
    """Return SQL for the lines of a payload that are not blank."""
    return f"list_filter(string_split({column}, chr(10)), lambda one: trim(one, chr(13) || ' ') <> '')"


def _typed_rows(model: MonitoredModel) -> str:
    """Return the SQL of the table ``rows``: every value typed, or the first thing that is wrong."""
    names = response_names(model)
    wanted, answered = len(model.features), len(names)
    kinds = {"prediction": answer_type(model), "probability": ColumnType.NUMBER}
    values = [(f"request[{n}]", one.name, one.type) for n, one in enumerate(model.features, start=1)]
    values += [
        (f"response[{n}]", name, kinds[name]) for n, name in enumerate(names, start=1) if name in kinds
    ]
    columns = [f"{typed(value, kind)} AS {value_column(model, name)}" for value, name, kind in values]
    wrong = [
        f"CASE WHEN {unreadable(value, kind)} THEN {text(f'{name}: expected {EXPECTED[kind]}, but received ')}"
        f" || left({value}, 60) END"
        for value, name, kind in values
        if kind in EXPECTED
    ]
    prediction = f"response[{names.index('prediction') + 1}]" if "prediction" in names else "'-'"
    if "probabilities" in names:
        vector = f"TRY_CAST(response[{names.index('probabilities') + 1}] AS DOUBLE[])"
        columns.append(f"{vector} AS answer_probabilities")
        size = len(model.output.classes)
        wrong.append(
            f"CASE WHEN coalesce(len({vector}), 0) <> {size} OR list_contains({vector}, NULL) THEN "
            f"'probabilities: expected {size} numbers, but received ' "
            f"|| left(response[{names.index('probabilities') + 1}], 60) END"
        )
        if "prediction" not in names:
            classes = "[" + ", ".join(text(one) for one in model.output.classes) + "]"
            columns.append(f"{classes}[list_position({vector}, list_max({vector}))] AS answer_prediction")
    said = f"coalesce({', '.join(wrong)}, NULL)" if wrong else "NULL"
    missing = "true" if model.capture.payload.parts == "request" else f"trim({prediction}) <> ''"
    return f"""
        CREATE TABLE rows AS
        SELECT object, record, row_in_record, {", ".join(columns)},
            CASE
                WHEN request_broken IS NOT NULL THEN request_broken
                WHEN response_broken IS NOT NULL THEN response_broken
                WHEN request_rows = 0 OR response_rows = 0 THEN '{Reason.NOT_CSV}'
                WHEN request_rows <> response_rows THEN '{Reason.ROWS_DIFFER}'
                WHEN len(request) <> {wanted} OR len(response) <> {answered} THEN '{Reason.VALUE_COUNT}'
                WHEN {said} IS NOT NULL THEN '{Reason.NOT_A_NUMBER}'
                WHEN NOT coalesce({missing}, false) THEN '{Reason.NO_PREDICTION}'
            END AS reason,
            CASE
                WHEN request_broken = '{Reason.NO_INPUT}' THEN 'the record holds no request'
                WHEN request_broken IS NOT NULL THEN 'the request is not whole JSON'
                WHEN response_broken = '{Reason.NO_PREDICTION}' THEN 'the record holds no response'
                WHEN response_broken IS NOT NULL THEN 'the response is not whole JSON'
                WHEN request_rows = 0 THEN 'the request holds no rows, or a quotation in it does not end'
                WHEN response_rows = 0 THEN 'the response holds no rows, or a quotation in it does not end'
                WHEN request_rows <> response_rows
                    THEN 'the request has ' || request_rows || ' rows, the response ' || response_rows
                WHEN len(request) <> {wanted}
                    THEN 'expected {wanted} values in the request, but received ' || len(request)
                WHEN len(response) <> {answered}
                    THEN 'expected {answered} values in the response, but received ' || len(response)
                ELSE coalesce({said}, 'the response has no prediction')
            END AS detail
        FROM payloads
    """


def _csv_rows(payload: str) -> list[list[str]]:
    """Split a CSV payload with quoted values; no rows where a quotation does not end."""
    lines = io.StringIO(payload.replace("\r", ""), newline="\n")
    try:
        return [row for row in csv.reader(lines, strict=True) if row]
    except csv.Error:
        return []
