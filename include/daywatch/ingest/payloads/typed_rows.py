"""Rows of text cast to typed rows, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.loading.expressions import with_columns
from daywatch.config.model.columns import CategoryType, ColumnType
from daywatch.engine.duck import text
from daywatch.ingest.payloads.casts import (
    EXPECTED,
    cast,
    cast_fails,
    present,
    present_cell,
    stored_text,
    typed_cell,
)
from daywatch.ingest.payloads.categories import one_spelling
from daywatch.ingest.payloads.positions import VECTOR, ValuePosition, answer_positions, feature_positions
from daywatch.ingest.payloads.redaction import redacted
from daywatch.ingest.payloads.split_rows import payload_steps
from daywatch.ingest.payloads.vectors import vector_columns, wrong_vector
from daywatch.ingest.reading.lines import EXCERPT
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from daywatch.config.model.missing import MissingValues
    from daywatch.config.model.model import MonitoredModel

_NEVER = "(false)"
"""The condition of a value that always fits, such as a number in a column of numbers."""

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
        text: Column of the captured value, NULL where it stands for a missing one.
        column: Column of its typed value.
        missing: What else than an empty text and NaN stands for a missing value.
        hashed: Whether the value is a category that is hashed.
        percent: Whether the value is a probability in percent.
    """

    name: str
    type: ColumnType
    source: str
    source_type: str
    text: str
    column: str
    missing: MissingValues
    hashed: bool
    percent: bool

    @property
    def captured(self) -> str:
        """SQL for the captured value, NULL where it stands for a missing one."""
        if self.source_type:
            return present_cell(self.source, self.source_type, self.missing)
        return present(self.source, self.missing)

    @property
    def typed(self) -> str:
        """SQL for the value in its type, NULL where it does not fit."""
        typed = cast(self.text, self.type)
        if self.source_type:
            typed = typed_cell(self.text, self.source_type, self.type).value
        if self.percent:
            typed = f"({typed}) / 100"
        # Two spellings of one category must have one hash.
        return one_spelling(typed, CategoryType.INTEGER) if self.hashed else typed

    @property
    def misfit(self) -> str:
        """SQL that is true where the value does not fit its type."""
        if self.source_type:
            return typed_cell(self.text, self.source_type, self.type).misfit
        return cast_fails(self.text, self.column)


def rows_query(model: MonitoredModel, types: Mapping[str, str] | None = None) -> str:
    """Return SQL from ``window_records`` to rows, as common table expressions, the last of them ``judged``.

    ``judged`` has every value typed; ``reason`` and ``detail`` are about the first thing that is wrong with the record
    or, where ``is_whole`` is false, with the row. ``misfits`` lists the numbers of the values that do not fit their
    types. A record without a payload to split has one row. A value's column is ``value_column``: a feature may have
    any name, that of another column too.

    Args:
        model: Its features, answers, payload layout and redaction.
        types: DuckDB types of the columns ``captured_<n>``, for records that have these instead of payloads.
    """
    values = _values(model, types)
    columns = [f"{redacted(one.typed, model, one.name)} AS {one.column}" for one in values]
    vector = _vector_text(model, types)
    columns += [*vector_columns(model, vector), *_threshold_columns(model, values)]
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
        -- The same rows; the columns that are computed of the others.
        computed AS (
            SELECT *{_computed(model)} FROM typed
        ),
        -- One row per inference; the numbers of the values that do not fit their types, NULL for none.
        fitted AS (
            SELECT *, {_misfits(model, values, vector)} AS misfits FROM computed
        ),
        -- One row per inference; why the row, or its record, cannot be read.
        judged AS (
            SELECT * REPLACE (
                    CASE WHEN is_answered AND row_reason IN ('', '{Reason.NOT_A_NUMBER}') THEN misfits END AS misfits),
                coalesce(record_reason, problem) IS NOT NULL AS is_whole,
                CASE WHEN is_answered THEN coalesce(problem, nullif(row_reason, '')) ELSE record_reason END AS reason,
                CASE WHEN reason IS NULL THEN NULL WHEN is_answered THEN coalesce(problem_detail, {first_detail(rules)})
                    ELSE record_detail END AS detail
            FROM (SELECT *, coalesce({first_reason(rules)}, '') AS row_reason FROM fitted)
        )
    """


def _computed(model: MonitoredModel) -> str:
    """Return SQL for the columns that expressions compute, NULL where one cannot be computed for a row."""
    plain = {
        one.name: value_column(model, one.name)
        for one in model.captured_features
        if one.name not in model.redaction.columns
    }
    columns = ""
    for one in model.features:
        if one.expression and one.name not in model.redaction.drop:
            value = f"TRY(CAST(({with_columns(one.expression, plain)}) AS {one.type.sql_type}))"
            if one.type is ColumnType.NUMBER:
                value = f"nullif({value}, 'NaN'::DOUBLE)"
            columns += f", {redacted(value, model, one.name)} AS {value_column(model, one.name)}"
    return columns


_TABLE_ROWS = """
        -- One row per record, which is an inference.
        payloads AS (
            SELECT *, part_reason AS problem, part_detail AS problem_detail, 1::BIGINT AS rows_in_record,
                1::BIGINT AS row_in_record
            FROM window_records
        )
