"""Canonical Parquet files and models for the tests of measuring."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
from daywatch.config.model.model import MonitoredModel

_TYPES = {"number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN"}

Columns = dict[str, list[Any]]


def make_model(features: dict[str, Any], **changes: Any) -> MonitoredModel:
    """Return a model with these features (name to type, or to all of its keys); ``changes`` replace top-level keys."""
    action = {"do": "look", "who": "team", "within_hours": 24}
    content: dict[str, Any] = {
        "model": "flights",
        "namespace": "/test/flights",
        "description": "a test",
        "owner": "team",
        "contacts": ["team@example.com"],
        "features": [
            {"name": name, "type": kind} if isinstance(kind, str) else {"name": name, **kind}
            for name, kind in features.items()
        ],
        "output": {"task": "binary_classification", "response": ["prediction", "probability"]},
        "capture": {"endpoint": "flights"},
        "baseline": {"first": "2013-01-22", "last": "2013-01-31"},
        "plan": {
            "rules": [{"metric": "rows", "red": "< 1"}],
            "actions": {"amber": action, "red": action, "grey": action},
        },
        "schedule": {"first_window": "2013-02-01"},
    }
    return MonitoredModel.model_validate({**content, **changes})


def write_parquet(path: Path, model: MonitoredModel, columns: Columns) -> Path:
    """Write canonical Parquet; a feature that is not in ``columns`` is not in the file."""
    answer = "DOUBLE" if model.output.task == "regression" else "VARCHAR"
    types = {feature.name: _TYPES.get(feature.type, "VARCHAR") for feature in model.features}
    outputs = {"prediction": answer, "label": answer}
    if model.output.has_probability:
        outputs["probability"] = "DOUBLE"
    if model.output.classes:
        outputs["probabilities"] = "DOUBLE[]"
    rows = max((len(values) for values in columns.values()), default=0)
    filled = {name: [None] * rows for name in outputs} | columns
    ids: Columns = {
        "event_id": [f"event-{number}" for number in range(rows)],
        "inference_id": [None] * rows,
        "inference_time": [datetime(2013, 2, 9, 12, tzinfo=UTC)] * rows,
        "source_key": ["s3://data/a.jsonl"] * rows,
        "source_record": list(range(rows)),
        "row_in_record": [0] * rows,
    }
    id_types = {"inference_time": "TIMESTAMPTZ", "source_record": "BIGINT", "row_in_record": "BIGINT"}
    all_types = types | outputs | id_types
    given = ids | filled
    names = list(given)
    table = pyarrow.Table.from_arrays([pyarrow.array(list(values)) for values in given.values()], names)
    typed = ", ".join(
        f"CAST({_quoted(name)} AS {all_types.get(name, 'VARCHAR')}) AS {_quoted(name)}" for name in names
    )
    with duckdb.connect() as connection:
        connection.register("written", table)
        connection.execute(f"COPY (SELECT {typed} FROM written) TO '{path}' (FORMAT parquet)")
    return path


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
