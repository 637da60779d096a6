"""A small baseline, its model and its suite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.profiles.profile import profile_rows
from daywatch.validation.suggest import suggest_suite
from flights_model import flights_model

ROWS = 1000
WEIRD = 'ca"rr ier.ü%s'


@pytest.fixture(scope="session")
def model() -> MonitoredModel:
    return flights_model(
        {"delay": "number", "hour": "integer", WEIRD: "category", "night": "boolean", "note": "text"}
    )


def columns(rows: int = ROWS) -> dict[str, Any]:
    at = np.arange(rows)
    delay = [None if i % 20 == 0 else float("nan") if i % 50 == 1 else float(i) for i in range(rows)]
    return {
        "delay": pa.array(delay, pa.float64(), from_pandas=False),
        "hour": pa.array(at % 24, pa.int64()),
        WEIRD: pa.array([("AA", "B'6", 'U"A')[i % 3] for i in range(rows)], pa.string()),
        "night": pa.array([i % 24 < 6 for i in range(rows)], pa.bool_()),
        "note": pa.array([f"note {i}" for i in range(rows)], pa.string()),
        "prediction": pa.array([str(i % 2) for i in range(rows)], pa.string()),
        "probability": pa.array(at / max(rows - 1, 1), pa.float64()),
        "label": pa.array([None] * rows, pa.string()),
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the baseline's columns, with the given changes, as Parquet."""

    def written(rows: int = ROWS, drop: tuple[str, ...] = (), **changed: Any) -> Path:
        table = {**columns(rows), **changed}
        pq.write_table(
            pa.table({name: table[name] for name in table if name not in drop}), tmp_path / "it's.parquet"
        )
        return tmp_path / "it's.parquet"

    return written


@pytest.fixture(scope="session")
def suite(model: MonitoredModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("baseline") / "rows.parquet"
    pq.write_table(pa.table(columns()), path)
    return suggest_suite(profile_rows(path, model), model, {"2013-01-22": 900, "2013-01-23": 1100})
