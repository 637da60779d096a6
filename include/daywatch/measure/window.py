"""The stage: measure a window against its baseline."""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.measure.column_pass import compared_columns, read_columns
from daywatch.measure.columns.categories import category_findings
from daywatch.measure.columns.counts import column_findings, data_metrics, unknown_columns
from daywatch.measure.columns.prediction_correlation import correlation_findings, correlation_metrics
from daywatch.measure.columns.tables import Side, measured_columns, open_tables
from daywatch.measure.columns.words import new_words, word_findings, word_metrics
from daywatch.measure.drift.metrics import drift_metrics
from daywatch.measure.drift.priority import ranked_columns
from daywatch.measure.evidently_report.drift_section import scored_columns
from daywatch.measure.evidently_report.performance_section import labelled_condition, performance_sample
from daywatch.measure.evidently_report.renderer import ReportFiles, ReportRenderer
from daywatch.measure.evidently_report.sample import drift_sample, sample_positions, sample_rows
from daywatch.measure.performance.performance import Performance, class_findings
from daywatch.measure.service.past_windows import Served
from daywatch.measure.slices.measure_slices import measure_slices
from daywatch.results import BadSlice, ConfusionCell, Finding, Metric, Record

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Tables
    from daywatch.profiles.profile import Profile


class Measurement(Record):
    """What was measured of a window.

    Attributes:
        metrics: Numbers, in a fixed order: data, drift, performance, slices, captures, operations, versions.
        findings: What a person should know: of the whole window first, then by column in the model's order.
        served: What served the window: versions, variants, sampling percentages.
        confusion: Of a classifier, the confusion matrix of its labelled rows.
        bad_slices: Slices that predict worse than in the baseline, by more than chance, the worst first.
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    served: tuple[Served, ...] = ()
    confusion: tuple[ConfusionCell, ...] = ()
    bad_slices: tuple[BadSlice, ...] = ()


@dataclass(frozen=True)
class Measured:
    """The measurement, and Evidently's files beside it, which may still be drawn: leaving the context waits.

    Attributes:
        measurement: Numbers and findings.
        report: Evidently's files.
        ways: Positions of the window's rows of each slice that has enough of them, way of slicing by way.
        profiled: Fields of the window's profile that were measured on the way, by column.
    """

    measurement: Measurement
    report: Future[ReportFiles]
    ways: tuple[dict[str, Array], ...] = ()
    profiled: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def html(self) -> Path:
        """Evidently's report, one file that needs no network; waits for it."""
        return self.report.result().html

    @property
    def snapshot(self) -> Path:
        """Evidently's snapshot, JSON; waits for it."""
        return self.report.result().snapshot

    def __enter__(self) -> Measured:
        return self

    def __exit__(self, *_: object) -> None:
        wait([self.report])


def measure_window(
    reference: Path,
    current: Path,
    model: MonitoredModel,
    scratch: Path,
    against: Profile | None = None,
    library_patches: bool = True,
) -> Measured:
    """Compare a window with its baseline; the same files give the same bytes.

    Args:
        reference: Canonical Parquet of the baseline.
        current: Canonical Parquet of the window, labels joined.
        model: Says which columns there are and how they are compared.
        scratch: Folder for the report's files and for what DuckDB spills.
        against: The baseline's profile, where the window's is to be measured too.
        library_patches: Whether Evidently and Plotly are patched while they plot; the results are the same.
    """
    columns = measured_columns(model)
    limit = model.drift.drawing_rows
    with (
        open_tables(reference, current, columns, scratch) as tables,
        ReportRenderer(model, _timestamp(tables), scratch, library_patches) as renderer,
    ):
        conditions = ("TRUE", labelled_condition(columns))
        sampled = {side: sample_positions(tables, side, limit, *conditions) for side in Side}
        labelled = {side: rows for side, (_, rows) in sampled.items()}
        performance_plots = renderer.performance(performance_sample(tables, limit, labelled))
        compared = compared_columns(tables, model)
        rows = {
            side: sample_rows(tables, side, compared, limit, positions=every)
            for side, (every, _) in sampled.items()
        }
        read = read_columns(tables, model, rows, against)
        facts, scores = read.facts, read.scores
        frames = drift_sample(tables, scored_columns(scores), rows, read.drawn)
        drift_plots = renderer.drift(scores, frames)
        words = new_words(tables, facts)
        correlations = [one.correlation for one in read.columns if one.correlation]
        correlated = correlation_metrics(correlations)
        metrics = [
            *data_metrics(tables, facts, model.drift.null_share_rise),
            *drift_metrics(scores, model),
            *word_metrics(words, model.drift.new_words_share),
            *correlated,
        ]
        performance = Performance(tables, model)
        performed, confusion = performance.window()
        metrics += performed
        sliced = measure_slices(tables, model, facts, performance, performed)
        findings = [
            *sliced.findings,
            *correlation_findings(correlations),
            *unknown_columns(tables),
            *(
                finding
                for column in columns
                for finding in (
                    *column_findings(column, facts),
                    *(
                        ()
                        if column.name in read.same_categories
                        else category_findings(tables, column, facts)
                    ),
                    *word_findings(words, column, model.drift.new_words_share),
                )
            ),
        ]
        findings += class_findings(tables, model.output)
        ranked = ranked_columns(scores, model, correlated)
        measurement = Measurement(
            metrics=(*metrics, *sliced.metrics),
            findings=tuple(findings),
            confusion=tuple(confusion),
            bad_slices=sliced.bad,
        )
        report = renderer.write(drift_plots, performance_plots, metrics, ranked)
        return Measured(measurement, report, sliced.ways, read.profiled)


def _timestamp(tables: Tables) -> datetime:
    """Return the time of the window's last inference: a report made again is the same report."""
    ((last,),) = tables.rows('SELECT epoch_us(max(inference_time)) FROM "current"')
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=last or 0)
