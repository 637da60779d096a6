"""The search for causes: deterministic, over the columns that stand out and over the fall of performance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.budget import SEARCHED_COLUMNS
from daywatch.measure.causes.columns.categories import category_diagnoses, missing_diagnosis
from daywatch.measure.causes.columns.exchanged import exchanged_columns
from daywatch.measure.causes.columns.location import located
from daywatch.measure.causes.columns.numbers import number_diagnoses
from daywatch.measure.causes.effect import FallOfPerformance
from daywatch.measure.causes.labels import label_diagnoses
from daywatch.measure.causes.traffic import doubled_traffic
from daywatch.measure.causes.view import SearchView
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.causes.diagnosis import Diagnosis
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.performance.performance import PerformanceEvaluator
    from daywatch.profiles.profile import Profile
    from daywatch.results import Metric

_OF_VALUES = ("drift_score", "prediction_drift", "target_drift", "out_of_range_share", "new_category_share")
"""Metrics by which the values of a column stand out; missing ones are none."""

_ANSWERS = (Role.PREDICTION, Role.PROBABILITY)

_MORE_ROWS = 1.3
"""From so many times the baseline's mean day on, the search asks whether rows repeat others."""


def search_causes(
    tables: Tables,
    model: MonitoredModel,
    metrics: Sequence[Metric],
    evaluator: PerformanceEvaluator,
    baseline: Profile | None,
) -> tuple[Diagnosis, ...]:
    """Return what explains what stands out in a window, in a fixed order: what one judges is decided elsewhere.

    Args:
        tables: The baseline and the window.
        model: The model's configuration.
        metrics: The metrics of the window, with their alerts.
        evaluator: The evaluator of the model's performance.
        baseline: The baseline's profile, for its rows a day; None where it is not known.
    """
    of_window = tuple(one for one in metrics if not one.slice)
    moved = frozenset(one.column for one in of_window if one.alert and one.name in _OF_VALUES)
    standing_out = moved | {one.column for one in of_window if one.alert and one.name == "null_share"}
    changed = [one for one in tables.columns if one.name in standing_out][:SEARCHED_COLUMNS]
    if any(one.name == "probability" for one in changed):
        changed = [one for one in changed if one.role is not Role.PREDICTION]
    view = SearchView(tables, model, of_window, tuple(changed), moved)
    return tuple(_diagnoses(view, FallOfPerformance(view, evaluator), baseline))


def _diagnoses(view: SearchView, fall: FallOfPerformance, baseline: Profile | None) -> Iterator[Diagnosis]:
    exchanged = list(exchanged_columns(view))
    yield from exchanged
    done = {name for one in exchanged for name in one.columns}
    of_answers = False
    for column in view.changed:
        if column.name not in done and column.kind is not ColumnKind.TEXT:
            for one in _of_column(view, fall, column):
                of_answers = of_answers or column.role in _ANSWERS
                yield one
    if not of_answers:  # what is wrong with the answers shows in the labels' metrics too
        yield from label_diagnoses(view)
    if baseline is not None and baseline.days:
        rows_a_day = baseline.rows / len(baseline.days)
        if view.rows(Side.WINDOW) >= _MORE_ROWS * rows_a_day and (doubled := doubled_traffic(view)):
            yield doubled


def _of_column(view: SearchView, fall: FallOfPerformance, column: Column) -> Iterator[Diagnosis]:
    found = []
    if column.role is not Role.LABEL and (missing := missing_diagnosis(view, column)):
        found.append(missing)
    of_kind = number_diagnoses if column.kind is ColumnKind.NUMERIC else category_diagnoses
    found += list(of_kind(view, column)) if column.name in view.moved else []
    for diagnosis, affected in found:
        place = None if diagnosis.slice or affected == "TRUE" else located(view, affected, column.name)
        whole = diagnosis
        if place is not None:
            words = f"{diagnosis.sentence}; {place.words}"
            whole = diagnosis.model_copy(update={"slice": place.slice, "sentence": words})
        yield fall.explained_by(whole, affected)