"""


def excerpt(model: MonitoredModel, types: Mapping[str, str] | None) -> str:
    """Return SQL for the text of what cannot be read, a record or one of its rows, in the columns of ``judged``.

    Args:
        model: The model's configuration.
        types: DuckDB types of the columns ``captured_<n>``, for records that have these instead of payloads.
    """
    if types is None:
        sides = (
            f"array_to_string(list_transform({one}, lambda value: left(coalesce(value, ''), {EXCERPT})), ',')"
            for one in ("request", "response")
        )
        return f"CASE WHEN is_whole OR rows_in_record = 1 THEN excerpt ELSE concat_ws(' | ', {', '.join(sides)}) END"
    if not types:
        return "excerpt"
    names = [*(feature.name for feature in model.captured_features), *model.output.response]
    shown = []
    for column in list(types)[:_SHOWN_COLUMNS]:
        title = names[int(column.removeprefix("captured_"))]
        shown.append(f"{text(f'{title}: ')} || CAST({column} AS VARCHAR)")
    return f"coalesce(excerpt, concat_ws(', ', {', '.join(shown)}))"


def _vector_text(model: MonitoredModel, types: Mapping[str, str] | None) -> str:
    """Return SQL for the captured text of the vector; empty without a vector."""
    if VECTOR not in model.output.response:
        return ""
    place = len(model.captured_features) + model.output.response.index(VECTOR)
    captured, source_type = _captured(model, types, place)
    return stored_text(captured, source_type) if source_type not in ("", "VARCHAR") else captured


def _captured(model: MonitoredModel, types: Mapping[str, str] | None, n: int) -> tuple[str, str]:
    """Return SQL for the nth captured value, of features and then answers, and the DuckDB type of its column."""
    if types is not None:
        column = f"captured_{n}"
        return (column, types[column]) if column in types else ("NULL::VARCHAR", "VARCHAR")
    features = len(model.captured_features)
    return (f"request[{n + 1}]" if n < features else f"response[{n - features + 1}]"), ""


def _values(model: MonitoredModel, types: Mapping[str, str] | None) -> list[_Value]:
    """Return the features, then the prediction and the probability as far as the response has them."""
    answers = {"prediction": model.output.answer_type, "probability": ColumnType.NUMBER}
    found = [(n, one.name, one.type) for n, one in enumerate(model.captured_features)]
    found += [
        (n, name, answers[name])
        for n, name in enumerate(model.output.response, start=len(model.captured_features))
        if name in answers
    ]
    return [
        _Value(
            name,
            kind,
            *_captured(model, types, place),
            f"text_{n}",
            value_column(model, name),
            model.missing_of(name),
            kind is ColumnType.CATEGORY and name in model.redaction.hash,
            name == "probability" and model.output.scale == "percent",
        )
        for n, (place, name, kind) in enumerate(found)
    ]


def checked_columns(model: MonitoredModel) -> list[str]:
    """Return the names of the values whose type is checked; ``misfits`` in ``typed_rows`` has their numbers from 0."""
    return [name for name, _, _ in _checks(model, _values(model, None), _vector_text(model, None))]


def _checks(model: MonitoredModel, values: list[_Value], vector: str) -> list[tuple[str, str, str]]:
    """Return name, the condition in SQL that the value does not fit its type, and SQL for the sentence that says so."""
    checks = [
        (
            one.name,
            f"({one.misfit})",
            text(f"{one.name}: expected {EXPECTED[one.type]}, but received ")
            + f" || left(CAST({one.source} AS VARCHAR), 60)",
        )
        for one in values
        if one.type in EXPECTED and one.name not in model.redaction.drop
    ]
    return checks + (wrong_vector(model, vector) if _captures_answers(model) else [])


def _misfits(model: MonitoredModel, values: list[_Value], vector: str) -> str:
    """Return SQL for the numbers of the values that do not fit their types, NULL where all do."""
    checks = enumerate(_checks(model, values, vector))
    conditions = {n: condition for n, (_, condition, _) in checks if condition != _NEVER}
    if not conditions:
        return "NULL::INTEGER[]"
    numbers = ", ".join(f"CASE WHEN {condition} THEN {n} END" for n, condition in conditions.items())
    found = f"list_filter([{numbers}], lambda one: one IS NOT NULL)"
    return f"CASE WHEN {' OR '.join(conditions.values())} THEN {found} END"


def _tolerated(model: MonitoredModel, values: list[_Value], vector: str) -> dict[int, str]:
    """Return the names of the features whose bad values count as missing, by their numbers in ``misfits``."""
    allowed = {one.name for one in model.features if one.on_bad_value == "missing"}
    return {n: name for n, (name, _, _) in enumerate(_checks(model, values, vector)) if name in allowed}


def _rules(model: MonitoredModel, values: list[_Value], vector: str, *, of_payloads: bool) -> list[Rule]:
    """Return the rules about rows that cannot be read; the first one that applies counts."""
    about_values = [_cast_rule(model, values, vector), _prediction_rule(model, values)]
    if not of_payloads:
        return about_values
    nul = " OR ".join(
        f"coalesce(list_bool_or(list_transform({one}, lambda value: contains(value, chr(0)))), false)"
        for one in ("request", "response")
    )
    return [
        *_count_rules("request", len(model.captured_features), feature_positions(model), model),
        *_count_rules("response", len(model.output.response), answer_positions(model), model),
        Rule(
            f"CASE WHEN has_nul THEN {nul} ELSE false END",
            Reason.NUL_CHARACTER,
            "'a value contains a NUL character, which no database stores'",
        ),
        *about_values,
    ]


def _cast_rule(model: MonitoredModel, values: list[_Value], vector: str) -> Rule:
    """Return the rule about values that do not fit their types; its sentence is about the first of them."""
    checks = _checks(model, values, vector)
    tolerated = ", ".join(map(str, _tolerated(model, values, vector)))
    bad = f"list_filter(misfits, lambda one: one NOT IN ({tolerated}))" if tolerated else "misfits"
    applies = f"CASE WHEN misfits IS NULL THEN false ELSE len({bad}) > 0 END"
    sentences = " ".join(f"WHEN {n} THEN {sentence}" for n, (_, _, sentence) in enumerate(checks))
    detail = f"CASE {bad}[1] {sentences} END" if sentences else "NULL"
    return Rule(applies if checks else "false", Reason.NOT_A_NUMBER, detail)


def _prediction_rule(model: MonitoredModel, values: list[_Value]) -> Rule:
    """Return the rule about responses without the value that is the prediction, or that says it."""
    said_by = "probability" if model.output.is_thresholded else "prediction"
    prediction = [one.text for one in values[len(model.captured_features) :] if one.name == said_by]
    applies = f"{prediction[0]} IS NULL" if prediction and _captures_answers(model) else "false"
    return Rule(applies, Reason.NO_PREDICTION, "'the response has no prediction'")


def _captures_answers(model: MonitoredModel) -> bool:
    return model.capture.payload.parts != "request"


def _count_rules(
    column: str, wanted: int, wanted_values: list[ValuePosition], model: MonitoredModel
) -> list[Rule]:
    """Return the rules about the number of values in a row."""
    positions = [at + 1 for _, at in wanted_values if isinstance(at, int)]
    least = f"at least {max(positions, default=wanted)} values in the {column}"
    if column == "request" and model.capture.payload.header:
        least = "as many values in each row of the request as its header has names"
    json = f"the {column} is not whole JSON" + (
        f", or has fewer than {max(positions)} values" if positions else ""
    )
    received = f"'expected {wanted} values in the {column}, but received ' || len({column})"
    return [
        Rule(f"{column} IS NULL AND {column}_kind <> 'csv'", Reason.NOT_PAYLOAD_JSON, text(json)),
        Rule(f"{column} IS NULL", Reason.VALUE_COUNT, text(f"expected {least}, but received fewer")),
        Rule(f"len({column}) <> {wanted}", Reason.VALUE_COUNT, received),
    ]


def _threshold_columns(model: MonitoredModel, values: list[_Value]) -> list[str]:
    """Return SQL for the prediction where only a probability is captured: the class on its side of the threshold."""
    output = model.output
    if not output.is_thresholded:
        return []
    (probability,) = (one.typed for one in values if one.column == "answer_probability")
    threshold = output.least_probability
    positive, negative = text(output.positive_class), text(output.other_class or "")
    return [
        f"CASE WHEN {probability} >= {threshold!r} THEN {positive} WHEN {probability} < {threshold!r} "
        f"THEN {negative} END AS answer_prediction"
    ]
