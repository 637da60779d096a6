"""A page template that changed, and the page's head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from daywatch.errors import SetupError
from daywatch.measure.columns.tables import Side
from daywatch.measure.evidently_report.drift_section import ReportPlots
from daywatch.measure.evidently_report.page import _put, head
from daywatch.measure.evidently_report.widgets import Dashboard
from daywatch.results import Metric


def test_an_unknown_template_is_an_error() -> None:
    with pytest.raises(SetupError, match="it differs from the version Daywatch is pinned to"):
        _put("<html>", "<body>", "text")


def test_evidentlys_own_number_stands_above_the_figures_where_the_score_leaves_it(
    model_of: Callable[..., Any],
) -> None:
    metrics = [
        Metric(name="rows", value=9, baseline=9),
        Metric(name="labelled", value=9, baseline=9),
        Metric(name="drift_score", column="<left>", value=0.25, method="chisquare"),
        Metric(name="drift_score", column="kept", value=0.5, method="ks"),
        Metric(name="evidently_drift_score", column="<left>", value=0.0, method="chisquare"),
        Metric(name="evidently_drift_score", column="kept", value=0.5, method="ks"),
    ]
    plots = ReportPlots({}, dict.fromkeys(Side, 9), 9, ())
    page = head(plots, model_of({"x": "number"}), metrics, Dashboard("", "", 1, 0))
    sentence = "&lt;left&gt;: the score is 0.25 by chisquare, and Evidently&#x27;s own number is 0."
    assert page.count("own number") == page.count(sentence) == 1


@pytest.mark.parametrize(
    ("response", "classes", "sentence"),
    [
        (["prediction", "probability"], [], ""),
        (
            ["probability"],
            [],
            "Predictions are derived: &#x27;1&#x27; from a probability of 0.5 on, &#x27;0&#x27; below.",
        ),
        (["probabilities"], ["0", "1"], "Predictions are derived: the class with the greatest probability."),
    ],
)
def test_derived_predictions_are_said_to_be(
    model_of: Callable[..., Any], response: list[str], classes: list[str], sentence: str
) -> None:
    output = {"task": "binary_classification", "response": response, "classes": classes}
    metrics = [Metric(name=name, value=9, baseline=9) for name in ("rows", "labelled")]
    plots = ReportPlots({}, dict.fromkeys(Side, 9), 9, ())
    page = head(plots, model_of({"x": "number"}, output=output), metrics, Dashboard("", "", 1, 0))
    assert page.count("are derived") == bool(sentence)
    assert sentence in page
