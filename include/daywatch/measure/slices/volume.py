"""How many rows, labels and missing values each slice has, on both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier
from daywatch.measure.columns.data_metrics import null_share_metric
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side
from daywatch.profiles.profile import null_share
from daywatch.results import Metric

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.counts import CountsByColumn
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.slices.partition import Partition


@dataclass(frozen=True)
class SliceCounts:
    """How many rows and labels one slice has.

    Attributes:
        name: The slice's name, as in the warehouse.
        partition: Position of its partition in the list of partitions.
        number: Its number within the partition.
        rows: How many rows it has on each side.
        labelled: How many of them have a label.
        minimum_rows: With fewer rows, the slice is not measured.
        minimum_labels: With fewer labelled rows, its performance is not measured.
        minimum_share: With a smaller share of labelled rows, its performance is not measured.
    """

    name: str
    partition: int
    number: int
    rows: dict[Side, int]
    labelled: dict[Side, int]
    minimum_rows: int
    minimum_labels: int
    minimum_share: float = 0.0

    def lacks_rows(self, side: Side) -> str:
        """Return a sentence if there are too few rows, and an empty text if there are enough."""
        if self.rows[side] >= self.minimum_rows:
            return ""
        return f"{self.rows[side]:,} rows in the {side}, fewer than the minimum of {self.minimum_rows:,}"

    def lacks_labels(self, side: Side) -> str:
        """Return a sentence if there are too few labels, and an empty text if there are enough."""
        if lacking := self.lacks_rows(side):
            return lacking
        labelled = self.labelled[side]
        if labelled < self.minimum_labels:
            return (
                f"{labelled:,} labelled rows in the {side}, fewer than the minimum of {self.minimum_labels:,}"
            )
        if side is Side.WINDOW and labelled < self.minimum_share * self.rows[side]:
            return (
                f"{labelled:,} of {self.rows[side]:,} rows are labelled, "
                f"less than the minimum of {self.minimum_share * 100:g} %"
            )
        return ""

    def without_minimum(self) -> SliceCounts:
        """Return the same counts of a slice for which the rows and labels of the window are enough."""
        rows, labels = self.rows[Side.WINDOW], self.labelled[Side.WINDOW]
        return replace(self, minimum_rows=rows, minimum_labels=labels, minimum_share=0.0)

    def metrics(self, metrics: list[Metric]) -> list[Metric]:
        """Return the metrics with the slice's name, and with its rows where a metric has no rows of its own."""
        rows = {"rows": self.rows[Side.WINDOW], "baseline_rows": self.rows[Side.BASELINE]}
        return [
            metric.model_copy(update={"slice": self.name} | ({} if metric.rows is not None else rows))
            for metric in metrics
        ]


def label_masks(tables: Tables) -> dict[Side, Array]:
    """Return for each row of both files whether it has a label."""
    return {side: tables.array(f"SELECT label IS NOT NULL AS v FROM {identifier(side)}") for side in Side}


def count_slices(
    model: MonitoredModel, partitions: list[Partition], labelled: dict[Side, Array]
) -> list[SliceCounts]:
    """Count rows and labels of all slices; a slice without a row on either side is left out."""
    minimum = model.plan.minimum
    found = []
    for position, partition in enumerate(partitions):
        labels = {side: partition.index[side].sums(labelled[side]) for side in Side}
        for number, name in enumerate(partition.names):
            rows = {side: int(partition.index[side].counts[number]) for side in Side}
            if not any(rows.values()):
                continue
            found.append(
                SliceCounts(
                    name=name,
                    partition=position,
                    number=number,
                    rows=rows,
                    labelled={side: int(labels[side][number]) for side in Side},
                    minimum_rows=partition.definition.minimum_rows or minimum.rows,
                    minimum_labels=partition.definition.minimum_labels or minimum.labels,
                    minimum_share=minimum.label_share,
                )
            )
    return found


def volume_metrics(one: SliceCounts, counts: CountsByColumn) -> list[Metric]:
    """Return counts and shares of rows and labelled rows, with a note where the slice is not measured."""
    rows, baseline_rows = one.rows[Side.WINDOW], one.rows[Side.BASELINE]
    whole = {side: counts["label"][side].rows for side in Side}
    lacking, without_baseline = one.lacks_rows(Side.WINDOW), one.lacks_rows(Side.BASELINE)
    note = f"drift is not measured: {without_baseline}" if without_baseline else ""
    note = f"not measured: {lacking}" if lacking else note
    unlabelled = one.lacks_labels(Side.WINDOW)
    of_labels = f"performance is not measured: {unlabelled}" if unlabelled else ""
    return [
        Metric(name="rows", value=rows, baseline=baseline_rows, note=note),
        Metric(
            name="rows_share",
            value=_share(rows, whole[Side.WINDOW]),
            baseline=_share(baseline_rows, whole[Side.BASELINE]),
            note="" if whole[Side.WINDOW] else "the window has no rows",
        ),
        Metric(
            name="labelled",
            value=one.labelled[Side.WINDOW],
            baseline=one.labelled[Side.BASELINE],
            threshold=one.minimum_labels,
            note=of_labels,
        ),
        Metric(
            name="labelled_share",
            value=_share(one.labelled[Side.WINDOW], rows),
            baseline=_share(one.labelled[Side.BASELINE], baseline_rows),
            note="" if rows else "the slice has no rows",
        ),
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def null_metrics(
    tables: Tables,
    model: MonitoredModel,
    counts: CountsByColumn,
    partitions: list[Partition],
    slices: list[SliceCounts],
) -> dict[str, list[Metric]]:
    """Return shares of missing values by slice: of features with missing values, or named by a rule on slices."""
    named = {rule.column for rule in model.plan.all_rules if rule.slice and rule.metric == "null_share"}
    found: dict[str, list[Metric]] = {one.name: [] for one in slices}
    for column in tables.columns:
        sides = counts[column.name]
        missing = any(sides[side].filled < sides[side].rows for side in Side)
        if column.role is not Role.FEATURE or not (missing or column.name in named):
            continue
        nulls = {
            side: tables.array(f"SELECT {identifier(column.name)} IS NULL AS v FROM {identifier(side)}")
            for side in Side
        }
        missed = [
            {side: partition.index[side].sums(nulls[side]) for side in Side} for partition in partitions
        ]
        for one in slices:
            if one.lacks_rows(Side.WINDOW):
                continue
            share, baseline_share = (
                null_share(int(missed[one.partition][side][one.number]), one.rows[side])
                for side in (Side.WINDOW, Side.BASELINE)
            )
            if share or baseline_share or column.name in named:
                found[one.name].append(
                    null_share_metric(column.name, share, baseline_share, model.drift.null_share_rise)
                )
    return found
