"""Fixtures that write canonical Parquet and measure it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from daywatch.config.model.model import MonitoredModel
from measured_files import Columns, make_model, write_parquet


@pytest.fixture
def model_of() -> Callable[..., MonitoredModel]:
    """Return the function that makes a model."""
    return make_model


@pytest.fixture
def parquet(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes canonical Parquet under a name."""

    def write(name: str, model: MonitoredModel, columns: Columns) -> Path:
        return write_parquet(tmp_path / f"{name}.parquet", model, columns)

    return write


@pytest.fixture
def measure(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that writes both files and measures them."""
    from daywatch.measure.window import measure_window

    def run(model: MonitoredModel, baseline: Columns, window: Columns, **settings: Any) -> Any:
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return measure_window(
            write_parquet(tmp_path / "baseline.parquet", model, baseline),
            write_parquet(tmp_path / "window.parquet", model, window),
            model,
            scratch,
            **settings,
        )

    return run
