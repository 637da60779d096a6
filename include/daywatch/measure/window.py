"""Measure a window: compare it with its baseline, column by column."""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.engine.duck import identifier
from daywatch.measure.calibration.compared import (
    NEW_CATEGORY,
    category_metrics,
    performance_alerts,
    range_metrics,
    ranges_of,
    with_limit,
)
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.causes.search import search_causes
from daywatch.measure.column_pass import read_columns
from daywatch.measure.columns.categories import category_findings
from daywatch.measure.columns.column_findings import column_findings, unknown_columns
from daywatch.measure.columns.data_metrics import data_metrics
from daywatch.measure.columns.measured_columns import compared_columns, measured_columns
from daywatch.measure.columns.prediction_correlation import correlation_findings, correlation_metrics
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.columns.words import new_words, word_findings, word_metrics
from daywatch.measure.drift.metrics import drift_metrics
from daywatch.measure.drift.priority import ranked_columns
from daywatch.measure.evidently_report.drift_section import scored_columns
from daywatch.measure.evidently_report.performance_section import labelled_condition, performance_sample
from daywatch.measure.evidently_report.renderer import ReportFiles, ReportRenderer
from daywatch.measure.evidently_report.sample import drift_sample, sample_positions, sample_rows
from daywatch.measure.performance.performance import (
    PerformanceEvaluator,
    SideComparison,
    label_findings,
    with_baseline_values,
)
from daywatch.measure.sanity.findings import window_findings
from daywatch.measure.service.past_windows import PastVolume, Served
from daywatch.measure.slices.custom_metrics import open_custom_metrics
from daywatch.measure.slices.measure_slices import measure_slices
from daywatch.results import DATA_FAULTS, BadSlice, CategoryRows, ConfusionCell, Finding, Metric, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.calibration.limits import Calibration
    from daywatch.measure.column_pass import ColumnResults
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.columns.words import NewWords
    from daywatch.profiles.profile import Profile


class Measurement(Record):
    """The content of a window's ``measurement.json``.

    Attributes:
        metrics: Numbers, in a fixed order: data, drift, performance, slices, captures, operations, versions.
        findings: What a person should know: of the whole window first, then by column in the model's order.
        served: What served the window: model versions, variants, sampling percentages.
        confusion: The confusion matrix of the labelled rows, empty for a regression.
        bad_slices: Slices that predict worse than in the baseline by more than chance, the worst first.
        diagnoses: What explains what stands out in columns, labels and rows.
        unlisted_categories: Rows of the baseline for frequent categories that its profile does not list.
        baseline_volumes: Records of the baseline's days of the same weekday. None in a file of an older version, whose
            metrics and findings include those of the volume.
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    served: tuple[Served, ...] = ()
    confusion: tuple[ConfusionCell, ...] = ()
    bad_slices: tuple[BadSlice, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    unlisted_categories: tuple[CategoryRows, ...] = ()
    baseline_volumes: tuple[PastVolume, ...] | None = None


@dataclass(frozen=True)
class MeasureResult:
    """A measurement, and Evidently's report, which another thread may still write.

    As a context manager it waits for the report.

    Attributes:
        measurement: Numbers and findings.
        report: Evidently's files.
        slice_rows: The window's row positions of each slice with enough rows, by slice name, one dict a partition.
        profiled: Fields of the window's profile that the measurement already computed, by column name.
    """

    measurement: Measurement
    report: Future[ReportFiles]
    slice_rows: tuple[dict[str, Array], ...] = ()
    profiled: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def html(self) -> Path:
        """Evidently's report, one file that needs no network; waits for it."""
        return self.report.result().html

    @property
    def snapshot(self) -> Path:
        """Evidently's snapshot, JSON; waits for it."""
        return self.report.result().snapshot

    def __enter__(self) -> MeasureResult:
        return self

    def __exit__(self, *_: object) -> None:
        wait([self.report])


