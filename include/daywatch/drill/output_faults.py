"""Faults of answers and labels: stuck, rescaled, flipped, of one class, of other rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.model.columns import Task
from daywatch.drill.fault import Fault
from daywatch.engine.duck import text
from daywatch.verdicts import CauseKind

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.profiles.profile import Profile

_PREDICTION, _LABELS = (CauseKind.PREDICTION,), (CauseKind.LABELS,)


def output_faults(model: MonitoredModel, profile: Profile) -> Iterator[Fault]:
    """Yield the faults of a model's answers and of its labels.

    Args:
        model: The model's configuration.
        profile: The profile of the day without faults.
    """
    yield from _of_answers(model, profile)
    if model.labels is not None:
        yield from _of_labels(model, profile)


def _of_answers(model: MonitoredModel, profile: Profile) -> Iterator[Fault]:
    prediction = profile.column("prediction")
    columns = ("prediction",)
    if model.output.task is Task.REGRESSION:
        mean = (prediction.mean if prediction else None) or 0.0
        yield Fault("prediction stuck", _PREDICTION, columns, replaced={"prediction": repr(float(mean))})
        yield Fault("prediction rescaled", _PREDICTION, columns, replaced={"prediction": "prediction * 10"})
        return
    if prediction is None or not prediction.frequent:
        return
    stuck = {"prediction": text(prediction.frequent[0].value)}
    if model.output.has_probability:
        probability = profile.column("probability")
        stuck["probability"] = repr(float((probability.mean if probability else None) or 0.0))
        yield Fault(
            "probability rescaled", _PREDICTION, columns, replaced={"probability": "power(probability, 3)"}
        )
    yield Fault("prediction stuck", _PREDICTION, columns, replaced=stuck)


def _of_labels(model: MonitoredModel, profile: Profile) -> Iterator[Fault]:
    label = profile.column("label")
    if label is None or not label.count:
        return
    columns = ("label",)
    if model.output.task is Task.REGRESSION:
        flipped = f"{(label.min or 0.0) + (label.max or 0.0)!r} - label"
        one = repr(float(label.mean or 0.0))
    else:
        classes = [entry.value for entry in label.frequent if entry.count]
        if len(classes) < 2:
            return
        nexts = zip(classes, [*classes[1:], classes[0]], strict=True)
        flipped = f"CASE label {' '.join(f'WHEN {text(now)} THEN {text(new)}' for now, new in nexts)} ELSE label END"
        one = text(classes[0])
    present = "CASE WHEN label IS NULL THEN NULL ELSE {} END"
    yield Fault("labels flipped", _LABELS, columns, {"label": flipped}, needs_labels=True)
    yield Fault("labels of one class", _LABELS, columns, {"label": present.format(one)}, needs_labels=True)
    others = "lag(label, 101, label) OVER (ORDER BY n)"
    of_other_rows = (CauseKind.LABELS, CauseKind.WORLD)
    yield Fault("labels of other rows", of_other_rows, (), {"label": others}, needs_labels=True)
