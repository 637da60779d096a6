"""Evidently's report with everything computed once is Evidently's report."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from daywatch.measure import evidently_report

COLUMNS = {"x": "number", "n": "integer", "c": "category", "b": "boolean", "remark": "text"}


def rows(count: int, shift: float) -> dict[str, list[Any]]:
    """Return inferences with drift in every kind of column."""
    draw = random.Random(shift)
    score = [draw.random() for _ in range(count)]
    words = ("late", "early", "storm", "snow") if shift else ("fine", "dry", "storm", "calm")
    return {
        "x": [draw.gauss(shift, 1) for _ in range(count - 1)] + [None],
        "n": [draw.randrange(40) for _ in range(count)],
        "c": [draw.choice(("a", "b", "c") if shift else ("a", "b", "d")) for _ in range(count)],
        "b": [draw.random() < 0.5 + shift / 4 for _ in range(count)],
        "remark": [" ".join(draw.choices(words, k=4)) for _ in range(count)],
        "prediction": [str(int(value > 0.5)) for value in score],
        "probability": score,
        "label": [draw.choice("01") for _ in range(count)],
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
