"""Evidently's drift report, plotted from the sampled rows, with the scores of all rows passed in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.measure.evidently_alone import evidently_alone
from daywatch.measure.evidently_report.patches import patched
from daywatch.measure.evidently_report.snapshot import empty_document, join_documents

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.drift.scoring import Score
    from daywatch.measure.evidently_report.patches import Patch
    from daywatch.measure.evidently_report.performance_section import PerformancePlots
    from daywatch.measure.evidently_report.sample import Frames

ALL_ROWS = "all rows"
"""Stands next to a method's name in the report, because the figures next to it show a sample."""


@dataclass(frozen=True)
class DriftPlots:
    """The drift section of the report.

    Attributes:
        document: Evidently's snapshot, None where no column could be plotted.
        rows: Sampled rows of each side.
        left_out: Columns that were not plotted, with the reason.
    """

    document: dict[str, Any] | None
    rows: dict[Side, int]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReportPlots:
    """The whole report.

    Attributes:
        document: Evidently's snapshot.
        rows: Sampled rows of each side.
        labelled: Sampled labelled rows of the window, 0 where performance was not plotted.
        left_out: What was not plotted, with the reason.
    """

    document: dict[str, Any]
    rows: dict[Side, int]
    labelled: int
    left_out: tuple[tuple[str, str], ...]


def scored_columns(scores: list[Score]) -> list[Column]:
    """Return the columns that have a score: only these can be plotted."""
    return [score.column for score in scores if score.value is not None]


def plot_drift(
    scores: list[Score],
    frames: Frames,
    model: MonitoredModel,
    timestamp: datetime,
    patches: Iterable[Patch],
) -> DriftPlots:
    """Plot drift of the columns that have a score.

    Args:
        scores: The scores of all rows; they are what the report shows.
        frames: The sampled rows of both sides, of the columns that have a score.
        model: The monitored model; its drift settings say what counts as drift of the whole.
        timestamp: Time that the snapshot states, UTC.
        patches: Changes to Evidently and Plotly while it plots.
    """
    left_out = [(score.column.name, score.note) for score in scores if score.value is None]
    scored = [score for score in scores if score.value is not None]
    plottable = []
    document = None
    with evidently_alone(), patched(patches):
        methods = _register(scored)
        for score in scored:
            reason = _refusal(score, methods[score.column.name], frames)
            if reason:
                left_out.append((score.column.name, reason))
            else:
                plottable.append(score)
        if plottable:
            document = _drift_snapshot(plottable, methods, frames, model, timestamp)
    rows = {side: len(frames[side]) if frames else 0 for side in Side}
    return DriftPlots(document, rows, tuple(left_out))


def join_plots(
    name: str, timestamp: datetime, drift: DriftPlots, performance: PerformancePlots
) -> ReportPlots:
    """Join both sections to one snapshot.

    Args:
        name: Name that the snapshot states.
        timestamp: Time that the snapshot states, UTC.
        drift: The section on drift.
        performance: The section on performance.
    """
    documents = [drift.document, performance.document]
    left_out = drift.left_out
    if performance.reason:
        left_out = (*left_out, ("performance", performance.reason))
    document = join_documents([empty_document(name, timestamp), *(one for one in documents if one)])
    return ReportPlots(document, drift.rows, performance.rows, left_out)


def _refusal(score: Score, method: str, frames: Frames) -> str:
    """Say why Evidently cannot plot a column's sample: it raises where a histogram is impossible."""
    from evidently.legacy.calculations import data_drift
    from evidently.legacy.core import ColumnType
    from evidently.legacy.metric_results import DatasetColumns, DatasetUtilityColumns
    from evidently.legacy.options.data_drift import DataDriftOptions

    name, kind = score.column.name, score.column.kind
    names: dict[ColumnKind, list[str]] = {each: [name] if kind is each else [] for each in ColumnKind}
    try:
        data_drift.get_one_column_drift(
            current_data=frames[Side.WINDOW][[name]],
            reference_data=frames[Side.BASELINE][[name]],
            column_name=name,
            options=DataDriftOptions(all_features_stattest=method, all_features_threshold=score.threshold),
            dataset_columns=DatasetColumns(
                utility_columns=DatasetUtilityColumns(),
                target_type=None,
                num_feature_names=names[ColumnKind.NUMERIC],
                cat_feature_names=names[ColumnKind.CATEGORICAL],
                text_feature_names=names[ColumnKind.TEXT],
                datetime_feature_names=[],
                target_names=None,
                task=None,
            ),
            column_type=ColumnType(kind.value),
            agg_data=True,
        )
    except ValueError as error:
        return f"Evidently cannot plot it: {' '.join(str(error).split())[:300]}"
    return ""


def _drift_snapshot(
    scores: list[Score],
    methods: dict[str, str],
    frames: Frames,
    model: MonitoredModel,
    timestamp: datetime,
) -> dict[str, Any]:
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift
    from evidently.presets import DataDriftPreset

    by_kind = {kind: [s.column.name for s in scores if s.column.kind is kind] for kind in ColumnKind}
    definition = DataDefinition(
        numerical_columns=by_kind[ColumnKind.NUMERIC],
        categorical_columns=by_kind[ColumnKind.CATEGORICAL],
        text_columns=by_kind[ColumnKind.TEXT],
    )
    features = [score for score in scores if score.column.role is Role.FEATURE]
    items: list[Any] = []
    if features:
        names = [score.column.name for score in features]
        items.append(
            DataDriftPreset(
                columns=names,
                drift_share=model.drift.drifted_share,
                per_column_method={name: methods[name] for name in names},
                per_column_threshold={s.column.name: s.threshold for s in features},
            )
        )
    items += [
        ValueDrift(column=score.column.name, method=methods[score.column.name], threshold=score.threshold)
        for score in scores
        if score.column.role is not Role.FEATURE
    ]
    current, reference = (
        Dataset.from_pandas(frames[side][definition_columns(definition)], data_definition=definition)
        for side in (Side.WINDOW, Side.BASELINE)
    )
    snapshot = Report(items).run(current, reference, timestamp=timestamp, name=model.model)
    return dict(json.loads(snapshot.dumps()))


def definition_columns(definition: Any) -> list[str]:
    """Return the columns that an Evidently data definition names."""
    kinds = (definition.numerical_columns, definition.categorical_columns, definition.text_columns)
    return [name for names in kinds for name in names or []]


def _register(scores: list[Score]) -> dict[str, str]:
    """Give Evidently a stat test for each method in use, which returns the score of all rows.

    Registering a name again replaces its test, so no score of an earlier window is used.
    """
    from evidently.legacy.calculations.stattests import StatTest, register_stattest
    from evidently.legacy.core import ColumnType

    by_name = {score.column.name: score for score in scores}
    titles = {score.method: score.title for score in scores}
    for method, title in titles.items():
        test = StatTest(
            name=f"{method} ({ALL_ROWS})",
            display_name=f"{title}, {ALL_ROWS}",
            allowed_feature_types=[ColumnType(kind.value) for kind in ColumnKind],
        )
        register_stattest(test, default_impl=_returning(by_name))
    return {score.column.name: f"{score.method} ({ALL_ROWS})" for score in scores}


def _returning(scores: dict[str, Score]) -> Callable[..., tuple[float, bool]]:
    def precomputed(
        reference: pd.Series, _current: pd.Series, _type: Any, _threshold: float
    ) -> tuple[float, bool]:
        score = scores[str(reference.name)]
        return float(score.value or 0.0), bool(score.drifted)

    return precomputed
