"""Rows of text cast to typed rows, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.engine.duck import text
from daywatch.ingest.payloads.casts import EXPECTED, cast, cast_fails, present, present_cell, typed_cell
from daywatch.ingest.payloads.positions import VECTOR, ValuePosition, answer_positions, feature_positions
from daywatch.ingest.payloads.redaction import redacted
from daywatch.ingest.payloads.split_rows import payload_steps
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

_SHOWN_COLUMNS = 30
"""Columns of a table that the excerpt of a row shows, as far as there is room."""


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
        source: SQL for its captured value.
        source_type: DuckDB type of a table's column; empty for a text in a payload.
        text: Column of the captured value, NULL where that is an empty text.
        column: Column of its typed value.
    """

    name: str
    type: ColumnType
    source: str
    source_type: str
    text: str
    column: str

    @property
    def captured(self) -> str:
        """SQL for the captured value, NULL where it stands for a missing one."""
        return present_cell(self.source, self.source_type) if self.source_type else present(self.source)

    @property
    def typed(self) -> str:
        """SQL for the value in its type, NULL where it does not fit."""
        if self.source_type:
            return typed_cell(self.text, self.source_type, self.type).value
        return cast(self.text, self.type)

    @property
    def misfit(self) -> str:
        """SQL that is true where the value does not fit its type."""
        if self.source_type:
            return typed_cell(self.text, self.source_type, self.type).misfit
        return cast_fails(self.text, self.column)


def rows_query(model: MonitoredModel, types: Mapping[str, str] | None = None) -> str:
    """Return SQL from ``window_records`` to rows, as common table expressions, the last of them ``judged``.

    ``judged`` has every value typed; ``reason`` and ``detail`` are about the first thing that is wrong with the record
    or with the row. A record without a payload to split has one row. A value's column is ``value_column``: a
    feature may have any name, that of another column too.

    Args:
        model: Its features, answers, payload layout and redaction.
        types: DuckDB types of the columns ``captured_<n>``, for records that have these instead of payloads.
    """
    values = _values(model, types)
    columns = [f"{redacted(one.typed, model, one.name)} AS {one.column}" for one in values]
    vector = _vector_text(model, types)
    columns += _vector_columns(model, vector)
    rules = _rules(model, values, vector, of_payloads=types is None)
    return f"""
        {payload_steps(model) if types is None else _TABLE_ROWS},
        -- One row per inference; every captured value in a column of its own, without spaces around.
        trimmed AS (
            SELECT *, {", ".join(f"{one.captured} AS {one.text}" for one in values)} FROM payloads
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


_TABLE_ROWS = """
        -- One row per record, which is an inference.
        payloads AS (
            SELECT *, NULL::VARCHAR AS problem, NULL::VARCHAR AS problem_detail, 1::BIGINT AS row_in_record
            FROM window_records
        )
"""


def excerpt(model: MonitoredModel, types: Mapping[str, str] | None) -> str:
    """Return SQL for the text of a record that cannot be read, in the columns of ``judged``.

    Args:
        model: The model's configuration.
        types: DuckDB types of the columns ``captured_<n>``, for records that have these instead of payloads.
    """
    if not types:
        return "excerpt"
    names = [*(feature.name for feature in model.features), *model.output.response]
    shown = []
    for column in list(types)[:_SHOWN_COLUMNS]:
        title = names[int(column.removeprefix("captured_"))]
        shown.append(f"{text(f'{title}: ')} || CAST({column} AS VARCHAR)")
    return f"coalesce(excerpt, concat_ws(', ', {', '.join(shown)}))"


def _captured(model: MonitoredModel, types: Mapping[str, str] | None, n: int) -> tuple[str, str]:
    """Return SQL for the nth captured value, of features and then answers, and the DuckDB type of its column."""
    if types is not None:
        column = f"captured_{n}"
        return (column, types[column]) if column in types else ("NULL::VARCHAR", "VARCHAR")
    features = len(model.features)
    return (f"request[{n + 1}]" if n < features else f"response[{n - features + 1}]"), ""


def _values(model: MonitoredModel, types: Mapping[str, str] | None) -> list[_Value]:
    """Return the features, then the prediction and the probability as far as the response has them."""
    answers = {"prediction": model.output.answer_type, "probability": ColumnType.NUMBER}
    found = [(n, one.name, one.type) for n, one in enumerate(model.features)]
    found += [
        (n, name, answers[name])
        for n, name in enumerate(model.output.response, start=len(model.features))
        if name in answers
    ]
    return [
        _Value(name, kind, *_captured(model, types, place), f"text_{n}", value_column(model, name))
        for n, (place, name, kind) in enumerate(found)
    ]


def _rules(model: MonitoredModel, values: list[_Value], vector: str, *, of_payloads: bool) -> list[Rule]:
    """Return the rules about rows that cannot be read; the first one that applies counts."""
    about_values = [_cast_rule(model, values, vector), _prediction_rule(model, values)]
    if not of_payloads:
        return about_values
    header = model.capture.payload.header
    return [
        Rule(
            "request_rows <> response_rows",
            Reason.ROWS_DIFFER,
            "'the request has ' || request_rows || ' rows, the response ' || response_rows",
        ),
        *_count_rules("request", len(model.features), feature_positions(model), header=header),
        *_count_rules("response", len(model.output.response), answer_positions(model), header=False),
        *about_values,
    ]


def _cast_rule(model: MonitoredModel, values: list[_Value], vector: str) -> Rule:
    """Return the rule about values that do not fit their types; its sentence is about the first of them."""
    wrong = {
        f"({one.misfit})": text(f"{one.name}: expected {EXPECTED[one.type]}, but received ")
        + f" || left(CAST({one.source} AS VARCHAR), 60)"
        for one in values
        if one.type in EXPECTED and one.name not in model.redaction.drop
    }
    if _captures_answers(model):
        wrong |= _wrong_vector(model, vector)
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


def _vector_columns(model: MonitoredModel, captured: str) -> list[str]:
    """Return SQL for the vector of probabilities, and for the answers that only it gives; none without a vector.

    The class of its greatest number predicts; the number of the positive class is the probability.
    """
    if VECTOR not in model.output.response:
        return []
    vector = f"TRY_CAST({captured} AS DOUBLE[])"
    columns = [f"{vector} AS answer_{VECTOR}"]
    if "prediction" not in model.output.response:
        classes = "[" + ", ".join(text(one) for one in model.output.classes) + "]"
        columns.append(f"{classes}[list_position({vector}, list_max({vector}))] AS answer_prediction")
    if model.output.has_probability and "probability" not in model.output.response:
        columns.append(f"{vector}[{model.output.positive_position}] AS answer_probability")
    return columns


def _wrong_vector(model: MonitoredModel, captured: str) -> dict[str, str]:
    """Return the condition in SQL that a vector is wrong, with SQL for the sentence; none without a vector."""
    if VECTOR not in model.output.response:
        return {}
    size = len(model.output.classes)
    vector = f"TRY_CAST({captured} AS DOUBLE[])"
    finite = f"len(list_filter({vector}, lambda one: isfinite(one))) = {size}"
    return {
        f"NOT coalesce(len({vector}) = {size} AND {finite}, false)": f"'{VECTOR}: expected {size} numbers, "
        f"but received ' || coalesce(left({captured}, 60), 'nothing')"
    }


def _vector_text(model: MonitoredModel, types: Mapping[str, str] | None) -> str:
    """Return SQL for the captured text of the vector; empty without a vector."""
    if VECTOR not in model.output.response:
        return ""
    return _captured(model, types, len(model.features) + model.output.response.index(VECTOR))[0]
