"""Figures that are drawn with a mark for their template are plotly's figures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from daywatch.measure.evidently_report import renderer as artist
from daywatch.measure.evidently_report.light_figures import MARK, light_figures, usual_template

OUTPUTS = {
    "binary": {"task": "binary_classification", "response": ["prediction", "probability"]},
    "classes": {"task": "multiclass_classification", "response": ["prediction"]},
    "regression": {"task": "regression", "response": ["prediction"]},
}


def rows(count: int, seed: int, task: str) -> dict[str, list[Any]]:
    """Return inferences of a model of that task."""
    draw = np.random.default_rng(seed)
    found = {
        "x": draw.normal(seed, 1, count).tolist(),
        "c": draw.choice(["a", "b"], count).tolist(),
        "remark": draw.choice(["fine day", "dry snow"], count).tolist(),
    }
    if task == "regression":
        return {
            **found,
            "prediction": draw.normal(size=count).tolist(),
            "label": draw.normal(size=count).tolist(),
        }
    classes = ["0", "1"] if task == "binary" else ["a", "b", "c"]
    found |= {name: draw.choice(classes, count).tolist() for name in ("prediction", "label")}
    return {**found, "probability": draw.random(count).tolist()} if task == "binary" else found


@pytest.mark.parametrize("task", OUTPUTS)
def test_the_report_is_the_same(
    task: str,
    measure: Callable[..., Any],
    model_of: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = model_of({"x": "number", "c": "category", "remark": "text"}, output=OUTPUTS[task])
    measured = measure(model, rows(120, 0, task), rows(100, 1, task))
    drawn = [path.read_text() for path in (measured.html, measured.snapshot)]
    assert drawn[1].count('"template": {') > 2
    monkeypatch.setattr(artist, "light_figures", contextlib.nullcontext)
    measured = measure(model, rows(120, 0, task), rows(100, 1, task))
    assert [path.read_text() for path in (measured.html, measured.snapshot)] == drawn


def test_plotly_is_as_before_afterwards() -> None:
    from plotly import basedatatypes, graph_objs, io

    before = io.templates.default, basedatatypes._str_to_dict_path_full
    usual = usual_template()
    with light_figures():
        assert graph_objs.Figure().to_plotly_json()["layout"]["template"] == MARK
    assert (io.templates.default, basedatatypes._str_to_dict_path_full) == before
    assert usual == usual_template() != MARK
    assert graph_objs.Figure().to_plotly_json()["layout"]["template"]["data"].keys() == usual["data"].keys()
