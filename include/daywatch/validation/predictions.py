"""Suggestions against two known failures of served models: always one answer, or no valid probability."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from daywatch.config.model.columns import Task
from daywatch.config.model.model import MonitoredModel
from daywatch.ingest.payloads.positions import VECTOR
from daywatch.profiles.numeric import QUANTILES
from daywatch.profiles.profile import ColumnProfile, Profile
from daywatch.results import Severity
from daywatch.validation.draft import Draft

ENOUGH = 10
"""The least number of rows that a day is expected to have of what must not be missing. By chance, all of them
are missing in less than one day of 20,000 (Poisson: exp(-10))."""

SUM_MARGIN = 0.01
"""How far from 1 the probabilities of a row may sum up: answers are often rounded."""

_QUARTERS = (0.25, 0.75)


def draft_predictions(profile: Profile, model: MonitoredModel, day: int) -> Iterator[Draft]:
    """Draft what holds for the predictions of a window as a whole, and for lists of probabilities.

    Args:
        profile: The profile of the baseline's rows.
        model: The monitored model.
        day: The least number of rows of a day.
    """
    prediction = profile.column("prediction")
    if prediction is not None and prediction.count:
        if prediction.type.is_numeric:
            yield from _number(prediction, day)
        else:
            yield from _classes(prediction, model, day)
    if VECTOR in model.output.response:
        bounds: dict[str, Any] = {"column": VECTOR, "min_value": 0, "max_value": 1}
        words = f"{VECTOR}: each from 0 to 1"
        yield Draft("expect_column_list_values_to_be_between", bounds, Severity.CRITICAL, words)
        bounds = {"column": VECTOR, "min_value": 1 - SUM_MARGIN, "max_value": 1 + SUM_MARGIN}
        words = f"{VECTOR}: sum up to 1 in each row"
        yield Draft("expect_column_list_sum_to_be_between", bounds, Severity.CRITICAL, words)


def _classes(prediction: ColumnProfile, model: MonitoredModel, day: int) -> Iterator[Draft]:
    """Draft that each class of every day occurs, and that not all predictions are one class.

    For two classes both mean the same.
    """
    counts = {entry.value: entry.count for entry in prediction.frequent}
    enough = (
        ENOUGH * prediction.count
    )  # a day has its share of the baseline's: count * day / prediction.count
    daily = sorted(value for value, count in counts.items() if count * day >= enough)
    binary = model.output.task is Task.BINARY
    others = prediction.count - max(counts.values(), default=prediction.count)
    if not (binary and len(daily) > 1) and others * day >= enough:
        yield _varied()
    if len(daily) > 1:
        kwargs = {"column": "prediction", "value_set": daily}
        severity = Severity.CRITICAL if binary else Severity.WARNING
        yield Draft("expect_column_values_to_include_set", kwargs, severity, "prediction: no class is gone")


def _number(prediction: ColumnProfile, day: int) -> Iterator[Draft]:
    """Draft that predictions are not all the same, where no value makes up three quarters of the baseline."""
    quantiles = dict(zip(QUANTILES, prediction.quantiles, strict=False))
    lower, upper = (quantiles.get(one) for one in _QUARTERS)
    if lower is not None and lower != upper and _QUARTERS[0] * day >= ENOUGH:
        yield _varied()


def _varied() -> Draft:
    kwargs = {"column": "prediction"}
    words = "prediction: not all the same"
    return Draft("expect_column_values_to_vary", kwargs, Severity.CRITICAL, words)
