"""Measure all slices of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.measure.columns.tables import Side
from daywatch.measure.slices.drift import slice_drift
from daywatch.measure.slices.partition import read_partitions, slice_rows
from daywatch.measure.slices.performance import slice_performance
from daywatch.measure.slices.volume import count_slices, label_masks, null_metrics, volume_metrics

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.counts import CountsByColumn
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.performance.performance import PerformanceEvaluator
    from daywatch.measure.slices.custom_metrics import CustomMetrics
    from daywatch.results import BadSlice, Finding, Metric


@dataclass(frozen=True)
class SliceResults:
    """The results of all slices.

    Attributes:
        metrics: The metrics of the first slice, then of the second, and so on.
        bad: Slices that predict worse than in the baseline by more than chance, the worst first.
        findings: The worst slice in a sentence, if there is one.
        rows: The window's row positions of each slice with enough rows, by slice name, one dict a partition.
    """

    metrics: tuple[Metric, ...] = ()
    bad: tuple[BadSlice, ...] = ()
    findings: tuple[Finding, ...] = ()
    rows: tuple[dict[str, Array], ...] = ()


def measure_slices(
    tables: Tables,
    model: MonitoredModel,
    counts: CountsByColumn,
    performance: PerformanceEvaluator,
    window: list[Metric],
    custom: CustomMetrics,
) -> SliceResults:
    """Measure the model's slices; each column is read once for all of them.

    Args:
        tables: The baseline and the window.
        model: The model, which defines the slices and how they are measured.
        counts: Counts of each column on both sides.
        performance: The evaluator of the same tables.
        window: The performance metrics of the whole window.
        custom: The custom metrics of the same files.
    """
    if not model.slices:
        return SliceResults()
    partitions = read_partitions(tables, model)
    labelled = label_masks(tables)
    slices = count_slices(model, partitions, labelled)
    nulls = null_metrics(tables, model, counts, partitions, slices)
    drift = slice_drift(tables, model, counts, partitions, slices)
    defined = custom.of_slices(partitions, slices)
    performed = slice_performance(performance, model, partitions, slices, labelled, window)
    slices = [one.without_minimum() if one.name in performed.all_wrong else one for one in slices]
    metrics = tuple(
        metric
        for one in slices
        for metric in one.metrics(
            [
                *volume_metrics(one, counts),
                *nulls[one.name],
                *drift.get(one.name, ()),
                *defined[one.name],
                *performed.metrics.get(one.name, ()),
            ]
        )
    )
    rows = slice_rows(partitions, Side.WINDOW, model.plan.minimum.rows)
    return SliceResults(metrics, performed.bad, performed.findings, rows)
