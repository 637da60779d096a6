"""All that is measured of slices, together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.measure.columns.tables import Side
from daywatch.measure.slices.drift import slice_drift
from daywatch.measure.slices.partition import read_cuts, rows_of_slices
from daywatch.measure.slices.performance import slice_performance
from daywatch.measure.slices.volume import labelled_rows, null_metrics, read_slices, volume_metrics

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.counts import Facts
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.performance.performance import Performance
    from daywatch.results import BadSlice, Finding, Metric


@dataclass(frozen=True)
class Sliced:
    """What was measured of slices.

    Attributes:
        metrics: Slice by slice.
        bad: Slices that predict worse than in the baseline, by more than chance, the worst first.
        findings: The worst one in a sentence.
        ways: Positions of the window's rows of each slice that has enough of them, way of slicing by way.
    """

    metrics: tuple[Metric, ...] = ()
    bad: tuple[BadSlice, ...] = ()
    findings: tuple[Finding, ...] = ()
    ways: tuple[dict[str, Array], ...] = ()


def measure_slices(
    tables: Tables, model: MonitoredModel, facts: Facts, performance: Performance, window: list[Metric]
) -> Sliced:
    """Measure the model's slices, all in one reading a column.

    Args:
        tables: The baseline and the window.
        model: Its slices, and how they are measured.
        facts: Counts of each column on both sides.
        performance: Of the same tables.
        window: Performance of the whole window.
    """
    if not model.slices:
        return Sliced()
    cuts = read_cuts(tables, model)
    labelled = labelled_rows(tables)
    slices = read_slices(model, cuts, labelled)
    nulls = null_metrics(tables, model, facts, cuts, slices)
    drift = slice_drift(tables, model, facts, cuts, slices)
    performed = slice_performance(performance, model, cuts, slices, labelled, window)
    metrics = tuple(
        metric
        for one in slices
        for metric in one.metrics(
            [
                *volume_metrics(one, facts),
                *nulls[one.name],
                *drift.get(one.name, ()),
                *performed.metrics.get(one.name, ()),
            ]
        )
    )
    ways = rows_of_slices(cuts, Side.CURRENT, model.plan.minimum.rows)
    return Sliced(metrics, performed.bad, performed.findings, ways)
