"""The report is drawn beside, and what goes wrong there is heard of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from daywatch.measure.drift.scoring import EVIDENTLY_ALONE
from daywatch.measure.evidently_report import renderer as module
from daywatch.measure.evidently_report.renderer import Artist

ROWS: dict[str, list[Any]] = {
    "x": [float(n % 7) for n in range(60)],
    "prediction": ["0", "1"] * 30,
    "probability": [0.25, 0.75] * 30,
    "label": ["0", "1", "1"] * 20,
}


def test_what_fails_in_drawing_is_raised_where_the_files_are_asked_for(
    measure: Callable[..., Any], model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, "performance_drawing", fails)
    with measure(model_of({"x": "number"}), ROWS, ROWS) as measured:
        assert measured.measurement.metrics
    for name in ("html", "snapshot"):
        with pytest.raises(MemoryError):
            getattr(measured, name)


def test_after_a_failure_nothing_more_is_drawn(
    tmp_path: Path, model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "performance_drawing", lambda *_: "drawn")
    parts = []

    def fails() -> None:
        with Artist(model_of({"x": "number"}), datetime(2013, 2, 9, tzinfo=UTC), tmp_path) as artist:
            EVIDENTLY_ALONE.acquire()
            parts.extend(artist.performance({}) for _ in range(2))
            while not parts[0].running():
                time.sleep(0.01)
            threading.Timer(0.2, EVIDENTLY_ALONE.release).start()
            raise MemoryError

    with pytest.raises(MemoryError):
        fails()
    begun, waiting = parts
    assert begun.done()
    assert waiting.cancelled()


def test_evidently_draws_only_while_none_of_its_stat_tests_runs(
    tmp_path: Path, model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "performance_drawing", lambda *_: "drawn")
    with Artist(model_of({"x": "number"}), datetime(2013, 2, 9, tzinfo=UTC), tmp_path) as artist:
        with EVIDENTLY_ALONE:
            drawing = artist.performance({})
            with pytest.raises(TimeoutError):
                drawing.result(0.05)
        assert drawing.result(10) == "drawn"
