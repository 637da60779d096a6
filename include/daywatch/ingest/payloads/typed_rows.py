"""Rows of text cast to typed rows, in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.engine.duck import text
from daywatch.ingest.payloads.casts import EXPECTED, cast, cast_fails
from daywatch.ingest.payloads.positions import VECTOR, ValuePosition, answer_positions, feature_positions
from daywatch.ingest.payloads.redaction import redacted
from daywatch.ingest.payloads.split_rows import payload_steps
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel


def value_column(model: MonitoredModel, name: str) -> str:
    """Return the column of a feature or an answer in the view ``typed_rows``."""
    names = [feature.name for feature in model.features]
    return f"value_{names.index(name)}" if name in names else f"answer_{name}"


def answer_columns(model: MonitoredModel) -> list[str]:
    """Return the answers' columns in canonical Parquet."""
    answers = ["prediction", *(["probability"] if model.output.has_probability else [])]
    return [*answers, VECTOR] if VECTOR in model.output.response else answers


def value_columns(model: MonitoredModel) -> list[str]:
    """Return all columns of features and answers in the view ``typed_rows``."""
    names = [*(feature.name for feature in model.stored_features), *answer_columns(model)]
    return [value_column(model, name) for name in names]


@dataclass(frozen=True)
class _Value:
    """A value of a payload, and the column that it becomes.

    Attributes:
        name: The feature's or the answer's name.
        type: What its text is cast to.
        source: SQL for its captured text.
        text: Column of its trimmed text, NULL where that is empty.
        column: Column of its typed value.
    """

    name: str
    type: ColumnType
    source: str
    text: str
    column: str


def rows_query(model: MonitoredModel) -> str:
    """Return SQL from ``window_records`` to rows, as common table expressions, the last of them ``judged``.

    ``judged`` has every value typed; ``reason`` and ``detail`` are about the first thing that is wrong with the record
    or with the row. A record without a payload to split has one row. A value's column is ``value_column``: a
    feature may have any name, that of another column too.

    Args:
        model: Its features, answers, payload layout and redaction.
    """
    values = _values(model)
    columns = [f"{redacted(cast(one.text, one.type), model, one.name)} AS {one.column}" for one in values]
    columns += _vector_columns(model)
    rules = _rules(model, values)
    return f"""
        {payload_steps(model)},
        -- One row per inference; the text of every value in a column of its own, without spaces around.
        trimmed AS (
            SELECT *, {", ".join(f"nullif({one.source}, '') AS {one.text}" for one in values)} FROM payloads
        ),
        -- One row per inference; every value in its type and redacted, NULL where the text does not fit the type.
        typed AS (
            SELECT *, {", ".join(columns)} FROM trimmed
        ),
        -- One row per inference; why the row, or its record, cannot be read.
        judged AS (
            SELECT *,
                CASE WHEN is_answered THEN coalesce(problem, {first_reason(rules)}) ELSE record_reason END AS reason,
                CASE WHEN reason IS NULL THEN NULL WHEN is_answered THEN coalesce(problem_detail, {first_detail(rules)})
                    ELSE record_detail END AS detail
            FROM typed
        )
    """


def _values(model: MonitoredModel) -> list[_Value]:
    """Return the features, then the prediction and the probability as far as the response has them."""
    answers = {"prediction": model.output.answer_type, "probability": ColumnType.NUMBER}
    found = [(f"request[{n}]", one.name, one.type) for n, one in enumerate(model.features, start=1)]
    found += [
        (f"response[{n}]", name, answers[name])
        for n, name in enumerate(model.output.response, start=1)
        if name in answers
    ]
    return [
        _Value(name, kind, source, f"text_{n}", value_column(model, name))
        for n, (source, name, kind) in enumerate(found)
    ]


