"""The report is rendered in its own thread, and its errors are raised."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.evidently_alone import evidently_alone
from daywatch.measure.evidently_report import renderer as module
from daywatch.measure.evidently_report.performance_section import performance_sample
from daywatch.measure.evidently_report.renderer import ReportRenderer

TIME = datetime(2013, 2, 9, tzinfo=UTC)
ROWS: dict[str, list[Any]] = {
    "x": [float(n % 7) for n in range(60)],
    "prediction": ["0", "1"] * 30,
    "probability": [0.25, 0.75] * 30,
    "label": ["0", "1", "1"] * 20,
}


def test_what_fails_while_plotting_is_raised_with_the_files(
    measure: Callable[..., Any], model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, "plot_performance", fails)
    with measure(model_of({"x": "number"}), ROWS, ROWS) as measured:
        assert measured.measurement.metrics
    for name in ("html", "snapshot"):
        with pytest.raises(MemoryError):
            getattr(measured, name)


def test_after_a_failure_nothing_more_is_plotted(
    tmp_path: Path, model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = threading.Event()
    monkeypatch.setattr(module, "plot_performance", lambda *_: begin.wait(10))
    sections = []

    def fails() -> None:
        with ReportRenderer(model_of({"x": "number"}), TIME, tmp_path) as renderer:
            sections.extend(renderer.performance({}) for _ in range(2))
            while not sections[0].running():
                time.sleep(0.01)
            threading.Timer(0.2, begin.set).start()
            raise MemoryError

    with pytest.raises(MemoryError):
        fails()
    first, second = sections
    assert first.done()
    assert second.cancelled()


@pytest.mark.parametrize("section", ["performance", "drift"])
def test_evidently_plots_only_while_none_of_its_stat_tests_runs(
    section: str, tmp_path: Path, model_of: Callable[..., Any], parquet: Callable[..., Path]
) -> None:
    model = model_of({"x": "number"})
    file = parquet("rows", model, ROWS)
    columns = measured_columns(model)
    with (
        open_tables(file, file, columns, tmp_path) as tables,
        ReportRenderer(model, TIME, tmp_path) as renderer,
    ):
        every: dict[Side, Any] = {side: list(range(60)) for side in Side}
        frames = performance_sample(tables, 60, every)
        with evidently_alone():
            plots: Any = renderer.performance(frames) if section == "performance" else renderer.drift([], {})
            with pytest.raises(TimeoutError):
                plots.result(0.3)
        assert plots.result(60) is not None
