"""Evidently's classification and regression presets, drawn on labelled rows of the sample."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daywatch.config.model import Output, Task
from daywatch.measure.sample import Frames, distinct_names, sample_rows
from daywatch.measure.stat_tests import Kind
from daywatch.measure.tables import Role, Side

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from daywatch.config.model import MonitoredModel
    from daywatch.measure.tables import Tables

_CLASSES = 50


@dataclass(frozen=True)
class PerformanceDrawing:
    """What was drawn of performance.

    Attributes:
        document: Evidently's snapshot, None where nothing was drawn.
        rows: Labelled rows of the window that were drawn.
        reason: Why nothing was drawn.
    """

    document: dict[str, Any] | None = None
    rows: int = 0
    reason: str = ""


def performance_snapshot(tables: Tables, model: MonitoredModel, timestamp: datetime) -> PerformanceDrawing:
    """Draw the task's preset; the baseline stands beside where it can be drawn too."""
    columns = [column for column in tables.columns if column.role is not Role.FEATURE]
    test = {Kind.NUMERIC: 'isfinite("{}")', Kind.CATEGORICAL: '"{}" IS NOT NULL'}
    where = " AND ".join(test[column.kind].format(column.name) for column in columns)
    frames = {
        side: sample_rows(tables, side, columns, model.drift.drawing_rows, where) for side in Side
    }
    current = frames[Side.CURRENT]
    if current.empty:
        return PerformanceDrawing(reason="no row has both a label and a prediction")
    if model.output.task is Task.REGRESSION:
        return _regression(frames, model, timestamp)
    return _classification(frames, model, timestamp)


def _regression(frames: Frames, model: MonitoredModel, timestamp: datetime) -> PerformanceDrawing:
    from evidently import DataDefinition, Regression
    from evidently.presets import RegressionPreset

    current = frames[Side.CURRENT]
    if not _spread(current):
        return PerformanceDrawing(reason="fewer than two labelled rows, or labels or errors all the same")
    definition = DataDefinition(
        numerical_columns=["label", "prediction"],
        regression=[Regression(target="label", prediction="prediction")],
    )
    reference = frames[Side.REFERENCE] if _spread(frames[Side.REFERENCE]) else None
    return _run([RegressionPreset()], definition, current, reference, model, timestamp)


def _spread(frame: pd.DataFrame) -> bool:
    error = frame["prediction"] - frame["label"]
    return len(frame) > 1 and frame["label"].nunique() > 1 and error.nunique() > 1


def _classification(frames: Frames, model: MonitoredModel, timestamp: datetime) -> PerformanceDrawing:
    import pandas as pd

    values = pd.concat([frames[side][name] for side in Side for name in ("label", "prediction")])
    classes = sorted(values.unique())
    if frames[Side.CURRENT]["label"].nunique() < 2:
        return PerformanceDrawing(reason="the labels are of one class only")
    if len(classes) > _CLASSES:
        return PerformanceDrawing(reason=f"there are {len(classes):,} classes, and {_CLASSES} can be drawn")
    names = distinct_names(classes)
    for side in Side:
        for name in ("label", "prediction"):
            frames[side][name] = frames[side][name].map(names)
    current, reference = frames[Side.CURRENT], frames[Side.REFERENCE]
    if set(reference["label"]) != set(current["label"]):
        reference = None
    items, definition = _classification_items(model.output, names, current)
    return _run(items, definition, current, reference, model, timestamp)


def _classification_items(
    output: Output, names: dict[str, str], current: pd.DataFrame
) -> tuple[list[Any], Any]:
    """Return what to draw: the preset on predicted classes, and the probability's own curves.

    They are two tasks to Evidently: given both in one, it would ignore the model's own predictions and cut
    the probability at 0.5.
    """
    from evidently import BinaryClassification, DataDefinition, MulticlassClassification
    from evidently.metrics import LogLoss, RocAuc
    from evidently.presets import ClassificationPreset

    positive = names.get(output.positive_class)
    two = len(names) == 2 and positive in set(current["label"]) and output.task is Task.BINARY
    if not two:
        tasks = [MulticlassClassification(target="label", prediction_labels="prediction")]
        definition = DataDefinition(categorical_columns=["label", "prediction"], classification=tasks)
        return [ClassificationPreset()], definition
    items: list[Any] = [ClassificationPreset()]
    tasks = [BinaryClassification(target="label", prediction_labels="prediction", pos_label=positive)]
    numerical = []
    if output.has_probability and current["probability"].between(0, 1).all():
        numerical = ["probability"]
        tasks.append(
            BinaryClassification(
                name="probability", target="label", prediction_probas="probability", pos_label=positive
            )
        )
        items += [
            RocAuc(classification_name="probability", roc_curve=True, pr_table=False),
            LogLoss(classification_name="probability"),
        ]
    definition = DataDefinition(
        categorical_columns=["label", "prediction"], numerical_columns=numerical, classification=tasks
    )
    return items, definition


def _run(
    items: list[Any],
    definition: Any,
    current: pd.DataFrame,
    reference: pd.DataFrame | None,
    model: MonitoredModel,
    timestamp: datetime,
) -> PerformanceDrawing:
    from evidently import Dataset, Report

    sides = [
        None if frame is None else Dataset.from_pandas(frame.copy(), data_definition=definition)
        for frame in (current, reference)
    ]
    snapshot = Report(items).run(sides[0], sides[1], timestamp=timestamp, name=model.model)
    return PerformanceDrawing(dict(json.loads(snapshot.dumps())), len(current))
