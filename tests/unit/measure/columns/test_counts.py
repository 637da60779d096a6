"""Missing values are seen where drift scores cannot see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.results import Metric

Columns = dict[str, list[Any]]


def _null_share(measure: Callable[..., Any], model: MonitoredModel, missing: int) -> Metric:
    full: Columns = {"delay": [float(n) for n in range(100)]}
    holes: Columns = {"delay": [None if n < missing else float(n) for n in range(100)]}
    measured = measure(model, full, holes)
    (metric,) = [one for one in measured.measurement.metrics if one.name == "null_share"]
    assert isinstance(metric, Metric)
    return metric


@pytest.mark.parametrize(("missing", "alert"), [(0, False), (5, False), (6, True), (100, True)])
def test_a_rise_of_missing_values_beyond_the_allowed_is_an_alert(
    measure: Callable[..., Any], model_of: Callable[..., MonitoredModel], missing: int, alert: bool
) -> None:
    model = model_of({"delay": "number"}, drift={"null_share_rise": 0.05})
    metric = _null_share(measure, model, missing)
    assert metric.value == missing / 100
    assert (metric.baseline, metric.threshold, metric.alert) == (0.0, 0.05, alert)