def _rules(model: MonitoredModel, values: list[_Value]) -> list[Rule]:
    """Return the rules about rows that cannot be read; the first one that applies counts."""
    header = model.capture.payload.header
    return [
        Rule(
            "request_rows <> response_rows",
            Reason.ROWS_DIFFER,
            "'the request has ' || request_rows || ' rows, the response ' || response_rows",
        ),
        *_count_rules("request", len(model.features), feature_positions(model), header=header),
        *_count_rules("response", len(model.output.response), answer_positions(model), header=False),
        _cast_rule(model, values),
        _prediction_rule(model, values),
    ]


def _cast_rule(model: MonitoredModel, values: list[_Value]) -> Rule:
    """Return the rule about values that do not fit their types; its sentence is about the first of them."""
    wrong = {
        f"({cast_fails(one.text, one.column, one.type)})": text(
            f"{one.name}: expected {EXPECTED[one.type]}, but received "
        )
        + f" || left({one.source}, 60)"
        for one in values
        if one.type in EXPECTED and one.name not in model.redaction.drop
    }
    if _captures_answers(model):
        wrong |= _wrong_vector(model)
    sentences = " ".join(f"WHEN {condition} THEN {sentence}" for condition, sentence in wrong.items())
    detail = f"CASE {sentences} END" if sentences else "NULL"
    return Rule(" OR ".join(wrong) or "false", Reason.NOT_A_NUMBER, detail)


def _prediction_rule(model: MonitoredModel, values: list[_Value]) -> Rule:
    """Return the rule about responses without a prediction, for a model whose prediction is a value of its own."""
    prediction = [one.text for one in values[len(model.features) :] if one.name == "prediction"]
    applies = f"{prediction[0]} IS NULL" if prediction and _captures_answers(model) else "false"
    return Rule(applies, Reason.NO_PREDICTION, "'the response has no prediction'")


def _captures_answers(model: MonitoredModel) -> bool:
    return model.capture.payload.parts != "request"


def _count_rules(column: str, wanted: int, wanted_values: list[ValuePosition], *, header: bool) -> list[Rule]:
    """Return the rules about the number of values in a row."""
    positions = [at + 1 for _, at in wanted_values if isinstance(at, int)]
    short = f"'expected at least {max(positions, default=wanted)} values in the {column}, but received fewer'"
    if header:
        short = f"'expected a header that names all features, and as many values in each row of the {column}'"
    received = f"'expected {wanted} values in the {column}, but received ' || len({column})"
    return [
        Rule(f"{column} IS NULL", Reason.VALUE_COUNT, short),
        Rule(f"len({column}) <> {wanted}", Reason.VALUE_COUNT, received),
    ]


def _vector_columns(model: MonitoredModel) -> list[str]:
    """Return SQL for the vector of probabilities, and for the answers that only it gives; none without a vector.

    The class of its greatest number predicts; the number of the positive class is the probability.
    """
    if VECTOR not in model.output.response:
        return []
    vector = f"TRY_CAST({_vector_text(model)} AS DOUBLE[])"
    columns = [f"{vector} AS answer_{VECTOR}"]
    if "prediction" not in model.output.response:
        classes = "[" + ", ".join(text(one) for one in model.output.classes) + "]"
        columns.append(f"{classes}[list_position({vector}, list_max({vector}))] AS answer_prediction")
    if model.output.has_probability and "probability" not in model.output.response:
        columns.append(f"{vector}[{model.output.positive_position}] AS answer_probability")
    return columns


def _wrong_vector(model: MonitoredModel) -> dict[str, str]:
    """Return the condition in SQL that a vector is wrong, with SQL for the sentence; none without a vector."""
    if VECTOR not in model.output.response:
        return {}
    captured, size = _vector_text(model), len(model.output.classes)
    vector = f"TRY_CAST({captured} AS DOUBLE[])"
    finite = f"len(list_filter({vector}, lambda one: isfinite(one))) = {size}"
    return {
        f"NOT coalesce(len({vector}) = {size} AND {finite}, false)": f"'{VECTOR}: expected {size} numbers, "
        f"but received ' || coalesce(left({captured}, 60), 'nothing')"
    }


def _vector_text(model: MonitoredModel) -> str:
    """Return SQL for the captured text of the vector."""
    return f"response[{model.output.response.index(VECTOR) + 1}]"
