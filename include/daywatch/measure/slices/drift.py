"""Drift of every column of every slice: a column is read once, and cut by positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.pairs import Values
from daywatch.measure.columns.parallel import each_column
from daywatch.measure.columns.tables import Role, Side
from daywatch.measure.columns.values import read_aligned, usable
from daywatch.measure.drift.metrics import drift_metrics, drift_settings, score_sides
from daywatch.measure.drift.scoring import Score

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.counts import Facts
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Column, Tables
    from daywatch.measure.slices.partition import Cut
    from daywatch.measure.slices.volume import Slice
    from daywatch.results import Metric


def slice_drift(
    tables: Tables, model: MonitoredModel, facts: Facts, cuts: list[Cut], slices: list[Slice]
) -> dict[str, list[Metric]]:
    """Score every column of every slice but text, which Evidently compares by training a model on it.

    A column is read once. Slices with too few rows on either side are not scored.
    """
    doubled = Role.PREDICTION if model.output.has_probability else None
    columns = [
        column
        for column in tables.columns
        if column.role is not doubled and column.kind is not ColumnKind.TEXT
    ]
    scored = [one for one in slices if not any(one.lacks_rows(side) for side in Side)]
    if not scored:
        return {}
    wanted: dict[int, list[Slice]] = {}
    for one in scored:
        wanted.setdefault(one.cut[0], []).append(one)
    reasons = {
        column.name: "; ".join(filter(None, (facts[column.name][side].unusable(side) for side in Side)))
        for column in columns
    }

    def compute(column: Column, arrays: dict[Side, Array]) -> dict[str, Score]:
        found: dict[str, Score] = {}
        for number, of_cut in wanted.items():
            parts = {
                side: cuts[number].sides[side].cut(arrays[side][cuts[number].sides[side].order])
                for side in Side
            }
            for one in of_cut:
                values = {side: _usable(column, parts[side][one.cut[1]]) for side in Side}
                found[one.name] = _scored(column, one, values, model)
        return found

    readable = [column for column in columns if not reasons[column.name]]
    scores = each_column(
        readable,
        lambda column: {side: read_aligned(tables, column, side, facts) for side in Side},
        compute,
        sum(tables.count(side) for side in Side),
    )
    by_column = {column.name: found for column, found in zip(readable, scores, strict=True)}
    return {
        one.name: drift_metrics(
            [
                by_column[column.name][one.name]
                if column.name in by_column
                else Score(
                    column, method=drift_settings(model, column).method or "", note=reasons[column.name]
                )
                for column in columns
            ],
            model,
        )
        for one in scored
    }


def _usable(column: Column, part: Array) -> Values:
    mask = usable(column, part)
    return Values(part if mask.all() else part[mask])


def _scored(column: Column, one: Slice, values: dict[Side, Values], model: MonitoredModel) -> Score:
    settings = drift_settings(model, column)
    if column.role is Role.LABEL:
        lacking = next(filter(None, (one.lacks_labels(side) for side in Side)), "")
        if lacking:
            return Score(column, method=settings.method or "", note=lacking)
    return score_sides(column, values, settings)
