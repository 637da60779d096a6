"""The findings of the checks of sanity: of a baseline before it is frozen, and of each window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.columns import Task
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.performance.performance import PerformanceEvaluator
from daywatch.measure.sanity.chance import classifier_chance, regression_chance
from daywatch.measure.sanity.checks import judges_predictions, lost, unsound
from daywatch.measure.sanity.sides import side_evidence
from daywatch.results import Finding, FindingCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.counts import CountsByColumn
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.sanity.chance import Chance
    from daywatch.profiles.profile import Profile
    from daywatch.results import ConfusionCell, Metric


def baseline_findings(
    rows: Path, model: MonitoredModel, profile: Profile, scratch: Path, columns: Sequence[str] = ()
) -> list[Finding]:
    """Return what makes rows useless as a baseline, empty where nothing does.

    Args:
        rows: Canonical Parquet of the rows, with labels joined.
        model: The model's configuration.
        profile: The profile of the rows.
        scratch: Folder that DuckDB may spill into.
        columns: The names that the captures themselves have, where they are known.
    """
    filled = {one.name: one.count + one.non_finite for one in profile.columns}
    with open_tables(rows, rows, measured_columns(model), scratch) as tables:
        evaluator = PerformanceEvaluator(tables, model)
        compared = evaluator.compare_sides()
        chance = _chance(model, evaluator, compared.metrics, compared.confusion, Side.BASELINE)
        of_features = {one.name: filled.get(one.name, 0) for one in model.stored_features}
        return unsound(
            side_evidence(tables, Side.BASELINE, model.output, of_features, chance), model, columns
        )


def is_refused(finding: Finding, model: MonitoredModel) -> bool:
    """Return whether a baseline with this finding is refused unless a person accepts it.

    A constant prediction that no label contradicts, under a plan that does not look at predictions, is a finding
    and no more.

    Args:
        finding: A finding of ``baseline_findings``.
        model: The model's configuration.
    """
    return (
        finding.code is not FindingCode.CONSTANT_PREDICTION
        or model.labels is not None
        or judges_predictions(model)
    )


def window_findings(
    tables: Tables,
    model: MonitoredModel,
    counts: CountsByColumn,
    evaluator: PerformanceEvaluator,
    metrics: Iterable[Metric],
    cells: Iterable[ConfusionCell],
) -> list[Finding]:
    """Return what a window has lost of its baseline's evidence, and what the baseline itself lacks.

    Args:
        tables: The baseline and the window.
        model: The model's configuration.
        counts: Counts of each column on both sides.
        evaluator: The evaluator of the model's performance.
        metrics: The performance metrics of both sides.
        cells: The confusion matrix of both sides.
    """
    metrics, cells = list(metrics), list(cells)
    baseline, window = (
        side_evidence(
            tables,
            side,
            model.output,
            _filled(model, counts, side),
            _chance(model, evaluator, metrics, cells, side),
        )
        for side in (Side.BASELINE, Side.WINDOW)
    )
    accepted = [
        one.model_copy(
            update={"code": FindingCode.BASELINE_UNSOUND, "detail": f"in the baseline, {one.detail}"}
        )
        for one in unsound(baseline, model)
    ]
    return [*lost(tables, window, baseline, model), *accepted]


def _filled(model: MonitoredModel, counts: CountsByColumn, side: Side) -> Mapping[str, int]:
    return {one.name: counts[one.name][side].filled for one in model.stored_features}


def _chance(
    model: MonitoredModel,
    evaluator: PerformanceEvaluator,
    metrics: Iterable[Metric],
    cells: Iterable[ConfusionCell],
    side: Side,
) -> Chance | None:
    if model.output.task is Task.REGRESSION:
        rows = evaluator.labelled_rows(side)
        return regression_chance(rows.label, rows.prediction)
    return classifier_chance(model.output, metrics, cells, side)
