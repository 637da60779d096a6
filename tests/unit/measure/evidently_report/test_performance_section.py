"""Evidently's classification report names each side's classes rightly, whatever their hashes."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from sklearn.metrics import precision_score


def neighbours() -> tuple[str, str]:
    """Return two classes that a small set holds in the order in which they came."""
    first = "class 0"
    return first, next(name for number in count(1) if not (hash(name := f"class {number}") ^ hash(first)) & 7)


def test_classes_of_both_sides_are_in_one_order(
    measure: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    one, other = neighbours()
    third = "another"
    sides = {
        "reference": ([other, one, third] * 20, [other] * 20 + [one] * 20 + [third] * 20),
        "current": ([one, other, third] * 20, [one, other] * 15 + [third] * 30),
    }
    model = model_of(
        {"x": "number"}, output={"task": "multiclass_classification", "response": ["prediction"]}
    )
    columns = {
        side: {"x": [float(row) for row in range(60)], "label": label, "prediction": prediction}
        for side, (label, prediction) in sides.items()
    }
    measured = measure(model, columns["reference"], columns["current"])
    widgets = json.loads(measured.snapshot.read_text())["widgets"]
    (by_class,) = (
        widget["params"]["data"]
        for widget in widgets
        if (data := (widget.get("params") or {}).get("data")) and isinstance(data, list)
        if data[0].get("y") == ["precision", "recall", "f1-score"]
    )
    for drawn, (label, prediction) in zip(by_class, reversed(sides.values()), strict=True):
        expected = precision_score(label, prediction, labels=drawn["x"], average=None)
        assert drawn["z"][0] == pytest.approx(expected)
