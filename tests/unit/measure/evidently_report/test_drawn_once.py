"""Evidently's report with everything computed once is Evidently's report."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from daywatch.measure.evidently_report import drift_section as evidently_report

COLUMNS = {"x": "number", "n": "integer", "c": "category", "b": "boolean", "remark": "text"}


def rows(count: int, shift: float) -> dict[str, list[Any]]:
    """Return inferences with drift in every kind of column."""
    draw = np.random.default_rng(int(shift))
    score = draw.random(count)
    words = ("late", "early", "storm", "snow") if shift else ("fine", "dry", "storm", "calm")
    return {
        "x": [*draw.normal(shift, 1, count - 1).tolist(), None],
        "n": draw.integers(0, 40, count).tolist(),
        "c": draw.choice(("a", "b", "c") if shift else ("a", "b", "d"), count).tolist(),
        "b": (draw.random(count) < 0.5 + shift / 4).tolist(),
        "remark": [" ".join(draw.choice(words, 4)) for _ in range(count)],
        "prediction": np.where(score > 0.5, "1", "0").tolist(),
        "probability": score.tolist(),
        "label": draw.choice(["0", "1"], count).tolist(),
    }


def test_the_report_is_the_same_and_each_column_is_computed_once(
    measure: Callable[..., Any], model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidently.legacy.calculations import data_drift

    model = model_of(COLUMNS)
    calls: Counter[str] = Counter()
    original = data_drift.get_one_column_drift

    def counted(**given: Any) -> Any:
        calls[given["column_name"]] += 1
        return original(**given)

    monkeypatch.setattr(data_drift, "get_one_column_drift", counted)
    measured = measure(model, rows(300, 0), rows(200, 1))
    drawn = [path.read_bytes() for path in (measured.html, measured.snapshot)]
    assert calls == Counter([*COLUMNS, "probability", "label"])
    assert data_drift.get_one_column_drift is counted
    monkeypatch.setattr(evidently_report, "drawn_once", contextlib.nullcontext)
    measured = measure(model, rows(300, 0), rows(200, 1))
    assert [path.read_bytes() for path in (measured.html, measured.snapshot)] == drawn
    assert calls["x"] > 2
