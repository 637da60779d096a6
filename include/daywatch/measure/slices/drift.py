"""Drift of each column of each slice: each column is read once and split by row positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.counts import why_unusable
from daywatch.measure.columns.measured_columns import Role, compared_columns
from daywatch.measure.columns.pairs import SideValues
from daywatch.measure.columns.parallel import each_column
from daywatch.measure.columns.tables import Side
from daywatch.measure.columns.values import read_aligned, usable_mask
from daywatch.measure.drift.metrics import drift_metrics, drift_settings, score_sides
from daywatch.measure.drift.scoring import Score

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.counts import CountsByColumn
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.slices.partition import Partition
    from daywatch.measure.slices.volume import SliceCounts
    from daywatch.results import Metric


def slice_drift(
    tables: Tables,
    model: MonitoredModel,
    counts: CountsByColumn,
    partitions: list[Partition],
    slices: list[SliceCounts],
) -> dict[str, list[Metric]]:
    """Return the drift metrics of each slice, by slice name.

    Text columns are left out: Evidently compares texts by training a model on them. Slices with too few rows on
    either side are left out too.
    """
    columns = [
        column for column in compared_columns(tables.columns, model) if column.kind is not ColumnKind.TEXT
    ]
    scored = [one for one in slices if not any(one.lacks_rows(side) for side in Side)]
    if not scored:
        return {}
    reasons = {column.name: why_unusable(counts[column.name]) for column in columns}
    readable = [column for column in columns if not reasons[column.name]]
    scores = each_column(
        readable,
        lambda column: {side: read_aligned(tables, column, side, counts) for side in Side},
        lambda column, values: _slice_scores(column, values, partitions, scored, model),
        sum(tables.count(side) for side in Side),
    )
    by_column = {column.name: found for column, found in zip(readable, scores, strict=True)}

    def score(column: Column, slice_: str) -> Score:
        if column.name in by_column:
            return by_column[column.name][slice_]
        method = drift_settings(model, column).method or ""
        return Score(column, method=method, note=reasons[column.name])

    return {one.name: drift_metrics([score(column, one.name) for column in columns], model) for one in scored}


def _slice_scores(
    column: Column,
    values: dict[Side, Array],
    partitions: list[Partition],
    slices: list[SliceCounts],
    model: MonitoredModel,
) -> dict[str, Score]:
    """Score one column of each slice; only one partition's values are in memory at a time."""
    found: dict[str, Score] = {}
    for position, partition in enumerate(partitions):
        members = [one for one in slices if one.partition == position]
        if not members:
            continue
        split = {
            side: partition.index[side].split(values[side][partition.index[side].order]) for side in Side
        }
        for one in members:
            usable = {side: _usable(column, split[side][one.number]) for side in Side}
            found[one.name] = _score(column, one, usable, model)
    return found


def _usable(column: Column, values: Array) -> SideValues:
    mask = usable_mask(column, values)
    return SideValues(values if mask.all() else values[mask])


def _score(column: Column, one: SliceCounts, values: dict[Side, SideValues], model: MonitoredModel) -> Score:
    settings = drift_settings(model, column)
    if column.role is Role.LABEL:
        lacking = next(filter(None, (one.lacks_labels(side) for side in Side)), "")
        if lacking:
            return Score(column, method=settings.method or "", note=lacking)
    return score_sides(column, values, settings)
