"""What is measured of each slice: volume, missing values, drift; each with the slice's own rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier
from daywatch.measure.column_values import read_aligned, usable
from daywatch.measure.drift import drift_metrics, drift_settings, score_sides
from daywatch.measure.kernels.values import Values
from daywatch.measure.overlapped import each_column
from daywatch.measure.score import Score
from daywatch.measure.stat_tests import Kind
from daywatch.measure.tables import Role, Side
from daywatch.results import Metric

if TYPE_CHECKING:
    from daywatch.config.model import MonitoredModel
    from daywatch.measure.facts import Facts
    from daywatch.measure.kernels.values import Array
    from daywatch.measure.slices import Cut
    from daywatch.measure.tables import Column, Tables


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


def slice_drift(
    tables: Tables, model: MonitoredModel, facts: Facts, cuts: list[Cut], slices: list[Slice]
) -> dict[str, list[Metric]]:
    """Score every column of every slice but text, which Evidently compares by training a model on it.

    A column is read once. Slices with too few rows on either side are not scored.
    """
    doubled = Role.PREDICTION if model.output.has_probability else None
    columns = [
        column for column in tables.columns if column.role is not doubled and column.kind is not Kind.TEXT
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
        facts,
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
