"""Evidently's classification and regression presets, plotted from sampled labelled rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from daywatch.config.drift_methods import ColumnKind
from daywatch.config.model.columns import Output, Task
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.measure.evidently_alone import evidently_alone
from daywatch.measure.evidently_report.patches import patched
from daywatch.measure.evidently_report.sample import Frames, distinct_names, sample_frame, sample_rows
from daywatch.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pandas as pd

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.evidently_report.patches import Patch

_CLASSES = 50
_ANSWERS = ("label", "prediction")


@dataclass(frozen=True)
class PerformancePlots:
    """The performance section of the report.

    Attributes:
        document: Evidently's snapshot, None where nothing was plotted.
        rows: Sampled labelled rows of the window.
        reason: Why nothing was plotted.
    """

    document: dict[str, Any] | None = None
    rows: int = 0
    reason: str = ""


class Sides(NamedTuple):
    """The sampled rows; the baseline's only where they can be plotted too."""

    current: pd.DataFrame
    reference: pd.DataFrame | None


def labelled_condition(columns: Iterable[Column]) -> str:
    """Return SQL for the rows from which performance can be plotted: with a label and all of the answer."""
    test = {ColumnKind.NUMERIC: 'isfinite("{}")', ColumnKind.CATEGORICAL: '"{}" IS NOT NULL'}
    return " AND ".join(
        test[column.kind].format(column.name) for column in columns if column.role is not Role.FEATURE
    )


def performance_sample(tables: Tables, limit: int, positions: dict[Side, list[int]]) -> Frames:
    """Return a sample of the labelled rows of both sides, for the plots of performance.

    Args:
        tables: The baseline and the window.
        limit: The largest number of rows of a side.
        positions: Of each side, what ``sample_positions`` returns for ``labelled_condition``.
    """
    columns = [column for column in tables.columns if column.role is not Role.FEATURE]
    where = labelled_condition(columns)
    return {
        side: sample_frame(
            tables, side, columns, sample_rows(tables, side, columns, limit, where, positions[side])
        )
        for side in Side
    }


def plot_performance(
    frames: Frames, model: MonitoredModel, timestamp: datetime, patches: Iterable[Patch]
) -> PerformancePlots:
    """Plot Evidently's preset of the model's task; next to it the baseline, where it can be plotted too.

    Args:
        frames: The sampled rows of both sides.
        model: The monitored model; its output says what the task is.
        timestamp: Time that the snapshot states, UTC.
        patches: Changes to Evidently and Plotly while it plots.
    """
    if frames[Side.WINDOW].empty:
        return PerformancePlots(reason="no row has both a label and a prediction")
    with evidently_alone(), patched(patches):
        if model.output.task is Task.REGRESSION:
            return _regression(frames, model, timestamp)
        return _classification(frames, model, timestamp)


def _regression(frames: Frames, model: MonitoredModel, timestamp: datetime) -> PerformancePlots:
    from evidently import DataDefinition, Regression
    from evidently.presets import RegressionPreset

    current = frames[Side.WINDOW]
    if not _spread(current):
        return PerformancePlots(reason="fewer than two labelled rows, or labels or errors all the same")
    definition = DataDefinition(
        numerical_columns=["label", "prediction"],
        regression=[Regression(target="label", prediction="prediction")],
    )
    reference = frames[Side.BASELINE] if _spread(frames[Side.BASELINE]) else None
    return _run([RegressionPreset()], definition, Sides(current, reference), model.model, timestamp)


def _spread(frame: pd.DataFrame) -> bool:
    error = frame["prediction"] - frame["label"]
    return len(frame) > 1 and frame["label"].nunique() > 1 and error.nunique() > 1


def _classification(frames: Frames, model: MonitoredModel, timestamp: datetime) -> PerformancePlots:
    import pandas as pd

    reason = _unplottable(frames[Side.WINDOW], model.output)
    if reason:
        return PerformancePlots(reason=reason)
    values = pd.concat([frames[side][name] for side in Side for name in _ANSWERS])
    names = distinct_names(sorted(values.unique()))
    reference: pd.DataFrame | None = frames[Side.BASELINE]
    if _unplottable(frames[Side.BASELINE], model.output) or not _same_classes(frames):
        reference = None
    for frame in frames.values():
        for name in _ANSWERS:
            frame[name] = frame[name].map(names)
        # Evidently takes the classes of each side from a set, and names both sides by one: equal order is needed.
        frame.sort_values("label", kind="stable", inplace=True)
    current = frames[Side.WINDOW]
    items, definition = _classification_items(model.output, names, current)
    return _run(items, definition, Sides(current, reference), model.model, timestamp)


def _same_classes(frames: Frames) -> bool:
    current, reference = (set(frames[side]["label"]) for side in (Side.WINDOW, Side.BASELINE))
    return current == reference


def _unplottable(frame: pd.DataFrame, output: Output) -> str:
    """Say why Evidently cannot plot these rows.

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
        return f"there are {len(classes):,} classes, and {_CLASSES} can be plotted"
    return ""


def _listed(classes: set[str]) -> str:
    named = ", ".join(f"'{shown(name)}'" for name in sorted(classes)[:5])
    return named if len(classes) <= 5 else f"{named} and {len(classes) - 5:,} more"


def _classification_items(
    output: Output, names: dict[str, str], current: pd.DataFrame
) -> tuple[list[Any], Any]:
    """Return what to plot: the preset on predicted classes, and the curves of the probability.

    To Evidently they are two tasks: given both in one, it would ignore the model's own predictions and cut
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


def _run(items: list[Any], definition: Any, sides: Sides, name: str, timestamp: datetime) -> PerformancePlots:
    from evidently import Dataset, Report

    current, reference = (
        None if frame is None else Dataset.from_pandas(frame.copy(), data_definition=definition)
        for frame in (sides.current, sides.reference)
    )
    try:
        snapshot = Report(items).run(current, reference, timestamp=timestamp, name=name)
    except (ValueError, LookupError, ArithmeticError) as error:
        # Plots of values that overflow, or that leave no quantile: the numbers do not come from here.
        return PerformancePlots(reason=f"Evidently cannot plot it: {' '.join(str(error).split())[:300]}")
    return PerformancePlots(dict(json.loads(snapshot.dumps())), len(sides.current))
