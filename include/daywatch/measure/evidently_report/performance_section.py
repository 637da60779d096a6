"""Evidently's classification and regression presets, drawn on labelled rows of the sample."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from daywatch.config.drift_methods import ColumnKind
from daywatch.config.model.columns import Output, Task
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.measure.evidently_report.sample import Frames, distinct_names, sample_frame, sample_rows
from daywatch.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pandas as pd

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.tables import Tables

_CLASSES = 50
_ANSWERS = ("label", "prediction")


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


class Sides(NamedTuple):
    """The drawn rows; the baseline's only where they can be drawn too."""

    current: pd.DataFrame
    reference: pd.DataFrame | None


def labelled_condition(columns: Iterable[Column]) -> str:
    """Return SQL for the rows from which performance can be drawn: with a label and all of the answer."""
    test = {ColumnKind.NUMERIC: 'isfinite("{}")', ColumnKind.CATEGORICAL: '"{}" IS NOT NULL'}
    return " AND ".join(
        test[column.kind].format(column.name) for column in columns if column.role is not Role.FEATURE
    )


def performance_sample(tables: Tables, limit: int, drawn: dict[Side, list[int]]) -> Frames:
    """Return at most so many labelled rows of both sides, for drawing performance.

    Args:
        tables: The baseline and the window.
        limit: How many.
        drawn: Of each side, what ``sample.draw`` gives for ``labelled_condition``.
    """
    columns = [column for column in tables.columns if column.role is not Role.FEATURE]
    where = labelled_condition(columns)
    return {
        side: sample_frame(
            tables, side, columns, sample_rows(tables, side, columns, limit, where, drawn[side])
        )
        for side in Side
    }


def performance_drawing(frames: Frames, model: MonitoredModel, timestamp: datetime) -> PerformanceDrawing:
    """Draw the task's preset on sampled rows; the baseline stands beside where it can be drawn too."""
    if frames[Side.WINDOW].empty:
        return PerformanceDrawing(reason="no row has both a label and a prediction")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constant columns and tiny samples: the findings say so
        if model.output.task is Task.REGRESSION:
            return _regression(frames, model, timestamp)
        return _classification(frames, model, timestamp)


def _regression(frames: Frames, model: MonitoredModel, timestamp: datetime) -> PerformanceDrawing:
    from evidently import DataDefinition, Regression
    from evidently.presets import RegressionPreset

    current = frames[Side.WINDOW]
    if not _spread(current):
        return PerformanceDrawing(reason="fewer than two labelled rows, or labels or errors all the same")
    definition = DataDefinition(
        numerical_columns=["label", "prediction"],
        regression=[Regression(target="label", prediction="prediction")],
    )
    reference = frames[Side.BASELINE] if _spread(frames[Side.BASELINE]) else None
    return _run([RegressionPreset()], definition, Sides(current, reference), model.model, timestamp)


def _spread(frame: pd.DataFrame) -> bool:
    error = frame["prediction"] - frame["label"]
    return len(frame) > 1 and frame["label"].nunique() > 1 and error.nunique() > 1


def _classification(frames: Frames, model: MonitoredModel, timestamp: datetime) -> PerformanceDrawing:
    import pandas as pd

    reason = _undrawable(frames[Side.WINDOW], model.output)
    if reason:
        return PerformanceDrawing(reason=reason)
    values = pd.concat([frames[side][name] for side in Side for name in _ANSWERS])
    names = distinct_names(sorted(values.unique()))
    reference: pd.DataFrame | None = frames[Side.BASELINE]
    if _undrawable(frames[Side.BASELINE], model.output) or not _same_classes(frames):
        reference = None
    for frame in frames.values():
        for name in _ANSWERS:
            frame[name] = frame[name].map(names)
        # Evidently takes classes from a set, of each side anew, and names both by one: equal sets in equal order.
        frame.sort_values("label", kind="stable", inplace=True)
    current = frames[Side.WINDOW]
    items, definition = _classification_items(model.output, names, current)
    return _run(items, definition, Sides(current, reference), model.model, timestamp)


def _same_classes(frames: Frames) -> bool:
    current, reference = (set(frames[side]["label"]) for side in (Side.WINDOW, Side.BASELINE))
    return current == reference


def _undrawable(frame: pd.DataFrame, output: Output) -> str:
    """Say why Evidently cannot draw these rows.

    Whatever the task, it takes two classes for a binary problem and more for one of many classes.
    """
    classes = {*frame["label"], *frame["prediction"]}
    if frame["label"].nunique() < 2:
        return "the labels are of one class only"
    if output.task is Task.BINARY and (len(classes) != 2 or output.positive_class not in classes):
        return f"the task is binary, and the classes are {_listed(classes)}"
    if output.task is Task.MULTICLASS and len(classes) == 2:
        return f"only two of the classes occur, {_listed(classes)}"
    if len(classes) > _CLASSES:
        return f"there are {len(classes):,} classes, and {_CLASSES} can be drawn"
    return ""


def _listed(classes: set[str]) -> str:
    named = ", ".join(f"'{shown(name)}'" for name in sorted(classes)[:5])
    return named if len(classes) <= 5 else f"{named} and {len(classes) - 5:,} more"


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

    items: list[Any] = [ClassificationPreset()]
    if output.task is Task.MULTICLASS:
        tasks = [MulticlassClassification(target="label", prediction_labels="prediction")]
        return items, DataDefinition(categorical_columns=list(_ANSWERS), classification=tasks)
    positive = names[output.positive_class]
    tasks = [BinaryClassification(target="label", prediction_labels="prediction", pos_label=positive)]
    if not output.has_probability:
        return items, DataDefinition(categorical_columns=list(_ANSWERS), classification=tasks)
    tasks.append(
        BinaryClassification(
            name="probability", target="label", prediction_probas="probability", pos_label=positive
        )
    )
    items.append(RocAuc(classification_name="probability", roc_curve=True, pr_table=False))
    if current["probability"].between(0, 1).all():
        items.append(LogLoss(classification_name="probability"))
    definition = DataDefinition(
        categorical_columns=list(_ANSWERS), numerical_columns=["probability"], classification=tasks
    )
    return items, definition


def _run(
    items: list[Any], definition: Any, sides: Sides, name: str, timestamp: datetime
) -> PerformanceDrawing:
    from evidently import Dataset, Report

    current, reference = (
        None if frame is None else Dataset.from_pandas(frame.copy(), data_definition=definition)
        for frame in (sides.current, sides.reference)
    )
    try:
        snapshot = Report(items).run(current, reference, timestamp=timestamp, name=name)
    except (ValueError, LookupError, ArithmeticError) as error:
        # Plots of values that overflow, or that leave no quantile: the numbers do not come from here.
        return PerformanceDrawing(reason=f"Evidently cannot draw it: {' '.join(str(error).split())[:300]}")
    return PerformanceDrawing(dict(json.loads(snapshot.dumps())), len(sides.current))
