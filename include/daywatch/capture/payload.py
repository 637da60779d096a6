"""Rows of text to typed rows, in the order of the model's features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.capture.places import VECTOR, answer_places, feature_places
from daywatch.capture.reasons import Reason
from daywatch.capture.rows import Rule, first_of, split_payloads
from daywatch.capture.typed import EXPECTED, answer_type, typed, unreadable
from daywatch.config.model import ColumnType
from daywatch.engine.duck import text

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model import MonitoredModel


def value_column(model: MonitoredModel, name: str) -> str:
    """Return where a feature or an answer stands in the table ``rows``."""
    names = [feature.name for feature in model.features]
    return f"value_{names.index(name)}" if name in names else f"answer_{name}"


def answer_columns(model: MonitoredModel) -> list[str]:
    """Return the answers' columns in canonical Parquet."""
    answers = ["prediction", "probability", VECTOR]
    return [name for name in answers if name in model.output.response or name == "prediction"]


def parse_payloads(connection: duckdb.DuckDBPyConnection, model: MonitoredModel) -> None:
    """Turn the table ``records`` into ``rows`` (typed) and mark what cannot be read with its reason.

    In ``rows`` values stand under ``value_column``: a feature may have any name, that of another column too.
    A record with one bad row is bad as a whole, so that every record is exported, quarantined, a duplicate
    or unanswered.
    """
    split_payloads(connection, model)
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
    names = list(model.output.response)
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
    answered = model.capture.payload.parts != "request"
    prediction = f"response[{names.index('prediction') + 1}]" if "prediction" in names else None
    if VECTOR in names:
        told = f"response[{names.index(VECTOR) + 1}]"
        columns += _vector_columns(model, told, derived=prediction is None)
        wrong += [_wrong_vector(model, told)] if answered else []
    said = f"coalesce({', '.join(wrong)}, NULL)" if wrong else "NULL"
    rules = [
        ("problem IS NOT NULL", "", "told"),
        (
            "request_rows <> response_rows",
            Reason.ROWS_DIFFER,
            "'the request has ' || request_rows || ' rows, the response ' || response_rows",
        ),
        *_count_rules("request", len(model.features), feature_places(model), model.capture.payload.header),
        *_count_rules("response", len(names), answer_places(model), False),
        (f"{said} IS NOT NULL", Reason.NOT_A_NUMBER, said),
        (
            f"NOT coalesce(trim({prediction}) <> '', false)" if prediction and answered else "false",
            Reason.NO_PREDICTION,
            "'the response has no prediction'",
        ),
    ]
    return f"""
        CREATE TABLE rows AS
        SELECT object, record, row_in_record, {", ".join(columns)},
            coalesce(problem, {first_of(rules[1:], 1)}) AS reason, {first_of(rules, 2)} AS detail
        FROM payloads
    """


def _count_rules(
    column: str, wanted: int, places: list[tuple[str, int | str | None]], header: bool
) -> list[Rule]:
    """Return what is wrong with the number of a row's values."""
    positions = [at + 1 for _, at in places if isinstance(at, int)]
    short = f"'expected at least {max(positions, default=wanted)} values in the {column}, but received fewer'"
    if header:
        short = f"'expected a header that names all features, and as many values in each row of the {column}'"
    received = f"'expected {wanted} values in the {column}, but received ' || len({column})"
    return [
        (f"{column} IS NULL", Reason.VALUE_COUNT, short),
        (f"len({column}) <> {wanted}", Reason.VALUE_COUNT, received),
    ]


def _vector_columns(model: MonitoredModel, told: str, *, derived: bool) -> list[str]:
    """Return SQL for the vector, and for the class of its greatest number where nothing else predicts."""
    vector = f"TRY_CAST({told} AS DOUBLE[])"
    columns = [f"{vector} AS answer_{VECTOR}"]
    if derived:
        classes = "[" + ", ".join(text(one) for one in model.output.classes) + "]"
        columns.append(f"{classes}[list_position({vector}, list_max({vector}))] AS answer_prediction")
    return columns


def _wrong_vector(model: MonitoredModel, told: str) -> str:
    """Return SQL for what is wrong with a vector, NULL for nothing."""
    vector, size = f"TRY_CAST({told} AS DOUBLE[])", len(model.output.classes)
    finite = f"len(list_filter({vector}, lambda one: isfinite(one))) = {size}"
    return (
        f"CASE WHEN NOT coalesce(len({vector}) = {size} AND {finite}, false) THEN "
        f"'{VECTOR}: expected {size} numbers, but received ' || coalesce(left({told}, 60), 'nothing') END"
    )
