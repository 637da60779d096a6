"""What there is of each slice: rows, labels and missing values, on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier
from daywatch.measure.columns.tables import Role, Side
from daywatch.results import Metric

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.counts import Facts
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Column, Tables
    from daywatch.measure.slices.partition import Cut


@dataclass(frozen=True)
class Slice:
    """One slice, and what there is of it.

    Attributes:
        name: As in the warehouse.
        cut: The way of slicing it belongs to, and its number there.
        rows: Its rows on each side.
        labelled: Those with a label.
        minimum_rows: Fewer: it is not measured.
        minimum_labels: Fewer with a label: its performance is not measured.
        minimum_share: Smaller share with a label: likewise.
    """

    name: str
    cut: tuple[int, int]
    rows: dict[Side, int]
    labelled: dict[Side, int]
    minimum_rows: int
    minimum_labels: int
    minimum_share: float = 0.0

    def lacks_rows(self, side: Side) -> str:
        """Say that there are too few rows, empty where there are enough."""
        if self.rows[side] >= self.minimum_rows:
            return ""
        return f"{self.rows[side]:,} rows in the {side.noun}, fewer than the minimum of {self.minimum_rows:,}"

    def lacks_labels(self, side: Side) -> str:
        """Say that there are too few labels, empty where there are enough."""
        if lacking := self.lacks_rows(side):
            return lacking
        labelled = self.labelled[side]
        if labelled < self.minimum_labels:
            return f"{labelled:,} labelled rows in the {side.noun}, fewer than the minimum of {self.minimum_labels:,}"
        if side is Side.CURRENT and labelled < self.minimum_share * self.rows[side]:
            return (
                f"{labelled:,} of {self.rows[side]:,} rows are labelled, "
                f"less than the minimum of {self.minimum_share * 100:g} %"
            )
        return ""

    def metrics(self, metrics: list[Metric]) -> list[Metric]:
        """Return metrics as the slice's, with its rows where they do not tell theirs."""
        rows = {"rows": self.rows[Side.CURRENT], "baseline_rows": self.rows[Side.REFERENCE]}
        return [
            metric.model_copy(update={"slice": self.name} | ({} if metric.rows is not None else rows))
            for metric in metrics
        ]


def labelled_rows(tables: Tables) -> dict[Side, Array]:
    """Return for each row of both files whether it has a label."""
    return {side: tables.array(f"SELECT label IS NOT NULL AS v FROM {identifier(side)}") for side in Side}


def read_slices(model: MonitoredModel, cuts: list[Cut], labelled: dict[Side, Array]) -> list[Slice]:
    """Count rows and labels of all slices; one that has no row on either side is none."""
    minimum = model.plan.minimum
    found = []
    for number, cut in enumerate(cuts):
        counts = {side: cut.sides[side].sums(labelled[side]) for side in Side}
        for code, name in enumerate(cut.names):
            rows = {side: int(cut.sides[side].counts[code]) for side in Side}
            if not any(rows.values()):
                continue
            found.append(
                Slice(
                    name=name,
                    cut=(number, code),
                    rows=rows,
                    labelled={side: int(counts[side][code]) for side in Side},
                    minimum_rows=cut.slicing.minimum_rows or minimum.rows,
                    minimum_labels=cut.slicing.minimum_labels or minimum.labels,
                    minimum_share=minimum.label_share,
                )
            )
    return found


def volume_metrics(one: Slice, facts: Facts) -> list[Metric]:
    """Return rows and labelled rows, counts and shares; a note where the slice is not measured."""
    now, before = one.rows[Side.CURRENT], one.rows[Side.REFERENCE]
    whole = {side: facts["label"][side].rows for side in Side}
    lacking, without_baseline = one.lacks_rows(Side.CURRENT), one.lacks_rows(Side.REFERENCE)
    note = f"drift is not measured: {without_baseline}" if without_baseline else ""
    note = f"not measured: {lacking}" if lacking else note
    unlabelled = one.lacks_labels(Side.CURRENT)
    of_labels = f"performance is not measured: {unlabelled}" if unlabelled else ""
    return [
        Metric(name="rows", value=now, baseline=before, note=note),
        Metric(
            name="rows_share",
            value=_share(now, whole[Side.CURRENT]),
            baseline=_share(before, whole[Side.REFERENCE]),
            note="" if whole[Side.CURRENT] else "the window has no rows",
        ),
        Metric(
            name="labelled",
            value=one.labelled[Side.CURRENT],
            baseline=one.labelled[Side.REFERENCE],
            note=of_labels,
        ),
        Metric(
            name="labelled_share",
            value=_share(one.labelled[Side.CURRENT], now),
            baseline=_share(one.labelled[Side.REFERENCE], before),
            note="" if now else "the slice has no rows",
        ),
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def null_metrics(
    tables: Tables, model: MonitoredModel, facts: Facts, cuts: list[Cut], slices: list[Slice]
) -> dict[str, list[Metric]]:
    """Return shares of missing values by slice: of features that miss some, or that a rule on slices names."""
    named = {rule.column for rule in model.plan.rules if rule.slice and rule.metric == "null_share"}
    found: dict[str, list[Metric]] = {one.name: [] for one in slices}
    for column in tables.columns:
        sides = facts[column.name]
        missing = any(sides[side].filled < sides[side].rows for side in Side)
        if column.role is not Role.FEATURE or not (missing or column.name in named):
            continue
        nulls = {
            side: tables.array(f"SELECT {identifier(column.name)} IS NULL AS v FROM {identifier(side)}")
            for side in Side
        }
        counts = [{side: cut.sides[side].sums(nulls[side]) for side in Side} for cut in cuts]
        for one in slices:
            if one.lacks_rows(Side.CURRENT):
                continue
            number, code = one.cut
            now, before = (
                _share(int(counts[number][side][code]), one.rows[side])
                for side in (Side.CURRENT, Side.REFERENCE)
            )
            if now or before or column.name in named:
                found[one.name].append(_null_share(column, now, before, model.drift.null_share_rise))
    return found


def _null_share(column: Column, now: float | None, before: float | None, rise: float) -> Metric:
    threshold = None if before is None else before + rise
    return Metric(
        name="null_share",
        column=column.name,
        value=now,
        baseline=before,
        threshold=threshold,
        alert=None if now is None or threshold is None else now > threshold,
    )
