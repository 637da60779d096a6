"""Rows of text to typed rows, in the order of the model's features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.engine.duck import text
from daywatch.ingest.payloads.casts import EXPECTED, answer_type, typed, unreadable
from daywatch.ingest.payloads.positions import VECTOR, answer_places, feature_places
from daywatch.ingest.payloads.redaction import redacted
from daywatch.ingest.payloads.split_rows import Rule, first_of, payload_steps
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel


def value_column(model: MonitoredModel, name: str) -> str:
    """Return where a feature or an answer stands in the table ``rows``."""
    names = [feature.name for feature in model.features]
    return f"value_{names.index(name)}" if name in names else f"answer_{name}"


def answer_columns(model: MonitoredModel) -> list[str]:
    """Return the answers' columns in canonical Parquet."""
    answers = ["prediction", *(["probability"] if model.output.has_probability else [])]
    return [*answers, VECTOR] if VECTOR in model.output.response else answers


def value_columns(model: MonitoredModel) -> list[str]:
    """Return all columns of features and answers in the table ``rows``."""
    names = [*(feature.name for feature in model.stored_features), *answer_columns(model)]
    return [value_column(model, name) for name in names]


def rows_query(model: MonitoredModel) -> str:
    """Return SQL from ``placed`` to rows, as common table expressions, the last of them ``judged``.

    ``judged`` has every value typed, or in ``reason`` and ``detail`` the first thing that is wrong with the record
    or with the row. A record without a payload to split has one row. Values stand under ``value_column``: a
    feature may have any name, that of another column too.
    """
    names = list(model.output.response)
    kinds = {"prediction": answer_type(model), "probability": ColumnType.NUMBER}
    values = [(f"request[{n}]", one.name, one.type) for n, one in enumerate(model.features, start=1)]
    values += [
        (f"response[{n}]", name, kinds[name]) for n, name in enumerate(names, start=1) if name in kinds
    ]
    trimmed = [f"nullif({value}, '') AS text_{n}" for n, (value, _, _) in enumerate(values)]
    columns = [
        f"{redacted(typed(f'text_{n}', kind), model, name)} AS {value_column(model, name)}"
        for n, (_, name, kind) in enumerate(values)
    ]
    broken = {
        f"({unreadable(f'text_{n}', value_column(model, name), kind)})": text(
            f"{name}: expected {EXPECTED[kind]}, but received "
        )
        + f" || left({value}, 60)"
        for n, (value, name, kind) in enumerate(values)
        if kind in EXPECTED and name not in model.redaction.drop
    }
    answered = model.capture.payload.parts != "request"
    told_names = [name for _, name, _ in values]
    prediction = (
        f"text_{told_names.index('prediction', len(model.features))}" if "prediction" in names else None
    )
    if VECTOR in names:
        told = f"response[{names.index(VECTOR) + 1}]"
        columns += _vector_columns(model, told, derived=prediction is None)
        broken |= _wrong_vector(model, told) if answered else {}
    said = " ".join(f"WHEN {condition} THEN {sentence}" for condition, sentence in broken.items())
    rules = [
        ("problem IS NOT NULL", "", "told"),
        (
            "request_rows <> response_rows",
            Reason.ROWS_DIFFER,
            "'the request has ' || request_rows || ' rows, the response ' || response_rows",
        ),
        *_count_rules("request", len(model.features), feature_places(model), model.capture.payload.header),
        *_count_rules("response", len(names), answer_places(model), False),
        (" OR ".join(broken) or "false", Reason.NOT_A_NUMBER, f"CASE {said} END" if said else "NULL"),
        (
            f"{prediction} IS NULL" if prediction and answered else "false",
            Reason.NO_PREDICTION,
            "'the response has no prediction'",
        ),
    ]
    reason = f"coalesce(problem, {first_of(rules[1:], 1)})"
    return f"""
        {payload_steps(model)}, trimmed AS (
            SELECT *, {", ".join(trimmed)} FROM payloads
        ), typed AS (
            SELECT *, {", ".join(columns)} FROM trimmed
        ), judged AS (
            SELECT *, CASE WHEN is_answered THEN {reason} ELSE record_reason END AS reason,
                CASE WHEN reason IS NULL THEN NULL WHEN is_answered THEN {first_of(rules, 2)}
                    ELSE record_detail END AS detail
            FROM typed
        )
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
    """Return SQL for the vector, and for the answers that only it gives.

    The class of its greatest number predicts; the number of the positive class is the probability.
    """
    vector = f"TRY_CAST({told} AS DOUBLE[])"
    columns = [f"{vector} AS answer_{VECTOR}"]
    if derived:
        classes = "[" + ", ".join(text(one) for one in model.output.classes) + "]"
        columns.append(f"{classes}[list_position({vector}, list_max({vector}))] AS answer_prediction")
    if model.output.has_probability and "probability" not in model.output.response:
        columns.append(f"{vector}[{model.output.positive_position}] AS answer_probability")
    return columns


def _wrong_vector(model: MonitoredModel, told: str) -> dict[str, str]:
    """Return the condition in SQL that a vector is wrong, and SQL for the sentence."""
    vector, size = f"TRY_CAST({told} AS DOUBLE[])", len(model.output.classes)
    finite = f"len(list_filter({vector}, lambda one: isfinite(one))) = {size}"
    return {
        f"NOT coalesce(len({vector}) = {size} AND {finite}, false)": f"'{VECTOR}: expected {size} numbers, "
        f"but received ' || coalesce(left({told}, 60), 'nothing')"
    }
