"""Evidently's report with the patches is Evidently's report, and the libraries are as before afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pkgutil import resolve_name
from typing import Any

import numpy as np
import pytest
from daywatch.measure.evidently_report.patches import PATCHES, TEMPLATE_MARK, default_template, patched

COLUMNS = {"x": "number", "n": "integer", "c": "category", "b": "boolean", "remark": "text"}
OUTPUTS = {
    "binary": {"task": "binary_classification", "response": ["prediction", "probability"]},
    "classes": {"task": "multiclass_classification", "response": ["prediction"]},
    "regression": {"task": "regression", "response": ["prediction"]},
}
REGISTRY = "evidently.legacy.calculations.stattests.registry"


def rows(count: int, shift: float, task: str) -> dict[str, list[Any]]:
    """Return inferences of a model of that task, with drift in every kind of column."""
    random = np.random.default_rng(int(shift))
    words = ("late", "early", "storm", "snow") if shift else ("fine", "dry", "storm", "calm")
    found = {
        "x": [*random.normal(shift, 1, count - 1).tolist(), None],
        "n": random.integers(0, 40, count).tolist(),
        "c": random.choice(("a", "b", "c") if shift else ("a", "b", "d"), count).tolist(),
        "b": (random.random(count) < 0.5 + shift / 4).tolist(),
        "remark": [" ".join(random.choice(words, 4)) for _ in range(count)],
    }
    if task == "regression":
        return found | {name: random.normal(size=count).tolist() for name in ("prediction", "label")}
    classes = ["0", "1"] if task == "binary" else ["a", "b", "c"]
    found |= {name: random.choice(classes, count).tolist() for name in ("prediction", "label")}
    return {**found, "probability": random.random(count).tolist()} if task == "binary" else found


def originals() -> list[Any]:
    """Return what the patches replace, as it is now, with the registries' entries."""
    found = [getattr(resolve_name(owner), patch.attribute) for patch in PATCHES for owner in patch.owners]
    registry = resolve_name(REGISTRY)
    return [*found, *registry._registered_stat_tests, len(registry._registered_stat_test_funcs)]


@pytest.mark.parametrize("task", OUTPUTS)
def test_the_report_is_the_same_without_the_patches(
    task: str, measure: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    model = model_of(COLUMNS, output=OUTPUTS[task])
    files = []
    for library_patches in (True, False):
        sides = rows(300, 0, task), rows(200, 1, task)
        measured = measure(model, *sides, library_patches=library_patches)
        files.append([path.read_text() for path in (measured.html, measured.snapshot)])
    assert files[0] == files[1]
    assert files[0][1].count('"template": {') > 2


def test_each_column_is_computed_once(
    measure: Callable[..., Any], model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidently.legacy.calculations import data_drift

    calls: Counter[str] = Counter()
    original = data_drift.get_one_column_drift

    def counted(**arguments: Any) -> Any:
        calls[arguments["column_name"]] += 1
        return original(**arguments)

    monkeypatch.setattr(data_drift, "get_one_column_drift", counted)
    sides = rows(300, 0, "binary"), rows(200, 1, "binary")
    assert measure(model_of(COLUMNS), *sides).html
    assert calls == Counter([*COLUMNS, "probability", "label"])
    assert measure(model_of(COLUMNS), *sides, library_patches=False).html
    assert calls["x"] > 3


def test_the_libraries_are_as_before_after_a_report(
    measure: Callable[..., Any], model_of: Callable[..., Any]
) -> None:
    from plotly import io

    before, templates = originals(), list(io.templates)
    assert measure(model_of(COLUMNS), rows(300, 0, "binary"), rows(200, 1, "binary")).html
    assert originals() == before
    assert list(io.templates) == templates


def test_the_libraries_are_as_before_after_an_exception() -> None:
    from evidently.legacy.calculations.stattests import StatTest, register_stattest

    before = originals()

    def fails() -> None:
        with patched(PATCHES):
            register_stattest(StatTest("ours", "ours", []), default_impl=lambda *_: (0.0, False))
            assert "ours" in resolve_name(REGISTRY)._registered_stat_tests
            raise MemoryError

    with pytest.raises(MemoryError):
        fails()
    assert originals() == before
    assert "ours" not in resolve_name(REGISTRY)._registered_stat_tests


def test_figures_carry_a_mark_for_their_template() -> None:
    from plotly.graph_objs import Figure

    template = default_template()
    with patched(PATCHES):
        assert Figure().to_plotly_json()["layout"]["template"] == TEMPLATE_MARK
    assert Figure().to_plotly_json()["layout"]["template"]["data"].keys() == template["data"].keys()
    assert default_template() == template != TEMPLATE_MARK


def test_the_report_is_the_same_where_no_patch_fits(
    measure: Callable[..., Any], model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from daywatch.measure.evidently_report import renderer

    sides = rows(300, 0, "binary"), rows(200, 1, "binary")
    measured = measure(model_of(COLUMNS), *sides)
    files = [path.read_text() for path in (measured.html, measured.snapshot)]
    unfit = tuple(replace(patch, tested_with={"evidently": ("none",)}) for patch in PATCHES)
    monkeypatch.setattr(renderer, "PATCHES", unfit)
    measured = measure(model_of(COLUMNS), *sides)
    assert [path.read_text() for path in (measured.html, measured.snapshot)] == files
