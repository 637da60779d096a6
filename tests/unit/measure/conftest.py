"""Canonical Parquet files and models for the tests of the measure stage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daywatch.config.model import ColumnType, MonitoredModel

_TYPES = {"number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN"}

Columns = dict[str, list[Any]]


def make_model(features: dict[str, str], **changes: Any) -> MonitoredModel:
    """Return a model with these features (name to type); ``changes`` replace top-level keys."""
    action = {"do": "look", "who": "team", "within_hours": 24}
    content: dict[str, Any] = {
        "model": "flights",
        "namespace": "/test/flights",
        "description": "a test",
        "owner": "team",
        "contacts": ["team@example.com"],
        "features": [{"name": name, "type": kind} for name, kind in features.items()],
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
    types = {feature.name: _TYPES.get(ColumnType(feature.type).value, "VARCHAR") for feature in model.features}
    types |= {"prediction": answer, "label": answer}
    if model.output.has_probability:
        types["probability"] = "DOUBLE"
    rows = max((len(values) for values in columns.values()), default=0)
    columns = {name: [None] * rows for name in ("prediction", "probability", "label") if name in types} | columns
    names = list(columns)
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    with duckdb.connect() as connection:
        typed = "".join(f", {quoted[name]} {types[name]}" for name in names)
        connection.execute(
            "CREATE TABLE t (event_id VARCHAR, inference_id VARCHAR, inference_time TIMESTAMPTZ,"
            f" source_key VARCHAR, source_record BIGINT, row_in_record BIGINT{typed})"
        )
        time = datetime(2013, 2, 9, 12, tzinfo=UTC)
        if rows:
            arrays = {
                "event_id": [f"event-{number}" for number in range(rows)],
                "inference_id": [None] * rows,
                "source_key": ["s3://data/a.jsonl"] * rows,
                "source_record": list(range(rows)),
                "row_in_record": [0] * rows,
                **columns,
            }
            import pyarrow

            table = pyarrow.table(
                {"inference_time": pyarrow.array([time] * rows), **{k: pyarrow.array(list(v)) for k, v in arrays.items()}}
            )
            connection.register("given", table)
            listed = ", ".join(f'"{name}"' if name not in quoted else quoted[name] for name in arrays)
            connection.execute(f"INSERT INTO t (inference_time, {listed}) SELECT inference_time, {listed} FROM given")  # noqa: S608
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path


@pytest.fixture
def measure(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that writes both files and measures them."""
    from daywatch.measure.run import measure_window

    def run(model: MonitoredModel, reference: Columns, current: Columns) -> Any:
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return measure_window(
            write_parquet(tmp_path / "reference.parquet", model, reference),
            write_parquet(tmp_path / "current.parquet", model, current),
            model,
            scratch,
        )

    return run
