"""The columns of stored inferences that a question may name, with their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

START = "start_at"
"""Another name of ``inference_time``, which records of log-based monitors use; questions may name it."""

IDS = {"inference_time": "TIMESTAMPTZ", "event_id": "VARCHAR", "inference_id": "VARCHAR"}
SERVICE = {
    "status": "VARCHAR",
    "latency_ms": "DOUBLE",
    "request_bytes": "BIGINT",
    "response_bytes": "BIGINT",
    "model_version": "VARCHAR",
    "variant": "VARCHAR",
}
"""Columns of ``operations.parquet``. Its custom attributes are not among them: they may repeat redacted columns."""

_HASH = "^[0-9a-f]{64}$"


def row_columns(model: MonitoredModel) -> dict[str, str]:
    """Return the columns of a row in the order in which they are shown, with their DuckDB types.

    A feature with the name of another column, in any case, hides it.

    Args:
        model: The model's configuration.
    """
    features = {feature.name: feature.type.sql_type for feature in model.stored_features}
    answers = {"prediction": model.output.answer_type.sql_type}
    if model.output.has_probability:
        answers["probability"] = "DOUBLE"
    answers["label"] = model.output.answer_type.sql_type
    taken = {name.casefold() for name in features}
    own = {**IDS, **answers, **SERVICE, **dict.fromkeys(model.kept, "VARCHAR")}
    return {name: type_ for name, type_ in own.items() if name.casefold() not in taken} | features


def stored_value(name: str, type_: str, model: MonitoredModel) -> str:
    """Return SQL for a stored value, redacted as the model's YAML says now, also of days judged before it said so.

    Args:
        name: The column.
        type_: Its type in DuckDB.
        model: The model's configuration.
    """
    value = f"CAST({identifier(name)} AS {type_})"
    if name in model.redaction.truncate:
        return f"left({value}, {model.redaction.truncate[name]})"
    if name in model.redaction.hash:
        return f"CASE WHEN {value} IS NULL OR regexp_matches({value}, '{_HASH}') THEN {value} ELSE '(redacted)' END"
    return value