def measure_window(
    baseline: Path,
    window: Path,
    model: MonitoredModel,
    scratch: Path,
    baseline_profile: Profile | None = None,
    library_patches: bool = True,
    calibration: Calibration | None = None,
    performance_rows: Path | None = None,
) -> MeasureResult:
    """Compare a window with its baseline; the same files give the same bytes.

    The report's thread starts each part of the report as soon as its rows are sampled.

    Args:
        baseline: Canonical Parquet of the baseline.
        window: Canonical Parquet of the window, with labels joined.
        model: The model, which says which columns there are and how they are compared.
        scratch: Folder for the report's files and for what DuckDB spills.
        baseline_profile: The baseline's profile, if the window is to be profiled too.
        library_patches: Whether Evidently and Plotly are patched while they plot; the results are the same.
        calibration: The baseline's calibration, of a model whose plan has the standard rules.
        performance_rows: Canonical Parquet of the days that the baseline has its performance from; None for its own.
    """
    columns = measured_columns(model)
    with (
        open_tables(baseline, window, columns, scratch, model.kept_in_slices) as tables,
        open_custom_metrics(baseline, window, model, scratch) as custom,
        ReportRenderer(model, _timestamp(tables), scratch, library_patches) as renderer,
    ):
        limit = model.drift.drawing_rows
        conditions = ("TRUE", labelled_condition(columns))
        sampled = {side: sample_positions(tables, side, limit, *conditions) for side in Side}
        labelled = {side: labelled_rows for side, (_, labelled_rows) in sampled.items()}
        performance_plots = renderer.performance(performance_sample(tables, limit, labelled))
        rows = {
            side: sample_rows(tables, side, compared_columns(columns, model), limit, positions=all_rows)
            for side, (all_rows, _) in sampled.items()
        }
        ranges = ranges_of(calibration, baseline_profile, model.plan.all_rules)
        read = read_columns(tables, model, rows, baseline_profile, calibration, ranges)
        frames = drift_sample(tables, scored_columns(read.scores), rows, read.sampled)
        drift_plots = renderer.drift(read.scores, frames)
        words = new_words(tables, read.counts)
        correlations = correlation_metrics(read.correlations)
        evaluator = PerformanceEvaluator(tables, model)
        performance = (
            evaluator.compare_sides()
            if performance_rows is None
            else _performance_against(performance_rows, window, model, scratch)
        )
        compared = with_baseline_values(performance.metrics, model.plan.baseline_values)
        metrics = [
            *data_metrics(tables, read.counts, model.drift.null_share_rise),
            *drift_metrics(read.scores, model),
            *word_metrics(words, model.drift.new_words_share),
            *correlations,
            *custom.of_window(),
            *compared,
        ]
        sanity = window_findings(
            tables, model, read.counts, evaluator, performance.metrics, performance.confusion
        )
        of_columns = list(_findings(tables, model, read, words, sanity))
        metrics += [
            *range_metrics(read.outside, ranges, calibration),
            *category_metrics(of_columns, _categories(read, model, calibration), calibration),
        ]
        if calibration is not None:
            metrics = _calibrated(metrics, calibration)
        diagnoses = search_causes(tables, model, metrics, evaluator, baseline_profile)
        slices = measure_slices(tables, model, read.counts, evaluator, compared, custom)
        measurement = Measurement(
            metrics=(*metrics, *slices.metrics),
            findings=(
                *sanity,
                *slices.findings,
                *performance.findings,
                *of_columns,
            ),
            confusion=tuple(performance.confusion),
            bad_slices=slices.bad,
            diagnoses=diagnoses,
        )
        ranked = ranked_columns(read.scores, model, correlations)
        report = renderer.write(drift_plots, performance_plots, metrics, ranked)
        return MeasureResult(measurement, report, slices.rows, read.profiled)


def _categories(
    read: ColumnResults, model: MonitoredModel, calibration: Calibration | None
) -> dict[str, int]:
    """Return the columns whose new categories are counted, with the window's values of each."""
    named = {rule.column for rule in model.plan.all_rules if rule.metric == NEW_CATEGORY}
    if calibration is not None:
        named |= {one.column for one in calibration.shares if one.metric == NEW_CATEGORY}
    return {name: sides[Side.WINDOW].filled for name, sides in read.counts.items() if name in named}


def _calibrated(metrics: list[Metric], calibration: Calibration) -> list[Metric]:
    """Return the metrics with the thresholds of the baseline."""
    (rows,) = (int(one.value or 0) for one in metrics if one.name == "rows")
    compared = (with_limit(one, rows, calibration) if one.name == "null_share" else one for one in metrics)
    return list(performance_alerts(compared, calibration))


def _findings(
    tables: Tables,
    model: MonitoredModel,
    read: ColumnResults,
    words: list[NewWords],
    sanity: list[Finding],
) -> Iterator[Finding]:
    """Yield the findings: of the whole window first, then by column, without those of sanity in other words."""
    faulty = {one.column for one in sanity if one.code in DATA_FAULTS}
    yield from correlation_findings(read.correlations)
    yield from unknown_columns(tables)
    for column in tables.columns:
        if column.name not in faulty:
            yield from column_findings(column, read.counts)
        if column.name not in read.same_categories:
            yield from category_findings(tables, column, read.counts)
        yield from word_findings(words, column, model.drift.new_words_share)
    yield from label_findings(tables, model.output)


def _timestamp(tables: Tables) -> datetime:
    """Return the time of the window's last inference, so that the same window always gives the same report."""
    ((last,),) = tables.rows(f"SELECT epoch_us(max(inference_time)) FROM {identifier(Side.WINDOW)}")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=last or 0)


def _performance_against(rows: Path, window: Path, model: MonitoredModel, scratch: Path) -> SideComparison:
    """Compare the window's performance with that of other rows than the baseline's."""
    folder = scratch / "performance"  # two DuckDBs may not spill into one folder
    folder.mkdir(exist_ok=True)
    with open_tables(rows, window, measured_columns(model), folder) as tables:
        return PerformanceEvaluator(tables, model).compare_sides()
