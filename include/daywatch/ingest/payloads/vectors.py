"""The vector of probabilities, one for each class, as typed values in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.payloads.positions import VECTOR, by_path, json_path

if TYPE_CHECKING:
    from daywatch.config.model.columns import Output
    from daywatch.config.model.model import MonitoredModel


def vector_columns(model: MonitoredModel, captured: str) -> list[str]:
    """Return SQL for the vector of probabilities, and for the answers that only it gives; none without a vector.

    The class of its greatest number predicts; the number of the positive class is the probability.

    Args:
        model: The model's configuration.
        captured: SQL for the captured text of the vector.
    """
    output = model.output
    if VECTOR not in output.response:
        return []
    vector = _vector(output, captured)
    columns = [f"{vector} AS answer_{VECTOR}"]
    if "prediction" not in output.response:
        classes = "[" + ", ".join(text(one) for one in output.classes) + "]"
        columns.append(f"{classes}[list_position({vector}, list_max({vector}))] AS answer_prediction")
    if output.has_probability and "probability" not in output.response:
        columns.append(f"{vector}[{output.positive_position}] AS answer_probability")
    return columns


def wrong_vector(model: MonitoredModel, captured: str) -> list[tuple[str, str, str]]:
    """Return name, the condition in SQL that the vector is none, and SQL for the sentence; nothing without a vector.

    Args:
        model: The model's configuration.
        captured: SQL for the captured text of the vector; ``answer_probabilities`` is what was read of it.
    """
    if VECTOR not in model.output.response:
        return []
    size, vector = len(model.output.classes), f"answer_{VECTOR}"
    finite = f"len(list_filter({vector}, lambda one: isfinite(one))) = {size}"
    wrong = f"NOT coalesce(len({vector}) = {size} AND {finite}, false)"
    received = f"coalesce(left({captured}, 60), 'nothing')"
    by_class = f"CASE WHEN contains({captured}, '{{') THEN {text(_by_class(model.output))} ELSE '' END"
    return [
        (
            VECTOR,
            wrong,
            f"'{VECTOR}: expected {size} numbers' || {by_class} || ', but received ' || {received}",
        )
    ]


def _by_class(output: Output) -> str:
    names = ", ".join(output.classes)
    return f", one for each of {names if len(names) <= 60 else names[:59] + '…'}"


def _vector(output: Output, captured: str) -> str:
    """Return SQL for the vector in the order of the classes, NULL where it does not have a number for each."""
    size, keys = len(output.classes), output.score_keys
    by_key = by_path(captured, [(one, None) for one in output.classes])
    labels, scores = (
        f"json_extract_string({captured}, {text('$[*]' + json_path(one)[1:])})"
        for one in (keys.label, keys.score)
    )
    by_label = ", ".join(f"{scores}[list_position({labels}, {text(one)})]" for one in output.classes)
    # Numbers in a list are what most models answer, which is cheap to see.
    numbers = f"""
        CASE WHEN NOT contains({captured}, '{{') THEN TRY_CAST({captured} AS DOUBLE[])
            WHEN NOT json_valid({captured}) THEN NULL
            WHEN json_type({captured}) = 'OBJECT' THEN
                CASE WHEN len(json_keys({captured})) = {size} THEN TRY_CAST({by_key} AS DOUBLE[]) END
            WHEN json_array_length({captured}) = {size} AND len({labels}) = {size} AND len({scores}) = {size} THEN
                TRY_CAST([{by_label}] AS DOUBLE[])
        END
    """
    return (
        f"list_transform({numbers}, lambda one: one / 100)" if output.scale == "percent" else f"({numbers})"
    )
